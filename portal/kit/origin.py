"""Forms are taken from our own pages: a browser tells where one comes from, and cannot be made to lie by a page.

Whoever tells nothing (an old browser, Stripe, a mail program) passes here and needs the form's token or another
proof.
"""

from __future__ import annotations

from typing import Final

from flask import Flask, abort, current_app, request

from portal.kit.settings import Settings

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
OURS: Final = frozenset({"same-origin", "none"})


def init_app(app: Flask) -> None:
    app.before_request(check)


def check() -> None:
    """Refuse what another site's page sends."""
    if request.method in SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    settings: Settings = current_app.extensions["settings"]
    if (site and site not in OURS) or (origin and origin not in {settings.base_url, request.host_url.rstrip("/")}):
        abort(403)
