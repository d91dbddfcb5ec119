"""Who stands in for whom among those who look after customers."""

from __future__ import annotations

from datetime import date

from flask import abort, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts import actions, queries, words
from portal.accounts.desk.blueprint import blueprint
from portal.accounts.errors import NotYourself
from portal.accounts.forms import CoverForm
from portal.kit import clock, guard
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, needs
from portal.kit.settings import Settings


@blueprint.get("/desk/cover")
@needs(Act.SET_COVER)
def covers() -> str:
    return _page(_form())


@blueprint.post("/desk/cover")
@needs(Act.SET_COVER)
def set_cover() -> Response | tuple[str, int]:
    """The colleague acts in the book of whoever is away on these days, and nobody else's rights change."""
    form, me = _form(), guard.me()
    if not form.validate_on_submit():
        return _page(form), 400
    owner_id = int(form.owner.data) if form.owner else me.id
    days = form.from_on.data, form.to_on.data
    try:
        with transaction() as db:
            actions.cover(db, owner_id, int(form.person.data), *days, me.ref, clock.now())
    except NotYourself:
        form.refuse(_("Choose two different people."), "person")
        return _page(form), 409
    except Refusal as error:
        form.refuse(words.refusal(error), "to_on")
        return _page(form), 409
    flash(_("Saved. The colleague can act in this book on these days."), "ok")
    return redirect(url_for("accounts_desk.covers"), 303)


@blueprint.post("/desk/cover/<id:cover_id>/end")
@needs(Act.SET_COVER)
def end_cover(cover_id: int) -> Response:
    owner_id = None if _for_others() else guard.me().id
    with transaction() as db:
        if not actions.end_cover(db, cover_id, owner_id, guard.me().ref, clock.now()):
            abort(404)
    flash(_("Ended. The book has one pair of hands again."), "ok")
    return redirect(url_for("accounts_desk.covers"), 303)


def _for_others() -> bool:
    """Administrators name stand-ins for whoever fell ill; everybody else for themselves."""
    return guard.me().can(Act.MANAGE_STAFF)


def _today() -> date:
    settings: Settings = current_app.extensions["settings"]
    return clock.day(clock.now(), settings.zone)


def _form() -> CoverForm:
    form, me = CoverForm(), guard.me().id
    choices = [(str(who), name) for who, name in queries.owner_choices(reader()) if who != me]
    form.person.choices = form.owner.choices = [("", _("Choose somebody")), *choices]
    if not _for_others():
        del form.owner
    return form


def _page(form: CoverForm) -> str:
    rows = queries.covers_of(reader(), None if _for_others() else guard.me().id, _today())
    return render_template("accounts/desk/cover.html", form=form, rows=rows, for_others=_for_others())
