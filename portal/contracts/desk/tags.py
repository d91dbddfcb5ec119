"""Tags: words that staff put on contracts, so that offers can be made for them."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.contracts import actions, book, queries
from portal.contracts.desk.blueprint import blueprint
from portal.contracts.forms import TagForm
from portal.contracts.models import Contract
from portal.kit import clock, guard, i18n, web
from portal.kit.db import reader, transaction
from portal.kit.guard import Act, needs


@blueprint.get("/desk/tags")
@needs(Act.READ_DESK)
def tags() -> str:
    """All tags, with how many contracts have each."""
    return _page(TagForm(formdata=None))


@blueprint.post("/desk/tags")
@needs(Act.ACT_ON_DESK)
def add_tag() -> Response | tuple[str, int]:
    form = TagForm()
    if not form.validate_on_submit():
        return _page(form), 422
    names = {i18n.ENGLISH.code: form.name_en.data.strip(), i18n.CHINESE.code: form.name_zh.data.strip()}
    with transaction() as db:
        actions.add_tag(db, names, guard.me().ref, clock.now())
    flash(_("The tag is there. Put it on contracts on their pages."), "ok")
    return redirect(url_for(".tags"), 303)


@blueprint.post("/desk/contracts/<number>/tags")
@needs(Act.ACT_ON_DESK)
def tag_contract(number: str) -> Response:
    """Put the tags on that were ticked since the page was read, and take those off that were unticked; what a
    colleague ticked meanwhile stays."""
    found = queries.by_number(reader(), number) or abort(404)
    book.require(found)
    ticked, had = _ids("tag"), _ids("had")
    with transaction() as db:
        held = queries.lock(db, found.id)
        wanted = (queries.tag_ids(db, held.id) | (ticked - had)) - (had - ticked)
        actions.tag_contract(db, held, wanted, guard.me().ref, clock.now())
    flash(_("Saved. Offers for these tags hold for this contract from now on."), "ok")
    return redirect(url_for(".contract", number=number), 303)


def _ids(name: str) -> set[int]:
    return {tag_id for text in request.form.getlist(name) if (tag_id := web.whole_number(text))}


def choices(contract: Contract) -> list[dict[str, Any]]:
    """All tags, and which of them the contract has."""
    found = queries.tags_beside(reader(), contract.id)
    return [{"id": tag.id, "name": i18n.named(tag.names), "has": mine} for tag, mine in found]


def _page(form: TagForm) -> str:
    db = reader()
    return render_template(
        "contracts/tags.html", form=form, tags=queries.tags(db), counts=queries.tag_counts(db),
        may_edit=guard.me().can(Act.ACT_ON_DESK),
    )  # fmt: skip
