"""Refuse or let in the request at hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

import structlog
from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from portal.kit.asked import came_from
from portal.kit.guard.actor import Actor
from portal.kit.guard.acts import Act, Door
from portal.kit.guard.marks import asks_again, for_viewers, needed

log = structlog.get_logger(__name__)

Loader = Callable[[], Actor | None]
# What a check answers instead of the view; None lets the request through.
Answer = Response | None

# Of a form that came after its session: so many values of a field, and so many signs of each.
MOST_KEPT: Final = 50


def current() -> Actor | None:
    """Who is signed in, loaded once a request by the loader that wiring set."""
    if "actor" not in g:
        g.actor = None  # if the loader fails, the error's page asks again and shall not fail for that
        g.actor = current_app.extensions["guard_loader"]()
    actor: Actor | None = g.actor
    return actor


def me() -> Actor:
    """Who is signed in; only for views behind an act or Door.SIGNED_IN."""
    actor = current()
    if actor is None:
        raise RuntimeError("this view's door lets strangers in")
    return actor


def allowed(act: Act, company_id: int) -> bool:
    """May the person at the keyboard do `act` for this company?"""
    return me().can(act, company_id)


def require(act: Act, company_id: int) -> None:
    """Answer 404 unless the person may at least see the company's things, 403 when only this act is missing."""
    actor = me()
    if actor.can(act, company_id):
        return
    log.warning("access.refused", act=act, company=company_id, who=actor.trace)
    abort(403 if company_id in actor.companies or actor.is_staff else 404)


def init_app(app: Flask, loader: Loader, confirm: Callable[[], Answer]) -> None:
    """Guard every request of `app`; `loader` returns the signed-in person or None, `confirm` a page on which they
    show that it is they, or None once the request at hand shows it."""
    app.extensions["guard_loader"] = loader
    app.extensions["guard_confirm"] = confirm
    app.before_request(check)


def check() -> Answer:
    """Refuse the request at hand, or None: the person may open what is asked for."""
    if request.endpoint is None:  # no such address: the 404 page needs no permission
        return None
    act = needed(current_app, request.endpoint)
    if act is None:
        raise RuntimeError(f"{request.endpoint} declares no permission")
    stranger = shut_out()
    if stranger is not None:
        return stranger
    if act is Door.PUBLIC and request.method in {"GET", "HEAD"}:
        return None
    actor = current()
    if actor is not None and actor.behind is not None and not for_viewers(current_app, request.endpoint):
        abort(403)
    return None if act is Door.PUBLIC else _of(me(), act, request.endpoint)


def _of(actor: Actor, act: Act | Door, endpoint: str) -> Answer:
    """The same for somebody who is signed in."""
    if isinstance(act, Act) and not actor.can(act):
        abort(403)
    if actor.held_up and act is not Door.SETTING_UP:
        return redirect(url_for("accounts.security"))
    if not actor.fresh and asks_again(current_app, endpoint):
        confirm: Callable[[], Answer] = current_app.extensions["guard_confirm"]
        return confirm()
    return None


def shut_out() -> Response | None:
    """The way to sign in, when what is asked for needs a person and nobody is signed in. A form's refusal for its
    token asks this too: whoever was signed out meanwhile must not hear of tokens."""
    need = needed(current_app, request.endpoint or "")
    if need in (None, Door.PUBLIC) or current() is not None:
        return None
    return redirect(_to_sign_in())


def _to_sign_in() -> str:
    """The sign-in page, and the way back: to the page asked for, or to the one whose form was sent. Of the form,
    what its route `keeps` comes along; the rest is lost, so the page says so."""
    if request.method in {"GET", "HEAD"}:
        return url_for("security.login", next=request.full_path.rstrip("?"))
    back = came_from()
    names = getattr(current_app.view_functions.get(request.endpoint or ""), "__kept__", ())
    kept = [(name, value[:MOST_KEPT]) for name in names for value in request.form.getlist(name)[:MOST_KEPT]]
    if back and kept:
        back += "?" + urlencode(kept)
    return url_for("security.login", next=back, ended=1)
