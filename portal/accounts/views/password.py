"""Forgotten passwords, and the page that mailed links open."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts import actions, queries
from portal.accounts.errors import LinkGone
from portal.accounts.forms import ForgotForm, NewPasswordForm
from portal.accounts.models import Person, SignInWay
from portal.accounts.signin import entering, passwords
from portal.accounts.views.blueprint import blueprint
from portal.kit import clock, web
from portal.kit.db import reader, transaction
from portal.kit.guard import Door, needs

ASKED_PER_ADDRESS = "5 per day"
ASKED_PER_IP = "30 per hour"
TRIED_PER_IP = "30 per 5 minutes"


def typed_address() -> str:
    """For limits: the address that somebody typed, however it is spelled."""
    return request.form.get("email", "").strip().lower()


@blueprint.get("/forgot")
@needs(Door.PUBLIC)
def forgot() -> str:
    """Ask for which address a link is wanted."""
    return render_template("accounts/forgot.html", form=ForgotForm(), sent=False)


@blueprint.post("/forgot")
@needs(Door.PUBLIC)
@web.limiter.limit(ASKED_PER_ADDRESS, key_func=typed_address)
@web.limiter.limit(ASKED_PER_IP)
def ask_for_link() -> str | tuple[str, int]:
    """The same answer to everybody: whether somebody has the address is found out in the background."""
    form = ForgotForm()
    if not form.validate_on_submit():
        return render_template("accounts/forgot.html", form=form, sent=False), 400
    with transaction() as db:
        actions.ask_for_reset(db, form.email.data, clock.now())
    return render_template("accounts/forgot.html", form=form, sent=True)


@blueprint.get("/set-password/<token>")
@needs(Door.PUBLIC)
def set_password(token: str) -> str | tuple[str, int]:
    """Show the form. Mail scanners open links too, so looking uses nothing up."""
    db = reader()
    link = queries.open_link(db, token, clock.now())
    if link is None:
        return _gone()
    person = queries.person(db, link.person_id)
    return render_template("accounts/set_password.html", form=NewPasswordForm(), person=person, token=token)


@blueprint.post("/set-password/<token>")
@needs(Door.PUBLIC)
@web.limiter.limit(TRIED_PER_IP)
def keep_password(token: str) -> Response | str | tuple[str, int]:
    """Use the link up, put the password in force, and sign the person in."""
    at = clock.now()
    person = _person_of(token)
    if person is None:
        return _gone()
    form = NewPasswordForm(email=person.email)
    if not form.validate_on_submit():
        return render_template("accounts/set_password.html", form=form, person=person, token=token), 400
    hashed = passwords.hashed(form.password.data)
    try:
        with transaction() as db:
            person = actions.consume_link(db, token, at)
            actions.set_password(db, person, hashed, at)
            actions.accept_invitations(db, person.id, at)
    except LinkGone:
        return _gone()
    return entering.enter(person, SignInWay.LINK, None)


def _person_of(token: str) -> Person | None:
    db = reader()
    link = queries.open_link(db, token, clock.now())
    return queries.person(db, link.person_id) if link else None


def gone(again_url: str, again_label: str) -> tuple[str, int]:
    """A mailed link that is over, and the way to a new one."""
    return render_template("accounts/link_gone.html", again_url=again_url, again_label=again_label), 410


def _gone() -> tuple[str, int]:
    return gone(url_for("accounts.forgot"), _("Send a new link"))
