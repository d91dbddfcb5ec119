"""The offers: which can be had, how often they were taken, and a new one with whom it concerns."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from portal.contracts import queries as contracts
from portal.contracts import words as contract_words
from portal.contracts.models import Segment
from portal.kit import clock, guard, listing
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, needs
from portal.pricing import actions, errors, queries, rules, words
from portal.pricing.desk.blueprint import PAGE_ROWS, SAVE, blueprint, spelled, today, views
from portal.pricing.forms import EndForm, OfferForm
from portal.pricing.models import Promotion
from portal.pricing.queries import desk as lists
from portal.pricing.queries.desk import OfferWish, When
from portal.pricing.queries.reach import due_lines
from portal.pricing.rules import PromotionKind

FILTERS = ("when", "kind", "segment")


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
        views=views(".offers", wish.when, kept), kinds=list(words.PROMOTION_KINDS.items()),
        segments=list(contract_words.SEGMENTS.items()), may_edit=guard.me().can(Act.EDIT_PRICES),
    )  # fmt: skip


@blueprint.get("/desk/offers/new")
@needs(Act.EDIT_PRICES)
def new_offer() -> str:
    """An empty form."""
    data = {"kind": PromotionKind.EARLY, "valid_from": today().isoformat()}
    return _new_page(_form(reader(), formdata=None, data=data))


@blueprint.post("/desk/offers/new")
@needs(Act.EDIT_PRICES)
def add_offer() -> str | Response | tuple[str, int]:
    """Show whom the offer would concern, or make it."""
    db = reader()
    form = _form(db)
    if not form.holds(today()):
        return _new_page(form), 422
    if request.form.get("do") != SAVE:
        return _new_page(form, _reach(db, form))
    try:
        with transaction() as writing:
            made = actions.add_promotion(writing, **_facts(form))
    except Refusal as refused:
        form.refuse(words.refusal(refused), "code" if isinstance(refused, errors.CodeTaken) else None)
        return _new_page(form), 422
    flash(_("The offer is made."), "success")
    return redirect(url_for(".offer", offer_id=made.id), 303)


def _form(db: Session, **given: Any) -> OfferForm:
    return OfferForm(contracts.products(db), **given)


def _facts(form: OfferForm) -> dict[str, Any]:
    return {
        "kind": PromotionKind(form.kind.data),
        "names": form.names,
        "basis_points": form.basis_points,
        "least": form.at_least,
        "code": form.coupon_code,
        "segment": form.for_segment,
        "product_code": form.product.data or None,
        "valid_from": form.first_day,
        "valid_to": form.valid_to.day,
        "by": guard.me().ref,
        "at": clock.now(),
        **form.limits,
    }


def _reach(db: Session, form: OfferForm) -> tuple[rules.Reach, bool]:
    new = rules.NewOffer(
        kind=PromotionKind(form.kind.data),
        basis_points=form.basis_points,
        least=form.at_least,
        valid_from=form.first_day,
        valid_to=form.valid_to.day,
        segment=form.for_segment,
        product_code=form.product.data or None,
    )
    lapsed = new.kind is PromotionKind.WIN_BACK
    lines, more = due_lines(db, today(), product_code=new.product_code, segment=new.segment, lapsed=lapsed)
    return rules.reach_of_offer(new, lines), more


def _new_page(form: OfferForm, reach: tuple[rules.Reach, bool] | None = None) -> str:
    return render_template("pricing/new_offer.html", form=form, reach=reach, words=words)


@blueprint.get("/desk/offers/<id:offer_id>")
@needs(Act.READ_PRICES)
def offer(offer_id: int) -> str:
    """One offer, and how to end it or take it back."""
    found = _offer(offer_id)
    return _page(found, EndForm.about(found.valid_to))


def _page(found: Promotion, form: EndForm) -> str:
    on = today()
    return render_template(
        "pricing/offer.html",
        offer=found, form=form, words=words,
        used=queries.uses(reader(), [found.id], clock.now()).get(found.id, 0),
        chip=words.holding(found.valid_from, found.valid_to, on),
        is_coming=found.valid_from > on,
        is_over=found.valid_to is not None and found.valid_to <= on,
        may_edit=guard.me().can(Act.EDIT_PRICES),
    )  # fmt: skip


def _offer(offer_id: int) -> Promotion:
    found = lists.promotion(reader(), offer_id)
    if found is None:
        abort(404)
    return found


@blueprint.post("/desk/offers/<id:offer_id>/end")
@needs(Act.EDIT_PRICES)
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
@needs(Act.EDIT_PRICES)
def withdraw_offer(offer_id: int) -> Response | tuple[str, int]:
    """Take an offer back that has not begun."""
    found = _offer(offer_id)
    try:
        with transaction() as db:
            promotion = db.get(Promotion, offer_id, with_for_update=True) or abort(404)
            actions.withdraw_promotion(db, promotion, today(), guard.me().ref, clock.now())
    except Refusal as refused:
        form = EndForm.about(found.valid_to)
        form.refuse(words.refusal(refused))
        return _page(found, form), 422
    flash(_("The offer is taken back; nobody had it."), "success")
    return redirect(url_for(".offers"), 303)
