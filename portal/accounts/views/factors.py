"""How one signs in: passkeys, an authenticator app, recovery codes."""

from __future__ import annotations

from typing import Any, cast

import segno
from flask import abort, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from portal.accounts import rules, words
from portal.accounts.factors import actions, app_setup, passkeys, queries
from portal.accounts.factors.forms import AppForm, NewPasskeyForm
from portal.accounts.forms import ConfirmForm
from portal.accounts.models import Person
from portal.accounts.signin import sessions, showing
from portal.accounts.signin.sessions import SignedIn
from portal.accounts.views.blueprint import blueprint
from portal.kit import clock, guard
from portal.kit.db import reader, transaction
from portal.kit.guard import Door, confirmed, needs


def _here() -> SignedIn:
    return cast(SignedIn, sessions.signed_in())


def _me() -> Person:
    return _here().person


@blueprint.get("/account/security")
@needs(Door.SETTING_UP)
def security() -> str:
    """What the person can sign in with, and what is missing."""
    return _page(NewPasskeyForm())


def _page(form: NewPasskeyForm) -> str:
    me, db = _me(), reader()
    return render_template(
        "accounts/security.html",
        person=me,
        form=form,
        factors=queries.of_person(db, me.id),
        passkeys=queries.passkeys(db, me.id),
        codes_left=queries.recovery_codes_left(db, me.id),
        site=showing.site(),
        by_name=showing.by_name(),
        held_up=guard.me().held_up,
        required=me.staff_role is not None and showing.settings().second_factor_required,
    )


@blueprint.get("/account/passkeys/options")
@needs(Door.SETTING_UP)
def new_passkey_options() -> dict[str, Any]:
    """The question for the browser's script, which could show no page that asks again: the form that brings the
    answer does. Nothing is kept of it here."""
    me, site = _me(), showing.site() or abort(404)
    return passkeys.ask_to_make(showing.settings(), site, me, queries.passkeys(reader(), me.id))


@blueprint.post("/account/passkeys")
@needs(Door.SETTING_UP)
@confirmed
def add_passkey() -> Response | str | tuple[str, int]:
    """Keep the passkey that the browser made."""
    me, site, form, at = _me(), showing.site() or abort(404), NewPasskeyForm(), clock.now()
    good = form.validate_on_submit()
    made = (
        passkeys.made(showing.settings(), site, me, form.passkey.data or "", form.ticket.data or "")
        if good
        else None
    )
    if made is None:
        form.refuse(words.no_passkey_made())
        return _page(form), 400
    name = (form.name.data or "").strip() or rules.browser_of(request.user_agent.string) or words.a_passkey()
    try:
        with transaction() as db:
            codes = _first_codes(me.id)
            actions.add_passkey(db, me.id, made.credential_id, made.public_key, made.sign_count, name, at)
            shown = actions.new_recovery_codes(db, me.id, at) if codes else []
            sessions.strengthen(db, _here().session_id)
    except IntegrityError:
        form.refuse(words.passkey_known())
        return _page(form), 409
    return _added(shown)


@blueprint.get("/account/app")
@needs(Door.SETTING_UP)
@confirmed
def app_page() -> Response | str:
    """A new secret as a picture to scan; it is kept nowhere before the first code is typed."""
    if queries.of_person(reader(), _me().id).app:
        return redirect(url_for("accounts.security"))
    secret = app_setup.new_secret()
    return _app_page(AppForm(formdata=None, data={"ticket": _sealed(secret)}), secret)


