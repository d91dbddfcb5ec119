"""What stands beside a route: the act that it needs, and what else holds for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, request

from portal.kit.guard.acts import ASKED_AGAIN, Act, Door

View = TypeVar("View", bound=Callable[..., Any])

_foreign: dict[str, Act | Door] = {"static": Door.PUBLIC}


def needs(act: Act | Door) -> Callable[[View], View]:
    """Declare what a route needs. Stands directly under the route decorator."""

    def mark(view: View) -> View:
        view.__act__ = act  # type: ignore[attr-defined]
        return view

    return mark


def keeps(*names: str) -> Callable[[View], View]:
    """Let these fields of a form come along when it was sent after its session ended: its page reads them from the
    address. For choices alone, never for what somebody typed about a person."""

    def mark(view: View) -> View:
        view.__kept__ = names  # type: ignore[attr-defined]
        return view

    return mark


def confirmed(view: View) -> View:
    """Ask whoever opens this to show once more that it is they, if that was long ago: for taking data out, and for
    changing how one signs in. Forms for ASKED_AGAIN need no mark."""
    view.__confirmed__ = True  # type: ignore[attr-defined]
    return view


def while_viewing(view: View) -> View:
    """Take this request also from staff who look at the portal as a customer: for what ends that."""
    view.__while_viewing__ = True  # type: ignore[attr-defined]
    return view


def declare(endpoint: str, act: Act | Door) -> None:
    """Declare what a library's route needs, since we cannot write beside it."""
    _foreign[endpoint] = act


def needed(app: Flask, endpoint: str) -> Act | Door | None:
    """What `endpoint` needs, or None when nobody declared it (which a test and the guard refuse)."""
    mark = getattr(app.view_functions.get(endpoint), "__act__", None)
    return mark if mark is not None else _foreign.get(endpoint)


def asks_again(app: Flask, endpoint: str) -> bool:
    """Is the request at hand one for which people show once more that it is they?"""
    view = app.view_functions.get(endpoint)
    return getattr(view, "__confirmed__", False) or (
        request.method not in {"GET", "HEAD"} and needed(app, endpoint) in ASKED_AGAIN
    )


def for_viewers(app: Flask, endpoint: str) -> bool:
    """May staff who look at the portal as a customer send the request at hand? They read the customer's pages and
    papers, and neither export nor see what is the person's own: account, browsers, ways to sign in."""
    view = app.view_functions.get(endpoint)
    if getattr(view, "__while_viewing__", False):
        return True
    reads = request.method in {"GET", "HEAD"} and not getattr(view, "__confirmed__", False)
    return reads and needed(app, endpoint) not in {Door.SIGNED_IN, Door.SETTING_UP}


def matrix(app: Flask) -> list[tuple[str, str, tuple[str, ...], Act | Door | None]]:
    """Every route of `app`, by address: endpoint, address, methods, need (None: nobody declared it)."""
    found = []
    for rule in app.url_map.iter_rules():
        methods = tuple(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        found.append((rule.endpoint, rule.rule, methods, needed(app, rule.endpoint)))
    return sorted(found, key=lambda line: (line[1], line[2]))
