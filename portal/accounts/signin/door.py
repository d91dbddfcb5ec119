"""The doors themselves: sign in, sign out, and what the two do to the cookie."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import cast

import structlog
from flask import Flask, after_this_request, current_app, redirect, render_template, request, session
from flask_limiter.util import get_remote_address
from flask_security.utils import logout_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from portal.accounts import rules
from portal.accounts.forms import SignInForm
from portal.accounts.models import Person, SignInWay
from portal.accounts.signin import demo, devices, entering, sessions, showing
from portal.audit import actions as audit
from portal.kit import clock, guard, outbox, web
from portal.kit.db import transaction
from portal.kit.settings import Mode, Settings

NEW_DEVICE_MAIL = "accounts.new_device_mail"
KEPT_KEYS = ("language", "_user_id", "_fresh")
FAILED = "10 per 5 minutes"  # for one person from one address
FAILED_HERE = "60 per 5 minutes"  # from one address, so that no single one can use up what all have
FAILED_ALL = "1000 per 5 minutes"

log = structlog.get_logger(__name__)


def install(app: Flask, settings: Settings) -> None:
    """Put our two views in place of Flask-Security's, which follow absolute addresses and speak JSON."""
    guarded = sign_in
    # The innermost is asked last and counts only what the outer ones let through.
    for limit, key in ((FAILED_ALL, lambda: "sign-in"), (FAILED_HERE, get_remote_address), (FAILED, _who)):
        guarded = web.limiter.limit(limit, key_func=key, methods=["POST"], deduct_when=_failed)(guarded)
    app.view_functions["security.login"] = guarded
    app.view_functions["security.logout"] = sign_out
    app.extensions["demo_people"] = (
        {"demo_people": demo.PEOPLE, "demo_password": demo.PASSWORD} if settings.mode is Mode.DEMO else {}
    )


def sign_in() -> Response | str | tuple[str, int]:
    """Ask for e-mail and password; whoever is known already goes on."""
    actor = guard.current()
    if actor is not None:
        return redirect(_onward(actor.staff_role, request.args.get("next")))
    form = SignInForm()
    if request.method == "POST" and form.validate():
        return entering.enter(cast(Person, form.user), SignInWay.PASSWORD, form.next.data)
    if request.method == "POST":
        log.info("signin.refused", ip=request.remote_addr)
    return page(form)


def page(form: SignInForm) -> str:
    """The sign-in page, with what `form` has to say."""
    return render_template(
        "security/login_user.html",
        login_user_form=form,
        ended="ended" in request.args,
        passkeys=showing.site() is not None,
        sso_name=current_app.extensions["settings"].sso_name,
        **current_app.extensions["demo_people"],
    )


@guard.while_viewing
def sign_out() -> Response:
    """End this browser's session; a stranger is only shown the door."""
    if guard.current() is not None:
        logout_user()
    answer = redirect("/sign-in")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'  # what the browser kept of the person's pages
    return answer


def _onward(staff_role: str | None, target: str | None) -> str:
    return web.back_to(target, rules.start_path(staff_role))


def remember(_app: Flask, user: Person) -> None:
    """Somebody signed in: a new row, a new id, and nothing of what the cookie held before but the language."""
    old = session.get(sessions.COOKIE_KEY)
    kept = {key: session[key] for key in KEPT_KEYS if key in session}
    session.clear()
    session.update(kept)
    at = clock.now()
    device = devices.token_of_browser()
    after_this_request(lambda response: devices.keep_cookie(response, device))
    with transaction() as db:
        if old:
            sessions.end(db, str(old), at)
        browser = entering.browser()
        session[sessions.COOKIE_KEY] = sessions.start(db, user.id, at, rules.SESSION_LIFETIME, browser)
        audit.note(
            db, f"person:{user.id}", "person.signed_in", f"person:{user.id}", at,
            way=browser.way, strong=browser.strong,
        )  # fmt: skip
        _warn_of_new(db, user.id, devices.notice(db, user.id, device, at), browser.agent, at)
    sessions.forget_loaded()


def _warn_of_new(db: Session, person_id: int, device_id: int | None, agent: str | None, at: datetime) -> None:
    """Have the person told by mail of a browser that they never used before."""
    if device_id is not None:
        facts = {
            "browser": rules.browser_of(agent), "address": rules.address_in_short(request.remote_addr),
            "at": at.isoformat(),
        }  # fmt: skip
        outbox.later(db, NEW_DEVICE_MAIL, f"person:{person_id}", f"device:{device_id}", facts, at)


def forget(_app: Flask, user: Person) -> None:
    """Somebody signed out: the row ends, so that a copy of the cookie is worth nothing."""
    old = session.get(sessions.COOKIE_KEY)
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    at = clock.now()
    with transaction() as db:
        if old:
            sessions.end(db, str(old), at)
        audit.note(db, f"person:{user.id}", "person.signed_out", f"person:{user.id}", at)
    sessions.forget_loaded()


def _who() -> str:
    """One person at one address; hashed, as what is typed may be anything and stays in the limiter's store."""
    typed = f"{request.form.get('email', '').strip().lower()} {request.remote_addr}"
    return hashlib.sha256(typed.encode()).hexdigest()


def _failed(response: Response) -> bool:
    """Only passwords that were wrong count: a busy office behind one address is no attack, an empty field no try,
    and what a limit turned away is not counted again."""
    return response.status_code == 200 and bool(request.form.get("password"))
