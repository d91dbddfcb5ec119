"""Versions of the price book: drafted by one, tried on every contract, published by another, brought back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from portal.accounts import queries as accounts
from portal.accounts import stale
from portal.contracts import queries as contracts
from portal.contracts.models import Contract
from portal.kit import clock, export, guard, listing
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, needs
from portal.kit.i18n import named
from portal.pricing import actions, errors, queries, rules, words
from portal.pricing.desk.blueprint import PAGE_ROWS, blueprint, story_of, today, zone
from portal.pricing.forms import PriceForm, Versioned, VersionForm, filled_version
from portal.pricing.models import PriceVersion, TrialState, VersionState
from portal.pricing.queries import trial

REFRESH_SECONDS: Final = 2
SHOWN: Final = 20
# Where the form of a price shows each refusal; all others stand at its top.
_FIELDS: dict[type[Refusal], str] = {
    errors.NotCharged: "unit_price",
    errors.ForeignCurrency: "currency",
    errors.ProductNotInContract: "product",
    errors.TwoOfAKind: "product",
}


@blueprint.get("/desk/versions")
@needs(Act.READ_PRICES)
def versions() -> str | Response:
    """The list, newest first."""
    db, asked = reader(), listing.Asked(request.args)
    asked.only(())
    page = listing.page(
        lambda at, limit: queries.versions(db, at, limit),
        lambda row: (row.created_at, row.id), asked.cursor(), PAGE_ROWS,
    )  # fmt: skip
    if page is None:
        return redirect(url_for(".versions"))
    return render_template(
        "pricing/versions.html", page=page, words=words, notes=asked.notes,
        may_edit=guard.me().can(Act.EDIT_PRICES),
    )  # fmt: skip


@blueprint.get("/desk/versions/new")
@needs(Act.EDIT_PRICES)
def new_version() -> str:
    """An empty form; `?contract=` goes along to the first price."""
    on = today()
    data = {"label": f"{on:%Y-%m}", "valid_from": (on + timedelta(days=1)).isoformat()}
    return _form_page(VersionForm(formdata=None, data=data), None)


@blueprint.post("/desk/versions/new")
@needs(Act.EDIT_PRICES)
def add_version() -> Response | tuple[str, int]:
    form = VersionForm()
    if not form.holds(today()):
        return _form_page(form, None), 422
    with transaction() as db:
        made = actions.draft_version(db, **form.facts(), by=guard.me().ref, at=clock.now())
    return redirect(url_for(".version", version_id=made.id, contract=request.args.get("contract")), 303)


@blueprint.get("/desk/versions/<id:version_id>")
@needs(Act.READ_PRICES)
def version(version_id: int) -> str:
    """One version: its prices, whom they concern, who drafted and published it, and what can be done."""
    return _page(_version(reader(), version_id))


@blueprint.get("/desk/versions/<id:version_id>/edit")
@needs(Act.EDIT_PRICES)
def edit_version(version_id: int) -> str:
    found = _version(reader(), version_id)
    return _form_page(VersionForm(formdata=None, data=filled_version(found)), found)


@blueprint.post("/desk/versions/<id:version_id>/edit")
@needs(Act.EDIT_PRICES)
def change_version(version_id: int) -> Response | tuple[str, int]:
    form, found = VersionForm(), _version(reader(), version_id)
    if not form.holds(today()):
        return _form_page(form, found), 422
    try:
        with transaction() as db:
            held = _version(db, version_id, lock=True)
            actions.change_version(
                db, held, **form.facts(), rev=form.seen_version, by=guard.me().ref, at=clock.now()
            )
    except errors.ChangedMeanwhile:
        db = reader()
        db.expire_all()
        fresh = _version(db, version_id)
        stale.tell(form, filled_version(fresh), db, f"version:{version_id}")
        return _form_page(form, fresh), 409
    except Refusal as refused:
        form.refuse(words.refusal(refused))
        return _form_page(form, found), 422
    flash(_("Saved."), "success")
    return redirect(url_for(".version", version_id=version_id), 303)


@blueprint.post("/desk/versions/<id:version_id>/prices")
@needs(Act.EDIT_PRICES)
def add_price(version_id: int) -> Response | tuple[str, int]:
    """Put a price into a draft."""
    db = reader()
    form = PriceForm(contracts.products(db))
    contract = _contract(db, form) if form.holds() else None
    if form.errors:
        return _page(_version(db, version_id), form), 422
    try:
        with transaction() as writing:
            held = _version(writing, version_id, lock=True)
            own = contracts.lock(writing, contract.id) if contract else None
            actions.add_row(
                writing, held, product_code=form.product.data, unit=form.unit, floor_minor=form.floor_minor,
                segment=form.for_segment, contract=own, rev=form.seen_version, by=guard.me().ref, at=clock.now(),
            )  # fmt: skip
    except Refusal as refused:
        form.refuse(words.refusal(refused), _FIELDS.get(type(refused)))
        db.expire_all()
        return _page(_version(db, version_id), form), _code(refused)
    flash(_("The price is in the draft."), "success")
    return redirect(url_for(".version", version_id=version_id), 303)


def _contract(db: Session, form: PriceForm) -> Contract | None:
    """The contract that the price is for; an error at its field where there is none of that number."""
    if form.whom.data != rules.BaseKind.CONTRACT:
        return None
    found = contracts.by_number(db, form.contract.data or "")
    if found is None:
        form.refuse(_("We found no contract with this number."), "contract")
    return found


@blueprint.post("/desk/versions/<id:version_id>/prices/<id:row_id>/remove")
@needs(Act.EDIT_PRICES)
def remove_price(version_id: int, row_id: int) -> Response | tuple[str, int]:
    """Take a price out of a draft."""

    def remove(db: Session, held: PriceVersion, rev: int) -> None:
        row = next((row for row in held.rows if row.id == row_id), None) or abort(404)
        actions.remove_row(db, held, row, rev, guard.me().ref, clock.now())

    return _done(version_id, remove, _("The price is out of the draft."))


@blueprint.post("/desk/versions/<id:version_id>/trial")
@needs(Act.TRY_PRICES)
def try_version(version_id: int) -> Response | tuple[str, int]:
    """Have it tried on every contract, in the background."""
    return _done(version_id, actions.ask_trial, None)


@blueprint.post("/desk/versions/<id:version_id>/publish")
@needs(Act.PUBLISH_PRICES)
def publish_version(version_id: int) -> Response | tuple[str, int]:
    """Put the prices that somebody else drafted into the book."""

    def publish(db: Session, held: PriceVersion, rev: int) -> None:
        actions.publish_version(db, held, rev, today(), guard.me().ref, clock.now())

    return _done(version_id, publish, _("The prices are in the book. Customers whom they concern get a letter."))


@blueprint.post("/desk/versions/<id:version_id>/discard")
@needs(Act.EDIT_PRICES)
def discard_version(version_id: int) -> Response | tuple[str, int]:
    """Drop a draft."""

    def discard(db: Session, held: PriceVersion, rev: int) -> None:
        actions.discard_version(db, held, rev, guard.me().ref, clock.now())

    return _done(version_id, discard, _("The draft is dropped."))


@blueprint.post("/desk/versions/<id:version_id>/revert")
@needs(Act.EDIT_PRICES)
def revert_version(version_id: int) -> Response | tuple[str, int]:
    """Draft the prices that a published version replaced."""
    try:
        with transaction() as db:
            held = _version(db, version_id, lock=True)
            made, left = actions.revert_version(db, held, today(), guard.me().ref, clock.now())
    except Refusal as refused:
        return _refused(version_id, refused)
    flash(_("This draft brings the earlier prices back. Somebody else publishes it."), "success")
    if left:
        names = words.names_list([f"{named(row.product.names)}, {words.whom(row)}" for row in left])
        flash(
            _("These had no earlier price and stay; let them end on their pages: %(names)s.", names=names),
            "warning",
        )
    return redirect(url_for(".version", version_id=made.id), 303)


@blueprint.get(f"/desk/versions/<id:version_id>/affected.{export.KINDS}")
@needs(Act.READ_PRICES)
@guard.confirmed
def affected_file(version_id: int, kind: str) -> Response:
    """Every contract that a version concerns, as a file."""
    db = reader()
    found = _version(db, version_id)
    rows = trial.every_effect(db, found.id)
    here = url_for(".version", version_id=version_id)
    return export.answer(kind, "affected", today(), words.effect_columns(), rows, here)


def _done(
    version_id: int, act: Callable[[Session, PriceVersion, int], None], told: str | None
) -> Response | tuple[str, int]:
    """Do something to a version as its page was read, and go back there."""
    rev = Versioned().seen_version
    try:
        with transaction() as db:
            act(db, _version(db, version_id, lock=True), rev)
    except Refusal as refused:
        return _refused(version_id, refused)
    if told:
        flash(told, "success")
    return redirect(url_for(".version", version_id=version_id), 303)


def _refused(version_id: int, refused: Refusal) -> tuple[str, int]:
    db = reader()
    db.expire_all()
    return _page(_version(db, version_id), refusal=words.refusal(refused)), _code(refused)


def _code(refused: Refusal) -> int:
    return 409 if isinstance(refused, errors.ChangedMeanwhile) else 422


def _version(db: Session, version_id: int, lock: bool = False) -> PriceVersion:
    return queries.version(db, version_id, lock) or abort(404)


def _form_page(form: VersionForm, found: PriceVersion | None) -> str:
    return render_template(
        "pricing/version_form.html", form=form, version=found, contract=request.args.get("contract")
    )


def _page(found: PriceVersion, form: PriceForm | None = None, refusal: str | None = None) -> str:
    db, me = reader(), guard.me()
    is_draft = found.state is VersionState.DRAFT
    form = form or _empty(db)
    form.version.data = str(found.rev)
    if refusal:
        form.refuse(refusal)
    names = accounts.names_of(db, {*found.drafted_by, *([found.published_by] if found.published_by else [])})
    at_work = is_draft and found.trial_state in {TrialState.WAITING, TrialState.RUNNING}
    return render_template(
        "pricing/version.html",
        version=found, form=form, words=words, zone=zone(), refresh_seconds=REFRESH_SECONDS,
        chip=words.VERSION_STATES[found.state],
        is_draft=is_draft, at_work=at_work,
        tried=found.trial_state is TrialState.DONE and (found.trial_rev == found.rev or not is_draft),
        as_it_is=not is_draft or actions.is_tried(db, found, today()),
        largest=trial.largest(db, found.id, SHOWN) if found.trial_state is TrialState.DONE else (),
        drafted_by=words.names_list([names[ref] for ref in found.drafted_by]),
        published_by=names.get(found.published_by or ""),
        is_own=me.ref in found.drafted_by,
        may_try=me.can(Act.TRY_PRICES), may_edit=is_draft and me.can(Act.EDIT_PRICES),
        may_publish=is_draft and me.can(Act.PUBLISH_PRICES),
        may_revert=found.state is VersionState.PUBLISHED and me.can(Act.EDIT_PRICES),
        story=story_of(db, f"version:{found.id}"),
    )  # fmt: skip


def _empty(db: Session) -> PriceForm:
    """The form of a price, begun for `?contract=`."""
    contract = contracts.by_number(db, request.args.get("contract", ""))
    data = {
        "whom": rules.BaseKind.CONTRACT if contract else rules.BaseKind.LIST,
        "contract": contract.number if contract else "", "currency": contract.currency if contract else "CNY",
    }  # fmt: skip
    return PriceForm(contracts.products(db), formdata=None, data=data)
