"""The base prices that hold, held and will hold; how one ends, or is taken back before it begins."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from payments.money import EXPONENTS
from portal.contracts import queries as contracts
from portal.contracts import words as contract_words
from portal.contracts.models import Contract, Segment
from portal.kit import clock, guard, listing
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, needs
from portal.pricing import actions, errors, rules, words
from portal.pricing.desk.blueprint import PAGE_ROWS, WHEN, blueprint, spelled, today, views
from portal.pricing.forms import EndPriceForm
from portal.pricing.models import Price
from portal.pricing.queries import desk as lists
from portal.pricing.queries.desk import PriceWish, When

FILTERS = ("when", "product", "currency", "kind", "segment", "contract")


@blueprint.get("/desk/prices")
@needs(Act.READ_PRICES)
def prices() -> str | Response:
    """The list, newest first."""
    db, asked = reader(), listing.Asked(request.args)
    products = {each.code: each.names for each in contracts.products(db)}
    wish, cursor = _wish(asked, list(products)), asked.cursor()
    page = listing.page(
        lambda at, limit: lists.prices(db, wish, at, limit),
        lambda row: (row.created_at, row.id), cursor, PAGE_ROWS,
    )  # fmt: skip
    kept = spelled(**{name: getattr(wish, name) for name in FILTERS})
    if page is None:
        return redirect(url_for(".prices", **kept))
    return render_template(
        "pricing/prices.html",
        page=page, wish=wish, kept=kept, notes=asked.notes, products=products, words=words,
        views=views(".prices", wish.when, kept), currencies=sorted(EXPONENTS), today=wish.today,
        kinds=list(words.BASE_KINDS.items()), segments=list(contract_words.SEGMENTS.items()),
        may_edit=guard.me().can(Act.EDIT_PRICES),
    )  # fmt: skip


def _wish(asked: listing.Asked, products: list[str]) -> PriceWish:
    asked.only(FILTERS)
    return PriceWish(
        today=today(),
        when=asked.word("when", When, _("View")),
        product=asked.one_of("product", products, _("Product")),
        currency=asked.one_of("currency", list(EXPONENTS), _("Currency")),
        kind=asked.word("kind", rules.BaseKind, _("Kind")),
        segment=asked.word("segment", Segment, _("Segment")),
        contract=asked.text("contract"),
    )


@blueprint.app_template_global("prices_of")
def prices_of(contract: Contract) -> list[dict[str, Any]]:
    """The contract's own prices for the desk's page of it, newest first; none for those who may see no prices."""
    if not guard.me().can(Act.READ_PRICES):
        return []
    on = today()
    rows = lists.prices(reader(), PriceWish(on, contract=contract.number), None, PAGE_ROWS)
    return [
        {
            "price": row,
            "days": words.period(row.valid_from, row.valid_to),
            "chip": words.holding(row.valid_from, row.valid_to, on),
        }
        for row in rows
    ]


@blueprint.get("/desk/prices/<id:price_id>")
@needs(Act.READ_PRICES)
def price(price_id: int) -> str:
    """One price, and how to end it or take it back."""
    found = _price(price_id)
    return _page(found, EndPriceForm.about(found.valid_to))


def _page(found: Price, form: EndPriceForm) -> str:
    on = today()
    return render_template(
        "pricing/price.html",
        price=found, form=form, words=words, kind=words.BASE_KINDS[found.kind], when=WHEN,
        chip=words.holding(found.valid_from, found.valid_to, on),
        is_coming=found.version_id is None and not rules.has_begun(found.valid_from, on),
        is_over=found.valid_to is not None and found.valid_to <= on,
        may_end=guard.me().can(Act.PUBLISH_PRICES),
    )  # fmt: skip


def _price(price_id: int) -> Price:
    found = lists.price(reader(), price_id)
    if found is None:
        abort(404)
    return found


@blueprint.post("/desk/prices/<id:price_id>/end")
@needs(Act.PUBLISH_PRICES)
def end_price(price_id: int) -> Response | tuple[str, int]:
    """Let a price end."""
    found, form = _price(price_id), EndPriceForm()
    if not form.validate_on_submit() or form.valid_to.day is None:
        return _page(found, form), 422
    try:
        with transaction() as db:
            price = db.get(Price, price_id, with_for_update=True) or abort(404)
            ends = form.valid_to.day, form.seen_end
            by, at = guard.me().ref, clock.now()
            actions.end_price(db, price, *ends, today(), by, at, off_sale=form.off_sale.data)
    except Refusal as refused:
        form.refuse(words.refusal(refused), "valid_to")
        reader().refresh(found)
        return _page(found, form.now(found.valid_to)), 409 if isinstance(refused, errors.EndedMeanwhile) else 422
    flash(_("The price has an end now. Quotes that are held keep it."), "success")
    return redirect(url_for(".price", price_id=price_id), 303)


@blueprint.post("/desk/prices/<id:price_id>/withdraw")
@needs(Act.PUBLISH_PRICES)
def withdraw_price(price_id: int) -> Response | tuple[str, int]:
    """Take a price back that has not begun."""
    found = _price(price_id)
    try:
        with transaction() as db:
            price = db.get(Price, price_id, with_for_update=True) or abort(404)
            actions.withdraw_price(db, price, today(), guard.me().ref, clock.now())
    except Refusal as refused:
        form = EndPriceForm.about(found.valid_to)
        form.refuse(words.refusal(refused))
        return _page(found, form), 422
    flash(_("The price is taken back; it never held."), "success")
    return redirect(url_for(".prices"), 303)
