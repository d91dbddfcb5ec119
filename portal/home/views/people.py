"""For an administrator: what is kept about a customer's person who asks by letter or phone, and their erasure."""

from __future__ import annotations

from typing import Final

from flask import Response as FileResponse
from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts import actions as accounts
from portal.accounts import queries as people
from portal.accounts import words as account_words
from portal.accounts.models import Person
from portal.audit import actions as audit
from portal.home.forms import EraseForm, FindPersonForm
from portal.home.queries import mine as kept
from portal.home.views import mine
from portal.home.views.blueprint import blueprint
from portal.kit import clock, guard
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, needs

FIND: Final = "home/find_person.html"


@blueprint.get("/desk/people")
@needs(Act.MANAGE_PEOPLE)
def find_person() -> str:
    return render_template(FIND, form=FindPersonForm())


@blueprint.post("/desk/people")
@needs(Act.MANAGE_PEOPLE)
def found_person() -> Response | tuple[str, int]:
    """To the page of whoever has the address; it is posted, so that it stands in no log."""
    form = FindPersonForm()
    if not form.validate_on_submit():
        return render_template(FIND, form=form), 400
    person = people.person_by_email(reader(), form.email.data)
    if person is None or person.staff_role is not None:
        form.refuse(_("No customer’s person has this address."), "email")
        return render_template(FIND, form=form), 404
    return redirect(url_for("home.person", person_id=person.id), 303)


@blueprint.get("/desk/people/<id:person_id>")
@needs(Act.MANAGE_PEOPLE)
def person(person_id: int) -> str:
    return _page(_customer(person_id), EraseForm())


@blueprint.post("/desk/people/<id:person_id>/data.json")
@needs(Act.MANAGE_PEOPLE)
def take_data_of(person_id: int) -> FileResponse:
    """All of it as a file, to be handed to the person."""
    who, at = _customer(person_id), clock.now()
    with transaction() as db:
        audit.note(db, guard.me().ref, "person.data_taken", f"person:{person_id}", at)
    return mine.as_file(who, at)


@blueprint.post("/desk/people/<id:person_id>/sign-out")
@needs(Act.MANAGE_PEOPLE)
def sign_out_person(person_id: int) -> Response:
    """Out of every browser, for who lost one and cannot sign in to do it."""
    who = _customer(person_id)
    with transaction() as db:
        ended = accounts.end_sessions_of(db, person_id, guard.me().ref, clock.now())
    flash(account_words.signed_out(who.name, ended), "ok")
    return redirect(url_for("home.person", person_id=person_id), 303)


@blueprint.post("/desk/people/<id:person_id>/erase")
@needs(Act.MANAGE_PEOPLE)
def erase_person(person_id: int) -> Response | tuple[str, int]:
    """Erase whose address was typed once more. A request for that is not refused for being the last owner's: the
    page says whose team is left without one, and staff invite another."""
    who, form = _customer(person_id), EraseForm()
    if not form.validate_on_submit() or form.email.data != who.email:
        form.refuse(_("Type the person’s e-mail address to say that you mean it."), "email")
        return _page(who, form), 400
    try:
        with transaction() as db:
            accounts.erase(db, person_id, guard.me().ref, clock.now(), even_last_owner=True)
    except Refusal as error:
        form.refuse(account_words.refusal(error))
        return _page(who, form), 409
    flash(_("Erased. Orders and receipts stay, without the name."), "ok")
    return redirect(url_for("home.find_person"), 303)


def _customer(person_id: int) -> Person:
    """A customer's person who is not erased yet; staff have pages of their own."""
    found = people.person(reader(), person_id)
    if found is None or found.staff_role is not None or found.erased_at is not None:
        abort(404)
    return found


def _page(who: Person, form: EraseForm) -> str:
    alone = people.owned_alone(reader(), who.id)
    return render_template(
        "home/person.html", person=who, counts=kept.counts(reader(), who), alone=alone, form=form
    )
