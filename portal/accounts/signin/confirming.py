"""Before money moves, prices change, access is given or data is taken out: is it still they who sit here?

A form that comes too long after the sign-in is answered with a page that carries all its fields along; sent again
with the password, a code or a passkey, it goes through in the same request. A page or download is asked for anew.
"""

from __future__ import annotations

from typing import cast

from flask import flash, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import TooManyRequests

from portal.accounts import words
from portal.accounts.factors.forms import AgainForm
from portal.accounts.models import Person
from portal.accounts.signin import passwords, sessions, showing
from portal.accounts.signin.sessions import SignedIn
from portal.kit import clock, guard
from portal.kit.asked import came_from
from portal.kit.db import transaction

PREFIX = "confirm_"
TOKEN = "csrf_token"  # noqa: S105 - a field's name


def ask_again() -> guard.Answer:
    """For the guard: a page on which the person at the keyboard shows who they are; None once the form at hand
    brings the proof along."""
    form = AgainForm() if sent() else AgainForm(formdata=None)
    if sent() and accept(form):
        return None
    return make_response(page(form), 403)


def sent() -> bool:
    """Does the request at hand bring a proof along?"""
    return request.method == "POST" and any(name.startswith(PREFIX) for name in request.form)


def accept(form: AgainForm) -> bool:
    """Look at the proof; when it is good, the session is fresh again. Raises TooManyRequests."""
    here = cast(SignedIn, sessions.signed_in())
    if showing.used_up(here.person.id):
        raise TooManyRequests
    if not form.validate_on_submit() or not _good(form, here.person):
        showing.missed(here.person.id)
        form.refuse(words.not_confirmed())
        return False
    with transaction() as db:
        sessions.confirm(db, here.session_id, clock.now())
    sessions.forget_loaded()
    return True


def page(form: AgainForm, onward: str | None = None) -> str:
    """The question. `onward`: where to go afterwards, when nothing is carried along."""
    person = cast(SignedIn, sessions.signed_in()).person
    posted = request.method == "POST" and onward is None
    kept = [(name, value) for name, value in request.form.items(multi=True) if posted and _is_kept(name)]
    return render_template(
        "accounts/confirm.html",
        form=form,
        person=person,
        factors=showing.has_second(person.id),
        kept=kept,
        action=request.full_path.rstrip("?") if posted else None,
        back=came_from(),
        onward=onward or came_from() or request.path,
        sso_name=showing.settings().sso_name,
    )


def thank() -> None:
    flash(_("Thank you. You can go on now: press the button once more."), "ok")


def _is_kept(name: str) -> bool:
    return name != TOKEN and not name.startswith(PREFIX)


def _good(form: AgainForm, person: Person) -> bool:
    if form.passkey.data:
        return showing.passkey(form.passkey.data, form.ticket.data or "", person.id) is not None
    if form.code.data:
        return showing.code(person.id, form.code.data)
    return bool(form.password.data) and passwords.matches(person, form.password.data)
