"""Passkeys at the door, and the second step after a password or a mailed code."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.accounts import words
from portal.accounts.factors import passkeys
from portal.accounts.factors.forms import PasskeyInForm, SecondStepForm
from portal.accounts.forms import SignInForm
from portal.accounts.models import Person, SignInWay
from portal.accounts.signin import door, entering, showing
from portal.accounts.views.blueprint import blueprint
from portal.kit import web
from portal.kit.guard import Door, needs

TRIED_PER_IP = "60 per 5 minutes"


@blueprint.get("/sign-in/passkey/options")
@needs(Door.PUBLIC)
def passkey_options() -> dict[str, Any]:
    """The question for the browser's script. Nothing is kept of it here."""
    return passkeys.ask_to_show(showing.settings(), showing.site() or abort(404))


@blueprint.post("/sign-in/passkey")
@needs(Door.PUBLIC)
@web.limiter.limit(TRIED_PER_IP)
def passkey_sign_in() -> Response | tuple[str, int]:
    """Whose passkey answers is in: the device has asked for finger, face or PIN."""
    form = PasskeyInForm()
    person = (
        showing.passkey(form.passkey.data or "", form.ticket.data or "") if form.validate_on_submit() else None
    )
    if person is None:
        asked = SignInForm(formdata=None, data={"next": web.back_to(form.next.data, "")})
        asked.form_errors = [words.wrong_passkey()]
        return door.page(asked), 400
    return entering.let_in(person, SignInWay.PASSKEY, form.next.data, strong=True)


@blueprint.get("/sign-in/second")
@needs(Door.PUBLIC)
def second_step() -> Response | str:
    half = entering.half_in()
    return (
        _page(half[0], SecondStepForm(formdata=None, data={"next": web.back_to(request.args.get("next"), "")}))
        if half
        else redirect(url_for("security.login"))
    )


@blueprint.post("/sign-in/second")
@needs(Door.PUBLIC)
@web.limiter.limit(TRIED_PER_IP)
def take_second_step() -> Response | tuple[str, int]:
    """A code of the app, a recovery code, or a passkey; who has waited too long begins anew."""
    half = entering.half_in()
    if half is None:
        return redirect(url_for("security.login"))
    person, way = half
    if showing.used_up(person.id):
        abort(429)
    form = SecondStepForm()
    if form.validate_on_submit() and _good(form, person):
        return entering.let_in(person, way, form.next.data, strong=True)
    showing.missed(person.id)
    form.refuse(words.wrong_code(), None if form.passkey.data else "code")
    return _page(person, form), 400


def _good(form: SecondStepForm, person: Person) -> bool:
    if form.passkey.data:
        return showing.passkey(form.passkey.data, form.ticket.data or "", person.id) is not None
    return bool(form.code.data) and showing.code(person.id, form.code.data)


def _page(person: Person, form: SecondStepForm) -> str:
    return render_template("accounts/second.html", form=form, factors=showing.has_second(person.id))
