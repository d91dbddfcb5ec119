"""The offer: choose term and seats, see why it costs what it costs, have the price held."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from payments.money import Money
from portal.contracts import queries as contracts
from portal.contracts import rules as contract_rules
from portal.contracts.models import Contract
from portal.contracts.rules import TermPlan
from portal.home import rules
from portal.home.forms import OfferForm, offer_form
from portal.home.views import cards
from portal.home.views.blueprint import blueprint
from portal.home.views.contracts import find
from portal.home.words import contracts as words
from portal.home.words import orders as order_words
from portal.kit import clock, guard, i18n
from portal.kit.db import reader, transaction
from portal.kit.errors import Refusal
from portal.kit.guard import Act, needs
from portal.kit.i18n import named
from portal.kit.tries import Tries
from portal.orders import queries as orders
from portal.pricing import actions as pricing
from portal.pricing import queries as price_queries
from portal.pricing import rules as price_rules
from portal.pricing import words as price_words
from portal.pricing.errors import NothingToPay, PriceUnavailable
from portal.pricing.rules import Book, Offer

HOLD = "quote"
# What a customer chooses, by form or in the address.
CHOICES = ("term_months", "seats", "code")
YEAR = 12
# Guessing codes: so many wrong ones for one person.
TRIES = Tries("coupon", "20 per hour")


@dataclass(frozen=True)
class Pick:
    """One term length to choose."""

    months: int
    offer: Offer
    plan: TermPlan
    saving: str | None

    @property
    def label(self) -> str:
        return price_words.term_label(self.months)

    @property
    def total(self) -> Money:
        return self.offer.total

    @property
    def seats(self) -> str:
        return price_words.seats_label(self.offer.seats)

    @property
    def per_seat(self) -> str:
        """What a seat costs a year, in words."""
        unit = price_rules.per_seat_year(self.total, self.offer.seats, self.months)
        exact = unit.minor * self.offer.seats * self.months == self.total.minor * 12
        return order_words.per_seat(unit, exact)


@dataclass(frozen=True)
class Table:
    """What the offer page is made of: the contract, its book, and the form."""

    each: cards.Look
    book: Book
    on_sale: list[int]
    form: OfferForm
    code: str  # a coupon that takes something off

    @property
    def seats_wrong(self) -> bool:
        return any(field.errors for field in self.form.seat_fields())

    def picks(self) -> list[Pick]:
        """A price for each term length, for the seats in the form, or last term's where those are wrong."""
        contract, on = self.each.contract, self.each.on
        seats = None if self.seats_wrong else self.form.seats()
        last = contracts.last_term(contract)
        offers = price_rules.offers(self.book, contract, seats, on)
        return [
            Pick(
                offer.months,
                offer,
                contract_rules.next_term(last, offer.months, on),
                price_words.saving(offer, offers),
            )
            for offer in offers
        ]


@blueprint.get("/contracts/<number>/renew")
@needs(Act.SEE_PRICES)
def renew(number: str) -> str | tuple[str, int]:
    """The offer for the choices in the address."""
    contract, at = find(reader(), number, Act.SEE_PRICES), clock.now()
    chosen = request.args if set(CHOICES) & set(request.args) else None
    table = _table(contract, at, chosen)
    if isinstance(table, str):
        return table
    if chosen and not table.form.is_good():
        return _page(table), 422
    return _page(table)


@blueprint.post("/contracts/<number>/renew")
@needs(Act.SEE_PRICES)
@guard.keeps(*CHOICES)
def renew_now(number: str) -> str | Response | tuple[str, int]:
    """Work out the price again, or hold it. Only term, seats and code are read; all else in the form is ours."""
    contract, at = find(reader(), number, Act.SEE_PRICES), clock.now()
    table = _table(contract, at, request.form)
    if isinstance(table, str):
        return table
    if not table.form.is_good():
        return _page(table), 422
    months, seats, code = table.form.term_months.data, table.form.seats(), table.form.code.data or None
    here = url_for("home.renew", number=number, term_months=months, seats=seats, code=code)
    if request.form.get("do") != HOLD:
        return redirect(here, 303)
    guard.require(Act.RENEW, contract.company_id)
    if not _seen(table):
        flash(_why_look_again(table), "info")
        return redirect(here, 303)
    try:
        with transaction() as db:
            quote = pricing.seal(db, contract, months, seats, guard.me().ref, at, table.code)
    except Refusal:  # it changed between our look and the lock: the offer page says how
        return redirect(url_for("home.renew", number=number, code=code), 303)
    return redirect(url_for("home.quote", quote_id=quote.id), 303)


def _seen(table: Table) -> bool:
    """Was the price of the posted choice on the screen from which it was posted?"""
    months, total = table.form.term_months.data, _total(table)
    return total is not None and rules.was_on_screen(*_screen(), months, table.form.seats(), total.minor)


def _why_look_again(table: Table) -> str:
    """The choice is another one than was on the screen, or the price is."""
    now, same_code = _total(table), request.form.get("shown_code", "") == (table.form.code.data or "")
    before = rules.shown_before(*_screen(), table.form.term_months.data, table.form.seats())
    if now is None or before is None or not same_code:
        return _("The price now fits your choice. Look at it, then hold it.")
    was = Money(before, now.currency)
    return _(
        "Our price has changed since you opened this page: %(new)s now, %(old)s before. Look at it, then hold it.",
        new=i18n.money(now), old=i18n.money(was),
    )  # fmt: skip


