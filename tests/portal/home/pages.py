"""Read a page as an outside check does: by its hooks."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from werkzeug.test import TestResponse

VOID = {"input", "link", "meta", "br", "hr", "img", "rect", "path", "circle"}
Attrs = dict[str, str]


@dataclass
class Hook:
    """An element that carries a hook, and the row it stands in."""

    attrs: Attrs
    row: str = ""
    text: str = ""


@dataclass
class Page(HTMLParser):
    """What stands on a page. `facts` and `actions` by name, in the order of the page."""

    facts: dict[str, list[Hook]] = field(default_factory=dict)
    actions: dict[str, list[Hook]] = field(default_factory=dict)
    rows: list[str] = field(default_factory=list)
    heading: str = ""
    title: str = ""
    lang: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, str]] = []
        self._reading: list[tuple[int, Hook]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        row = given.get("data-row") or (self._open[-1][1] if self._open else "")
        if "data-row" in given:
            self.rows.append(given["data-row"])
        if tag == "html":
            self.lang = given["lang"]
        hook = Hook(given, row)
        if name := given.get("data-action"):
            self.actions.setdefault(name, []).append(hook)
        if name := given.get("data-fact"):
            self.facts.setdefault(name, []).append(hook)
        if tag not in VOID:
            self._open.append((tag, row))
            self._reading.append((len(self._open), hook))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        while self._open and self._open.pop()[0] != tag:
            pass
        self._reading = [(depth, hook) for depth, hook in self._reading if depth <= len(self._open)]

    def handle_data(self, data: str) -> None:
        for _depth, hook in self._reading:
            hook.text += data
        tags = [tag for tag, _row in self._open]
        if "h1" in tags:
            self.heading += data
        if "title" in tags and "svg" not in tags:
            self.title += data

    def fact(self, name: str, row: str = "", attr: str = "data-value") -> str:
        """The machine form of a fact, on the page or within a row."""
        found = next(hook for hook in self.facts[name] if not row or hook.row == row)
        return found.attrs.get(attr) or found.attrs.get("datetime") or found.text.strip()

    def action(self, name: str, row: str = "") -> Attrs | None:
        return next((hook.attrs for hook in self.actions.get(name, []) if not row or hook.row == row), None)


def read(answer: TestResponse) -> Page:
    """The page of an answer that went well."""
    assert answer.status_code in {200, 422}, (answer.status_code, answer.location, answer.text[:2000])
    page = Page()
    page.feed(answer.text)
    page.heading = " ".join(page.heading.split())
    return page
