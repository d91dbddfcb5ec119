"""What is known of the request at hand: its id, its page's nonce, and the page of ours that it came from."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import g, request


def request_id() -> str:
    """The request's number in logs, headers and error pages; made when first asked."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    return str(g.request_id)


def nonce() -> str:
    """The page's nonce, never empty: an error may be answered before anything else ran."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def back_to(target: str | None, default: str) -> str:
    """A redirect target that stays on this site: `target` if it is a plain path, else `default`."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return default
    # Before urlsplit: it drops tabs and newlines as browsers do, so that "/\t/host" would become "//host".
    if "\\" in target or any(ord(char) < 32 or ord(char) == 127 for char in target):
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc else target


def came_from() -> str | None:
    """The path of the page whose form was sent, when it is one of ours."""
    try:
        page = urlsplit(request.referrer or "")
    except ValueError:
        return None
    return back_to(page.path, "") or None if page.netloc == request.host else None
