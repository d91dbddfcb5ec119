"""Price indexes: the months that are known, and one more."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts import queries as accounts
from portal.kit import clock, guard
from portal.kit.db import reader, transaction
from portal.kit.guard import Act, needs
from portal.pricing import actions, errors, queries, words
from portal.pricing.desk.blueprint import blueprint, today
from portal.pricing.forms import IndexForm


@blueprint.get("/desk/indexes")
@needs(Act.READ_PRICES)
def indexes() -> str:
    return _page(IndexForm(formdata=None))


@blueprint.post("/desk/indexes")
@needs(Act.PUBLISH_PRICES)
def set_index() -> Response | tuple[str, int]:
    """Enter a month, or correct it."""
    form = IndexForm()
    if not form.holds(today()) or form.first_day is None:
        return _page(form), 422
    typed = form.series.data or "", form.first_day, form.percent.points or 0
    try:
        with transaction() as db:
            actions.set_index(db, *typed, guard.me().ref, clock.now(), form.seen_points)
    except errors.IndexKnown as known:
        form.refuse(words.refusal(known), "percent")
        form.seen.data = str(known.facts["basis_points"])
        return _page(form), 409
    flash(_("Saved. Prices that follow this index use it from now on; quotes that are held stay."), "success")
    return redirect(url_for(".indexes"), 303)


def _page(form: IndexForm) -> str:
    db = reader()
    rows = queries.indexes(db)
    return render_template(
        "pricing/indexes.html", form=form, rows=rows, series=queries.series(db),
        names=accounts.names_of(db, {row.added_by for row in rows}), may_edit=guard.me().can(Act.PUBLISH_PRICES),
    )  # fmt: skip
