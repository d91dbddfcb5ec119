"""Answer for what went wrong: a page that says what happened and has a way on, whatever else is broken."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

import structlog
from flask import current_app, flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from markupsafe import Markup
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from portal.kit import guard
from portal.kit.asked import back_to, came_from, request_id
from portal.kit.guard import Actor, Door

# For when translations, templates or the database are what is broken. English, since nobody can be asked.
_PLAIN: Final = Markup(
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Something broke on our side</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><main>'
    "<h1>Something broke on our side</h1><p>No payment was started by this page. If you were paying, your order "
    "shows what happened to the money.</p><p>If you write to us, name this number: {number}.</p>"
    '<p><a href="{start}">To the start page</a></p></main></body></html>\n'
)

# Whoever tries doors leaves a line: forbidden, and too many tries.
REFUSED: Final = frozenset({403, 429})

log = structlog.get_logger(__name__)


def show(error: Exception) -> Response:
    """The answer for anything a view, or what stands before it, has raised."""
    if isinstance(error, HTTPException) and error.code is not None and error.code < 400:
        return error.get_response()
    code = error.code if isinstance(error, HTTPException) and error.code else 500
    if code >= 500:
        log.error("request.failed", path=_route(), exc_info=error)
    elif code in REFUSED or isinstance(error, CSRFError):
        log.warning("request.refused", path=_route(), code=code, method=request.method, who=_who())
    try:
        answer = _answer(error, code)
    except Exception:
        log.exception("error_page.failed", path=_route())
        text = _PLAIN.format(number=request_id(), start=_start())
        answer = Response(text, code, mimetype="text/html")
    if isinstance(error, HTTPException):
        kept = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
        answer.headers.update(kept)
    return answer


def _route() -> str:
    """The address as it is declared ("/survey/<token>"): logs must hold no token."""
    return request.url_rule.rule if request.url_rule else request.path


def _answer(error: Exception, code: int) -> Response:
    if isinstance(error, SecurityError):  # asked under a name that is not ours, where no page can link anywhere
        return Response(_("This portal has another address."), 400, mimetype="text/plain")
    actor = _actor()
    if isinstance(error, CSRFError) and actor is None:
        onward = guard.shut_out() or _afresh()
        if onward is not None:
            return onward
    base = "_kit/bare.html" if actor is None else "_kit/desk.html" if actor.is_staff else "_kit/page.html"
    stale = isinstance(error, CSRFError)
    title, text = _stale_words() if stale else _words(code, actor)
    url, label = _way_on(stale)
    page = {"code": code, "request_id": request_id(), "title": title, "text": text, "base": base}
    return Response(
        render_template("errors/error.html", action_url=url, action_label=label, **page),
        code,
        mimetype="text/html",
    )


def _actor() -> Actor | None:
    """Who is signed in, as far as that can be told: the database may be what is broken."""
    try:
        return guard.current()
    except Exception:  # it is what brought us here, and told already
        return None


def _who() -> str | None:
    """How the trail names them: a number, and no name."""
    actor = _actor()
    return actor.trace if actor else None


def _afresh() -> Response | None:
    """A stranger's form (sign-in, forgot, language) was open too long: show its page again with a new token. None
    without a cookie: then a new token would not fit either, and the error page says more."""
    if request.cookies.get(current_app.config["SESSION_COOKIE_NAME"]) is None:
        return None
    if guard.needed(current_app, request.endpoint or "") is not Door.PUBLIC:
        return None
    target = back_to(request.form.get("next"), "")
    pages = current_app.create_url_adapter(request)
    if pages is not None and pages.test(request.path, "GET"):
        target = request.path + (f"?{urlencode({'next': target}, safe='/')}" if target else "")
    if request.endpoint != "security.logout":  # who is signed out already has what they wanted
        flash(_("This page was open too long. Nothing was changed; try again."), "warn")
    return redirect(target or _start(), code=303)


def _start() -> str:
    return f"{request.script_root}/"


def _way_on(stale: bool) -> tuple[str, str]:
    page = came_from() if stale else None
    return (page, _("Reload the page")) if page else (_start(), _("To the start page"))


def _stale_words() -> tuple[str, str]:
    return (
        _("This page was open too long"),
        _("Reload the page and try again. Nothing was changed and nothing was charged."),
    )


def _words(code: int, actor: Actor | None) -> tuple[str, str]:
    texts = {
        400: (_("We could not read this request"), _("Go back and try again. Nothing was changed.")),
        403: (_("You may not do this"), _forbidden(actor)),
        404: (_missing(), _("Check the address, or go on from the start page.")),
        415: (_("We could not read this request"), _("Send the page's own form. Nothing was changed.")),
        413: (_("That is too large"), _("Send a smaller file or a shorter text. Nothing was changed.")),
        429: (_("Too many tries"), _("Wait a minute, then try again.")),
        503: (_("We are not reachable for a moment"), _("Try again in a minute. Nothing was changed.")),
    }
    broken = (
        _("Something broke on our side"),
        _("No payment was started by this page. If you were paying, your order shows what happened to the money."),
    )
    return texts.get(code, broken if code >= 500 else texts[400])


def _forbidden(actor: Actor | None) -> str:
    if actor is not None and actor.behind is not None:
        return _("You look at the portal as somebody else: you can read, and change nothing. Nothing was changed.")
    if actor is not None and actor.is_staff:
        return _("Your role does not include it. Ask an administrator.")
    return _(
        "Your role in your company does not include this page. You can still see your contracts; for prices,"
        " renewing or paying ask the owner of your company's account."
    )


def _missing() -> str:
    sentences: dict[str, Any] = {
        "contracts": _("We found no contract with this number"),
        "orders": _("We found no order with this number"),
    }
    first, _slash, rest = request.path.lstrip("/").removeprefix("desk/").partition("/")
    return str(sentences[first]) if rest and first in sentences else _("We found nothing here")