@blueprint.post("/account/app")
@needs(Door.SETTING_UP)
@confirmed
def add_app() -> Response | str | tuple[str, int]:
    """Put the app in force whose code was typed."""
    me, form, at = _me(), AppForm(), clock.now()
    secret = app_setup.opened(showing.settings(), form.ticket.data or "", me.id, at)
    if secret is None:
        return redirect(url_for("accounts.app_page"))
    if not form.validate_on_submit():
        return _app_page(form, secret), 400
    codes = _first_codes(me.id)
    with transaction() as db:
        added = actions.add_app(db, showing.settings(), me.id, secret, form.code.data, at)
        shown = actions.new_recovery_codes(db, me.id, at) if added and codes else []
        if added:
            sessions.strengthen(db, _here().session_id)
    if not added:
        form.refuse(words.wrong_first_code(), "code")
        return _app_page(form, secret), 400
    return _added(shown)


@blueprint.post("/account/recovery-codes")
@needs(Door.SETTING_UP)
@confirmed
def new_recovery_codes() -> str:
    """Ten new codes; those given out before are worth nothing from now on."""
    if not queries.of_person(reader(), _me().id).any:
        abort(404)
    with transaction() as db:
        codes = actions.new_recovery_codes(db, _me().id, clock.now())
    return render_template("accounts/recovery_codes.html", codes=codes, anew=True)


@blueprint.get("/account/app/remove")
@needs(Door.SETTING_UP)
def ask_remove_app() -> str:
    if not queries.of_person(reader(), _me().id).app:
        abort(404)
    return _question(url_for("accounts.remove_app"), words.the_app())


@blueprint.post("/account/app/remove")
@needs(Door.SETTING_UP)
@confirmed
def remove_app() -> Response:
    with transaction() as db:
        if not actions.remove_app(db, _me().id, clock.now()):
            abort(404)
    flash(words.removed_factor(words.the_app()), "ok")
    return redirect(url_for("accounts.security"))


@blueprint.get("/account/passkeys/<id:passkey_id>/remove")
@needs(Door.SETTING_UP)
def ask_remove_passkey(passkey_id: int) -> str:
    url = url_for("accounts.remove_passkey", passkey_id=passkey_id)
    return _question(url, _passkey_name(passkey_id))


@blueprint.post("/account/passkeys/<id:passkey_id>/remove")
@needs(Door.SETTING_UP)
@confirmed
def remove_passkey(passkey_id: int) -> Response:
    name = _passkey_name(passkey_id)
    with transaction() as db:
        if not actions.remove_passkey(db, _me().id, passkey_id, clock.now()):
            abort(404)
    flash(words.removed_factor(name), "ok")
    return redirect(url_for("accounts.security"))


def _passkey_name(passkey_id: int) -> str:
    mine = {key.id: key.name for key in queries.passkeys(reader(), _me().id)}
    return mine.get(passkey_id) or abort(404)


def _question(url: str, name: str) -> str:
    """Before something is removed: what it does to the person's sign-in."""
    factors = queries.of_person(reader(), _me().id)
    keys = len(queries.passkeys(reader(), _me().id))
    last = factors.app + keys == 1
    return render_template("accounts/remove_factor.html", form=ConfirmForm(), url=url, name=name, last=last)


def _first_codes(person_id: int) -> bool:
    """Does the person still need recovery codes?"""
    return queries.recovery_codes_left(reader(), person_id) == 0


def _added(codes: list[str]) -> Response | str:
    """With the first factor come the codes for the day it is lost, shown this once."""
    sessions.forget_loaded()
    if codes:
        return render_template("accounts/recovery_codes.html", codes=codes, anew=False)
    flash(str(words.SAVED), "ok")
    return redirect(url_for("accounts.security"))


def _app_page(form: AppForm, secret: bytes) -> str:
    address = app_setup.address(secret, _me().email, showing.settings().seller)
    drawn = segno.make(address, error="m").svg_inline(
        scale=5, border=4, light="#fff", svgclass="qr", lineclass=None
    )
    picture = Markup(drawn)  # noqa: S704 - squares that segno drew  # nosec B704
    return render_template("accounts/app.html", form=form, picture=picture, spelled=app_setup.spelled(secret))


def _sealed(secret: bytes) -> str:
    return app_setup.sealed(showing.settings(), secret, _me().id, clock.now())
