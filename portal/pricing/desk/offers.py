"""The offers: which can be had, how often they were taken; drafts with whom they concern, published by another."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from portal.accounts import queries as accounts
from portal.accounts import stale
from portal.contracts import queries as contracts
from portal.contracts import words as contract_words
from portal.contracts.models import Segment
from portal.kit import clock, guard, listing
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, needs
from portal.pricing import actions, errors, queries, rules, words
from portal.pricing.desk.blueprint import DRAFTS, PAGE_ROWS, SAVE, blueprint, spelled, today, views, zone
from portal.pricing.forms import EndForm, OfferForm, Versioned, filled_offer
from portal.pricing.models import Promotion
from portal.pricing.queries import desk as lists
from portal.pricing.queries.desk import OfferWish, When
from portal.pricing.queries.reach import due_lines
from portal.pricing.rules import PromotionKind

FILTERS = ("when", "kind", "segment")
# Where the form shows each refusal; all others stand at its top.
_FIELDS: dict[type[Refusal], str] = {errors.CodeTaken: "code", errors.NotCharged: "amount"}


@blueprint.get("/desk/offers")
@needs(Act.READ_PRICES)
def offers() -> str | Response:
    """The list, newest first."""
    db, asked = reader(), listing.Asked(request.args)
    asked.only(FILTERS)
    wish = OfferWish(
        today=today(),
        when=asked.word("when", When, _("View")),
        kind=asked.word("kind", PromotionKind, _("Kind")),
        segment=asked.word("segment", Segment, _("Segment")),
    )
    page = listing.page(
        lambda at, limit: lists.promotions(db, wish, at, limit),
        lambda row: (row.created_at, row.id), asked.cursor(), PAGE_ROWS,
    )  # fmt: skip
    kept = spelled(**{name: getattr(wish, name) for name in FILTERS})
    if page is None:
        return redirect(url_for(".offers", **kept))
    return render_template(
        "pricing/offers.html",
        page=page, wish=wish, kept=kept, notes=asked.notes, words=words, today=wish.today,
        used=queries.uses(db, [row.id for row in page.rows], clock.now()),
        views=views(".offers", wish.when, kept, DRAFTS), kinds=list(words.PROMOTION_KINDS.items()),
        segments=list(contract_words.SEGMENTS.items()), may_edit=guard.me().can(Act.EDIT_PRICES),
    )  # fmt: skip


@blueprint.get("/desk/offers/new")
@needs(Act.EDIT_PRICES)
def new_offer() -> str:
    """An empty form."""
    data = {"kind": PromotionKind.EARLY, "valid_from": today().isoformat(), "currency": "CNY"}
    return _form_page(_form(reader(), formdata=None, data=data))


@blueprint.post("/desk/offers/new")
@needs(Act.EDIT_PRICES)
def add_offer() -> str | Response | tuple[str, int]:
    """Show whom the offer would concern, or keep it as a draft."""
    return _save(_form(reader()), None)


@blueprint.get("/desk/offers/<id:offer_id>/edit")
@needs(Act.EDIT_PRICES)
def edit_offer(offer_id: int) -> str | Response:
    """The form of a draft."""
    found = _offer(offer_id)
    if found.published_at is not None:
        flash(words.refusal(errors.NotADraft()), "warning")
        return redirect(url_for(".offer", offer_id=offer_id))
    return _form_page(_form(reader(), formdata=None, data=filled_offer(found)), found)


@blueprint.post("/desk/offers/<id:offer_id>/edit")
@needs(Act.EDIT_PRICES)
def change_offer(offer_id: int) -> str | Response | tuple[str, int]:
    """Show whom the changed draft would concern, or save it."""
    return _save(_form(reader()), _offer(offer_id))


@blueprint.get("/desk/offers/<id:offer_id>/copy")
@needs(Act.EDIT_PRICES)
def copy_offer(offer_id: int) -> str:
    """A new form with all that an offer says, from today: how one that is over comes back. A code is never given
    out twice."""
    data = filled_offer(_offer(offer_id)) | {"valid_from": today().isoformat(), "valid_to": "", "code": ""}
    return _form_page(_form(reader(), formdata=None, data=data))


def _save(form: OfferForm, found: Promotion | None) -> str | Response | tuple[str, int]:
    if not form.holds(today()):
        return _form_page(form, found), 422
    if request.form.get("do") != SAVE:
        return _form_page(form, found, _reach(reader(), form.terms()))
    by, at = guard.me().ref, clock.now()
    try:
        with transaction() as db:
            if found is None:
                offer_id = actions.draft_promotion(db, form.terms(), by, at).id
            else:
                offer_id = found.id
                held = db.get(Promotion, offer_id, with_for_update=True) or abort(404)
                actions.change_promotion(db, held, form.terms(), form.seen_version, by, at)
    except errors.ChangedMeanwhile:
        return _stale(form, offer_id), 409
    except Refusal as refused:
        form.refuse(words.refusal(refused), _FIELDS.get(type(refused)))
        return _form_page(form, found), 422
    flash(_("The draft is saved. Somebody else publishes it; until then nobody has the offer."), "success")
    return redirect(url_for(".offer", offer_id=offer_id), 303)


def _stale(form: OfferForm, offer_id: int) -> str:
    """The form as it was typed, beside what somebody else saved meanwhile."""
    db = reader()
    db.expire_all()
    fresh = _offer(offer_id)
    stale.tell(form, filled_offer(fresh), db, f"promotion:{offer_id}")
    return _form_page(form, fresh)


def _form(db: Session, **given: Any) -> OfferForm:
    return OfferForm(contracts.products(db), contracts.tags(db), **given)


def _reach(db: Session, terms: actions.OfferTerms) -> rules.Reach | None:
    """Whom the offer would concern; None for an amount off, which is the same for whoever types the code."""
    if terms.amount is not None:
        return None
    new = rules.NewOffer(
        kind=terms.kind, basis_points=terms.basis_points, least=terms.least, valid_from=terms.valid_from,
        valid_to=terms.valid_to, segment=terms.segment, product_code=terms.product_code,
    )  # fmt: skip
    lines = due_lines(
        db, today(), product_code=new.product_code, segment=new.segment, tag_id=terms.tag_id,
        lapsed=new.kind is PromotionKind.WIN_BACK,
    )  # fmt: skip
    return rules.reach_of_offer(new, lines)


def _form_page(form: OfferForm, found: Promotion | None = None, reach: rules.Reach | None = None) -> str:
    return render_template("pricing/new_offer.html", form=form, offer=found, reach=reach, words=words)


@blueprint.get("/desk/offers/<id:offer_id>")
@needs(Act.READ_PRICES)
def offer(offer_id: int) -> str:
    """One offer: what it is and who drafted it; how to publish it, to end it or to take it back."""
    found = _offer(offer_id)
    return _page(found, EndForm.about(found.valid_to))


def _page(found: Promotion, form: EndForm) -> str:
    on, me, db = today(), guard.me(), reader()
    refs = {*found.drafted_by, *([found.published_by] if found.published_by else [])}
    names = accounts.names_of(db, refs)
    return render_template(
        "pricing/offer.html",
        offer=found, form=form, words=words,
        used=queries.uses(db, [found.id], clock.now()).get(found.id, 0),
        chip=words.offer_chip(found, on),
        is_draft=found.published_at is None,
        is_coming=not rules.has_begun(found.valid_from, on),
        is_over=found.valid_to is not None and found.valid_to <= on,
        drafted_by=words.names_list([names[ref] for ref in found.drafted_by]),
        published_by=names.get(found.published_by or ""),
        zone=zone(),
        may_edit=me.can(Act.EDIT_PRICES), may_publish=me.can(Act.PUBLISH_PRICES),
        is_own=me.ref in found.drafted_by,
    )  # fmt: skip


def _offer(offer_id: int) -> Promotion:
    return lists.promotion(reader(), offer_id) or abort(404)


@blueprint.post("/desk/offers/<id:offer_id>/publish")
@needs(Act.PUBLISH_PRICES)
def publish_offer(offer_id: int) -> Response | tuple[str, int]:
    """Offer what somebody else has drafted."""
    found, version = _offer(offer_id), Versioned().seen_version
    try:
        with transaction() as db:
            held = db.get(Promotion, offer_id, with_for_update=True) or abort(404)
            actions.publish_promotion(db, held, version, today(), guard.me().ref, clock.now())
    except Refusal as refused:
        return _refused(found, refused)
    flash(_("The offer is published."), "success")
    return redirect(url_for(".offer", offer_id=offer_id), 303)


@blueprint.post("/desk/offers/<id:offer_id>/end")
@needs(Act.PUBLISH_PRICES)
def end_offer(offer_id: int) -> Response | tuple[str, int]:
    """Let an offer end."""
    found, form = _offer(offer_id), EndForm()
    if not form.validate_on_submit() or form.valid_to.day is None:
        return _page(found, form), 422
    try:
        with transaction() as db:
            promotion = db.get(Promotion, offer_id, with_for_update=True) or abort(404)
            ends = form.valid_to.day, form.seen_end
            actions.end_promotion(db, promotion, *ends, today(), guard.me().ref, clock.now())
    except Refusal as refused:
        form.refuse(words.refusal(refused), "valid_to")
        reader().refresh(found)
        return _page(found, form.now(found.valid_to)), 409 if isinstance(refused, errors.EndedMeanwhile) else 422
    flash(_("The offer has an end now. Quotes that are held keep it."), "success")
    return redirect(url_for(".offer", offer_id=offer_id), 303)


@blueprint.post("/desk/offers/<id:offer_id>/withdraw")
@needs(Act.PUBLISH_PRICES)
def withdraw_offer(offer_id: int) -> Response | tuple[str, int]:
    """Take an offer back that has not begun."""
    found, version = _offer(offer_id), Versioned().seen_version
    try:
        with transaction() as db:
            promotion = db.get(Promotion, offer_id, with_for_update=True) or abort(404)
            actions.withdraw_promotion(db, promotion, version, today(), guard.me().ref, clock.now())
    except Refusal as refused:
        return _refused(found, refused)
    flash(_("The offer is taken back; nobody had it."), "success")
    return redirect(url_for(".offers"), 303)


@blueprint.post("/desk/offers/<id:offer_id>/discard")
@needs(Act.EDIT_PRICES)
def discard_offer(offer_id: int) -> Response | tuple[str, int]:
    """Drop a draft."""
    found, version = _offer(offer_id), Versioned().seen_version
    try:
        with transaction() as db:
            promotion = db.get(Promotion, offer_id, with_for_update=True) or abort(404)
            if promotion.published_at is not None:
                raise errors.NotADraft
            actions.withdraw_promotion(db, promotion, version, today(), guard.me().ref, clock.now())
    except Refusal as refused:
        return _refused(found, refused)
    flash(_("The draft is dropped."), "success")
    return redirect(url_for(".offers"), 303)


def _refused(found: Promotion, refused: Refusal) -> tuple[str, int]:
    """The offer's page as it stands now, and why nothing was done."""
    reader().refresh(found)
    form = EndForm.about(found.valid_to)
    form.refuse(words.refusal(refused))
    return _page(found, form), 409 if isinstance(refused, errors.ChangedMeanwhile) else 422
