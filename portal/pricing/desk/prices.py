"""The base prices: which hold, which come, and a new one with whom it concerns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from payments.money import EXPONENTS
from portal.contracts import queries as contracts
from portal.contracts import words as contract_words
from portal.contracts.models import Contract, Segment
from portal.kit import clock, guard, i18n, listing
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, needs
from portal.pricing import actions, errors, rules, words
from portal.pricing.desk.blueprint import PAGE_ROWS, SAVE, WHEN, blueprint, spelled, today, views
from portal.pricing.forms import EndForm, PriceForm
from portal.pricing.models import Price
from portal.pricing.queries import desk as lists
from portal.pricing.queries.desk import PriceWish, When
from portal.pricing.queries.reach import due_lines, rows_of

FILTERS = ("when", "product", "currency", "kind", "segment", "contract")
# Where the form shows each refusal; all others stand at its top.
_FIELDS: dict[type[Refusal], str] = {
    errors.PeriodOverlap: "valid_from",
    errors.NotCharged: "unit_price",
    errors.ForeignCurrency: "currency",
    errors.ProductNotInContract: "product",
}


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


@blueprint.get("/desk/prices/new")
@needs(Act.EDIT_PRICES)
def new_price() -> str:
    """An empty form, or one begun for `?contract=` and `?product=`."""
    db = reader()
    contract = contracts.by_number(db, request.args.get("contract", ""))
    data: dict[str, Any] = {
        "whom": rules.BaseKind.CONTRACT if contract else rules.BaseKind.LIST,
        "contract": contract.number if contract else "",
        "currency": contract.currency if contract else "CNY",
        "product": request.args.get("product", ""),
        "valid_from": (today() + timedelta(days=1)).isoformat(),  # so that a slip can still be taken back
        "book": f"{today():%Y-%m}",
        "instead": True,
    }
    return _new_page(_form(db, formdata=None, data=data))


@blueprint.post("/desk/prices/new")
@needs(Act.EDIT_PRICES)
def add_price() -> str | Response | tuple[str, int]:
    """Show whom the price would concern, or add it."""
    db = reader()
    form = _form(db)
    contract = _contract(db, form) if form.holds(today()) else None
    if form.errors:
        return _new_page(form), 422
    if request.form.get("do") != SAVE:
        return _new_page(form, _reach(db, form, contract))
    try:
        with transaction() as writing:
            own = contracts.lock(writing, contract.id) if contract else None
            price = actions.add_price(writing, contract=own, **_facts(form))
    except Refusal as refused:
        form.refuse(words.refusal(refused), _FIELDS.get(type(refused)))
        return _new_page(form), 422
    flash(_("The price is in the book."), "success")
    if price.valid_to and not _follows(db, price):
        day = i18n.day(price.valid_to)
        flash(_("From %(day)s no price of this kind follows. Add the next one in time.", day=day), "warning")
    return redirect(url_for(".price", price_id=price.id), 303)


def _follows(db: Session, price: Price) -> bool:
    """Does a price of the same kind hold on the first day without this one?"""
    assert price.valid_to is not None
    rows = rows_of(db, price.product_code, price.currency, today())
    return rules.in_force(rows.get(price.contract_id or price.segment, ()), price.valid_to) is not None


def _form(db: Session, **given: Any) -> PriceForm:
    return PriceForm(contracts.products(db), **given)


def _contract(db: Session, form: PriceForm) -> Contract | None:
    """The contract that the price is for; an error at its field where there is none of that number."""
    if form.whom.data != rules.BaseKind.CONTRACT:
        return None
    found = contracts.by_number(db, form.contract.data or "")
    if found is None:
        form.refuse(_("We found no contract with this number."), "contract")
    return found


def _facts(form: PriceForm) -> dict[str, Any]:
    return {
        "product_code": form.product.data,
        "currency": form.currency.data,
        "unit_minor": form.unit_minor,
        "segment": form.for_segment,
        "valid_from": form.first_day,
        "valid_to": form.valid_to.day,
        "book": form.book.data,
        "instead": form.instead.data,
        "by": guard.me().ref,
        "at": clock.now(),
    }


def _reach(db: Session, form: PriceForm, contract: Contract | None) -> tuple[rules.Reach, bool]:
    on, product, currency = today(), str(form.product.data), str(form.currency.data)
    new = rules.NewPrice(
        form.unit_minor,
        form.first_day,
        form.valid_to.day,
        form.for_segment,
        contract.id if contract else None,
    )
    lines, more = due_lines(
        db, on, product_code=product, currency=currency, segment=new.segment, contract_id=new.contract_id
    )
    return rules.reach_of_price(new, lines, rows_of(db, product, currency, on)), more


def _new_page(form: PriceForm, reach: tuple[rules.Reach, bool] | None = None) -> str:
    return render_template("pricing/new_price.html", form=form, reach=reach, words=words)


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
    return _page(found, EndForm.about(found.valid_to))


def _page(found: Price, form: EndForm) -> str:
    on = today()
    return render_template(
        "pricing/price.html",
        price=found, form=form, words=words, kind=words.BASE_KINDS[found.kind], when=WHEN,
        chip=words.holding(found.valid_from, found.valid_to, on),
        is_coming=found.valid_from > on,
        is_over=found.valid_to is not None and found.valid_to <= on,
        may_edit=guard.me().can(Act.EDIT_PRICES),
    )  # fmt: skip


def _price(price_id: int) -> Price:
    found = lists.price(reader(), price_id)
    if found is None:
        abort(404)
    return found


@blueprint.post("/desk/prices/<id:price_id>/end")
@needs(Act.EDIT_PRICES)
def end_price(price_id: int) -> Response | tuple[str, int]:
    """Let a price end."""
    found, form = _price(price_id), EndForm()
    if not form.validate_on_submit() or form.valid_to.day is None:
        return _page(found, form), 422
    try:
        with transaction() as db:
            price = db.get(Price, price_id, with_for_update=True) or abort(404)
            ends = form.valid_to.day, form.seen_end
            actions.end_price(db, price, *ends, today(), guard.me().ref, clock.now())
    except Refusal as refused:
        form.refuse(words.refusal(refused), "valid_to")
        reader().refresh(found)
        return _page(found, form.now(found.valid_to)), 409 if isinstance(refused, errors.EndedMeanwhile) else 422
    flash(_("The price has an end now. Quotes that are held keep it."), "success")
    return redirect(url_for(".price", price_id=price_id), 303)


@blueprint.post("/desk/prices/<id:price_id>/withdraw")
@needs(Act.EDIT_PRICES)
def withdraw_price(price_id: int) -> Response | tuple[str, int]:
    """Take a price back that has not begun."""
    found = _price(price_id)
    try:
        with transaction() as db:
            price = db.get(Price, price_id, with_for_update=True) or abort(404)
            actions.withdraw_price(db, price, today(), guard.me().ref, clock.now())
    except Refusal as refused:
        form = EndForm.about(found.valid_to)
        form.refuse(words.refusal(refused))
        return _page(found, form), 422
    flash(_("The price is taken back; it never held."), "success")
    return redirect(url_for(".prices"), 303)
