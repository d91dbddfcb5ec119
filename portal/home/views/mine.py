"""What is kept about oneself: read it, take it along, have it erased."""

from __future__ import annotations

import json
from datetime import datetime
from typing import cast

from flask import Response as FileResponse
from flask import flash, redirect, render_template, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts import actions as accounts
from portal.accounts import queries as people
from portal.accounts import words as account_words
from portal.accounts.models import Person
from portal.audit import actions as audit
from portal.home.forms import EraseForm
from portal.home.queries import mine
from portal.home.views.blueprint import blueprint
from portal.kit import clock, guard
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Door, confirmed, needs


@blueprint.get("/account/data")
@needs(Door.SIGNED_IN)
def my_data() -> str:
    return _page(EraseForm())


@blueprint.post("/account/data.json")
@needs(Door.SIGNED_IN)
@confirmed
def take_my_data() -> FileResponse:
    """All of it as a file."""
    me, at = guard.me(), clock.now()
    with transaction() as db:
        audit.note(db, me.ref, "person.data_taken", me.ref, at)
    return as_file(_myself(), at)


def as_file(person: Person, at: datetime) -> FileResponse:
    """All that is kept about the person, for them to have."""
    told = json.dumps(mine.about(reader(), person), ensure_ascii=False, indent=2)
    answer = FileResponse(told, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="data-{person.id}-{at:%Y-%m-%d}.json"'
    return answer


@blueprint.post("/account/data/erase")
@needs(Door.SIGNED_IN)
@confirmed
def erase_me() -> Response | tuple[str, int]:
    """Erase the person at the keyboard, who typed their address to say that they mean it."""
    me, form = guard.me(), EraseForm()
    if not form.validate_on_submit() or form.email.data != me.email:
        form.refuse(_("Type your e-mail address to say that you mean it."), "email")
        return _page(form), 400
    try:
        with transaction() as db:
            accounts.erase(db, me.id, me.ref, clock.now())
    except Refusal as error:
        form.refuse(account_words.refusal(error))
        return _page(form), 409
    session.clear()
    flash(_("You are erased. Orders and receipts of your company stay, without your name."), "ok")
    return redirect(url_for("security.login"))


def _page(form: EraseForm) -> str:
    return render_template("home/my_data.html", counts=mine.counts(reader(), _myself()), form=form)


def _myself() -> Person:
    return cast(Person, people.person(reader(), guard.me().id))
