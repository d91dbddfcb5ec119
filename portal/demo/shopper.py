"""A customer's browser at a practice provider's page: looks for the form, fills it in, sends it."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.parse
import urllib.request
from typing import Final

SECONDS: Final = 10
MOST_BYTES: Final = 500_000
# The field by which our sandbox's page is told what shall happen; another emulator's page has none.
FIELD: Final = 'name="outcome"'


class _Stay(urllib.request.HTTPRedirectHandler):
    """The page sends a browser on to the portal, which need not run yet."""

    def redirect_request(self, *_args: object, **_more: object) -> None:
        return None


_browser = urllib.request.build_opener(_Stay)


def can_choose(url: str) -> bool:
    """Does the page have the form in which a customer chooses how the payment goes?"""
    return FIELD in _asked(urllib.request.Request(url))  # noqa: S310 - the portal has checked where it leads


def choose(url: str, outcome: str, method: str = "card") -> None:
    """Send the form; what became of it the provider is asked afterwards, as always."""
    body = urllib.parse.urlencode({"outcome": outcome, "method": method}).encode()
    _asked(urllib.request.Request(url, body))  # noqa: S310


def _asked(request: urllib.request.Request) -> str:
    try:
        with _browser.open(request, timeout=SECONDS) as answer:
            return str(answer.read(MOST_BYTES).decode(errors="replace"))
    except (OSError, http.client.HTTPException):  # a redirect, a refusal, or nobody there
        return ""
