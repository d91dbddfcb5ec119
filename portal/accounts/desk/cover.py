"""Who stands in for whom among those who look after customers."""

from __future__ import annotations

from datetime import date

from flask import abort, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts import actions, queries, words
from portal.accounts.desk.blueprint import blueprint
from portal.accounts.forms import CoverForm
from portal.kit import clock, guard
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, needs
from portal.kit.settings import Settings


@blueprint.get("/desk/cover")
@needs(Act.ACT_ON_DESK)
def covers() -> str:
    return _page(_form())


@blueprint.post("/desk/cover")
@needs(Act.ACT_ON_DESK)
def set_cover() -> Response | tuple[str, int]:
    """The colleague acts in this person's book on these days, and nobody else's rights change."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 400
    try:
        with transaction() as db:
            actions.cover(
                db, guard.me().id, int(form.person.data), form.from_on.data, form.to_on.data, clock.now()
            )
    except Refusal as error:
        form.refuse(words.refusal(error), "to_on")
        return _page(form), 409
    flash(_("Saved. Your colleague can act in your book on these days."), "ok")
    return redirect(url_for("accounts_desk.covers"), 303)


@blueprint.post("/desk/cover/<id:cover_id>/end")
@needs(Act.ACT_ON_DESK)
def end_cover(cover_id: int) -> Response:
    with transaction() as db:
        if not actions.end_cover(db, cover_id, guard.me().id, clock.now()):
            abort(404)
    flash(_("Ended. Your book is yours alone again."), "ok")
    return redirect(url_for("accounts_desk.covers"), 303)


def _today() -> date:
    settings: Settings = current_app.extensions["settings"]
    return clock.day(clock.now(), settings.zone)


def _form() -> CoverForm:
    form, me = CoverForm(), guard.me().id
    form.person.choices = [(str(who), name) for who, name in queries.owner_choices(reader()) if who != me]
    return form


def _page(form: CoverForm) -> str:
    rows = queries.covers_of(reader(), guard.me().id, _today())
    return render_template("accounts/desk/cover.html", form=form, rows=rows)