def _total(table: Table) -> Money | None:
    """Today's price of what was posted."""
    months = table.form.term_months.data
    return next((pick.total for pick in table.picks() if pick.months == months), None)


def _screen() -> tuple[list[str], list[str]]:
    """What the form says it showed."""
    return request.form.get("shown_seats", "").split(), request.form.get("shown_totals", "").split()


def _table(contract: Contract, at: datetime, given: Any | None) -> Table | str:
    """What there is to choose, or the page that says why there is nothing."""
    db = reader()
    each = cards.look(contract, orders.latest_for(db, [contract.id]).get(contract.id), at)
    if each.order is not None or not each.can_renew:
        return _refusal(each)
    typed = str(given.get("code", "")) if given is not None else ""
    used_up, code = TRIES.used_up(guard.me().ref), price_rules.normal_code(typed)
    book = price_queries.book_for(db, contract, at, "" if used_up else code)
    last = contracts.last_term(contract)
    lines = [(named(line.product.names), line.seats) for line in last.lines]
    try:
        on_sale = [offer.months for offer in price_rules.offers(_without_code(book), contract, None, each.on)]
        usual = last.months if last.months in on_sale else on_sale[0]
        form = offer_form(on_sale, usual, lines, given)
        book, too_much = _payable(book, contract, form.good_seats(), each.on)
        offers = price_rules.offers(book, contract, form.good_seats(), each.on)
    except PriceUnavailable as refused:
        return _refusal(each, price_words.refusal(refused))
    if too_much:
        form.refused = words.code_takes_all()
    elif typed.strip() and not any(offer.coupon for offer in offers):
        TRIES.failed(guard.me().ref)
        form.refused = words.no_coupon(used_up)
    return Table(each, book, on_sale, form, code)


def _payable(book: Book, contract: Contract, seats: list[int] | None, on: date) -> tuple[Book, bool]:
    """The book, without a code that would leave nothing to pay, and whether there was one. Raises PriceUnavailable
    when nothing is left to pay without it either."""
    try:
        price_rules.offers(book, contract, seats, on)
    except NothingToPay:
        price_rules.offers(_without_code(book), contract, seats, on)
        return _without_code(book), True
    return book, False


def _without_code(book: Book) -> Book:
    return replace(book, promotions=tuple(row for row in book.promotions if not row.code))


def _page(table: Table) -> str:
    each, form = table.each, table.form
    picks = table.picks()
    months = form.term_months.data
    chosen = next((pick for pick in picks if pick.months == months), picks[0])
    offer = chosen.offer
    document = offer.document
    company = each.contract.company_id
    me = guard.me()
    return render_template(
        "home/renew.html",
        each=each,
        contract=each.contract,
        form=form,
        picks=picks,
        seats_wrong=table.seats_wrong,
        shown_seats=" ".join(str(line["seats"]) for line in document["lines"]),
        shown_totals=" ".join(f"{pick.months}:{pick.total.minor}" for pick in picks),
        chosen=chosen,
        steps=price_words.explain(document["steps"], offer.currency, document["lines"]),
        total_label=price_words.total_label(offer),
        tax_note=price_words.tax_note(offer),
        compared=price_words.compare_last(offer),
        line_changes=price_words.line_changes(offer),
        early_until=price_words.early_until(offer),
        coming=price_words.coming(_coming(table, chosen)),
        years=_years(chosen),
        one_payment=words.one_payment(document["tax"]["kind"]),
        last_seats=[price_words.seats_label(line.seats) for line in contracts.last_term(each.contract).lines],
        held_until=_held_until(each, chosen),
        may_renew=me.can(Act.RENEW, company),
        may_decline=me.can(Act.DECLINE, company)
        and contract_rules.can_decline(each.contract.terms, each.on, each.contract.declined_at is not None),
    )


def _coming(table: Table, chosen: Pick) -> price_rules.Coming | None:
    """What the chosen renewal will cost once prices begin that are already in the book."""
    contract, on = table.each.contract, table.each.on
    seats = None if table.seats_wrong else table.form.seats()
    return price_rules.next_change(table.book, contract, chosen.months, seats, on)


def _years(chosen: Pick) -> list[price_rules.Year]:
    """What each year of the term costs; of a term of several years alone."""
    if chosen.months <= YEAR:
        return []
    return price_rules.by_year(chosen.total, chosen.plan)


def _held_until(each: cards.Look, chosen: Pick) -> date:
    """The last day for which a price that is held today would be held."""
    zone, ends_on = each.contract.zone, contracts.last_term(each.contract).ends_on
    until = price_rules.valid_until(each.on, zone, ends_on, chosen.plan.on_payment, chosen.offer.early_days)
    return price_rules.held_until(until, zone)


def _refusal(each: cards.Look, no_price: str | None = None) -> str:
    if no_price:
        title, text = _("There is no price yet"), no_price
    elif each.order is not None:
        title = _("This contract has an open order")
        text = _("Go on with it, or cancel it there to choose again. Nothing is ordered twice.")
    else:
        title, text = words.refused(
            each.standing, each.term.ends_on, each.ends_on, each.on, each.term.order_number is not None
        )
    done = each.next_term.order_number if each.next_term else None
    return render_template("home/no_offer.html", each=each, title=title, text=text, ask=bool(no_price), done=done)
