"""Contracts as the customer's pages show them: what stands on a card, and where its button leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import url_for
from flask_babel import gettext as _

from payments.money import Money
from portal.contracts import rules as contract_rules
from portal.contracts import words as contract_words
from portal.contracts.models import Contract, Term
from portal.contracts.rules import Standing
from portal.contracts.words import DrawnRail
from portal.home import rules
from portal.home.views.blueprint import blueprint
from portal.home.words import contracts as words
from portal.home.words import orders as order_words
from portal.kit import clock
from portal.kit.guard import Act, Actor
from portal.kit.i18n import named
from portal.orders.models import OPEN, Order
from portal.pricing import rules as pricing
from portal.pricing import words as price_words
from portal.pricing.errors import PriceUnavailable
from portal.pricing.models import Quote
from portal.pricing.rules import Book, Offer


@dataclass(frozen=True)
class Button:
    """Where a card leads; `hook` is its data-action."""

    label: str
    url: str
    hook: str | None = None


@dataclass(frozen=True)
class Tag:
    """A price in a corner of a card: for how long, how much, with which tax."""

    label: str
    total: Money
    tax: str


def tag(offer: Offer) -> Tag:
    return Tag(words.price_from(offer.months), offer.total, words.tax_in(offer.document["tax"]["kind"]))


@dataclass(frozen=True)
class Look:
    """A contract on a day, as far as every page needs it."""

    contract: Contract
    on: date
    term: Term
    next_term: Term | None
    standing: Standing
    can_renew: bool
    order: Order | None
    held: Quote | None = None

    @property
    def ends_on(self) -> date:
        """The last day that is paid for."""
        return self.next_term.ends_on if self.next_term else self.term.ends_on

    @property
    def is_over(self) -> bool:
        """Has it ended, with nothing left that runs or has to be done?"""
        return self.ends_on < self.on and self.order is None

    @property
    def name(self) -> str:
        return contract_words.called([named(line.product.names) for line in self.term.lines])

    @property
    def seats(self) -> str:
        return price_words.seats_label(sum(line.seats for line in self.term.lines))

    @property
    def chip(self) -> tuple[str, str]:
        return contract_words.standing_chip(self.standing, self.can_renew)

    @property
    def rail(self) -> DrawnRail:
        drawn = contract_words.drawn_rail(self.contract.terms, self.on)
        if self.standing is not Standing.DECLINED or self.on <= self.term.ends_on:
            return drawn
        # Declined after the last day: no grace is left to show.
        label, end = words.ended_rail(self.term.ends_on)
        whole = contract_rules.RAIL
        return replace(drawn, label=label, end_text=end, past=whole, grace_past=0, grace=0, today=None)

    @property
    def figure(self) -> tuple[str, str]:
        return words.days(self.standing, self.term.ends_on, self.on)

    @property
    def next_step(self) -> str:
        if self.order is not None:
            return order_words.next_step(self.order.state)
        return words.next_step(self.standing, self.term.ends_on, self.on, self.can_renew)

    @property
    def quiet(self) -> tuple[str, str]:
        starts_on = self.next_term.starts_on if self.next_term else None
        return words.quiet(self.standing, self.ends_on, self.on, starts_on)

    @property
    def quiet_text(self) -> str:
        """What a page says when there is nothing to do."""
        if self.standing is Standing.RENEWED:
            return words.refused(self.standing, self.term.ends_on, self.ends_on, self.on)[0]
        return ". ".join(self.quiet)

    @property
    def in_words(self) -> str:
        return words.when_ends(self.ends_on, self.on)

    @property
    def held_until(self) -> date | None:
        """The last day on which the held price holds, where the contract is."""
        return pricing.held_until(self.held.valid_until, self.contract.zone) if self.held else None

    @property
    def order_chip(self) -> tuple[str, str] | None:
        return order_words.chip(self.order.state) if self.order else None


def look(
    contract: Contract, order: Order | None, at: datetime, held: Quote | None = None, actor: Actor | None = None
) -> Look:
    """`contract` on the day that `at` is in its zone. `order`: its newest order; only an open one counts. `held`:
    a price held for it; it counts as long as it can be ordered, for an `actor` who may see prices."""
    on = clock.day(at, contract.zone)
    declined = contract.declined_at is not None
    can_renew = contract_rules.can_renew(contract.terms, on, declined)
    open_order = order if order is not None and order.state in OPEN else None
    sees = actor is not None and actor.can(Act.SEE_PRICES, contract.company_id)
    return Look(
        contract=contract,
        on=on,
        term=contract_rules.running(contract.terms, on),
        next_term=contract_rules.waiting(contract.terms, on),
        standing=contract_rules.standing(contract.terms, on, declined),
        can_renew=can_renew,
        order=open_order,
        held=held if can_renew and sees and open_order is None else None,
    )


@dataclass(frozen=True)
class Card:
    """A contract in the list, with what this person can do about it."""

    look: Look
    needs_you: bool
    offer: Offer | None
    button: Button
    may_renew: bool
    no_price: bool = False  # this person may see a price, and there is none

    @property
    def pressing(self) -> bool:
        return rules.is_pressing(self.look.standing, self.look.order.state if self.look.order else None)

    @property
    def price(self) -> Tag | None:
        return tag(self.offer) if self.offer else None


def cards(looks: Sequence[Look], books: Mapping[int, Book], actor: Actor) -> list[Card]:
    """The cards in the order of `looks`, those that need this person first."""
    made = [_card(each, books.get(each.contract.id), actor) for each in looks]
    return sorted(made, key=lambda card: (not card.needs_you, not card.pressing))


@blueprint.app_template_global("other_choice")
def other_choice(quote: Quote) -> str:
    """Where something else than the quote's can be chosen, beginning with what it is."""
    seats = [line["seats"] for line in quote.document["lines"]]
    code = pricing.code_in(quote.document) or None
    return url_for("home.renew", number=quote.contract.number, term_months=quote.months, seats=seats, code=code)


def held_for(quote: Quote) -> str:
    """What a held price buys: "24 months, 20 seats"."""
    seats = sum(line["seats"] for line in quote.document["lines"])
    return _("%(months)s, %(seats)s", months=price_words.term_label(quote.months),
             seats=price_words.seats_label(seats))  # fmt: skip


def wants_price(each: Look, actor: Actor) -> bool:
    """Does the card of this contract show a price to this person?"""
    company = each.contract.company_id
    return (
        each.can_renew
        and each.order is None
        and each.held is None
        and each.standing in rules.PRESSING
        and actor.can(Act.SEE_PRICES, company)
    )


def _card(each: Look, book: Book | None, actor: Actor) -> Card:
    company = each.contract.company_id
    may_renew = each.can_renew and actor.can(Act.RENEW, company)
    offer = cheapest(book, each) if book else None
    return Card(
        look=each,
        needs_you=needs(each, actor),
        offer=offer,
        button=_button(each, may_renew, actor),
        may_renew=may_renew,
        no_price=book is not None and offer is None,
    )


def needs(each: Look, actor: Actor) -> bool:
    """Does the contract wait for this person?"""
    company = each.contract.company_id
    state = each.order.state if each.order else None
    may_renew = each.can_renew and actor.can(Act.RENEW, company)
    return rules.needs_you(each.standing, state, may_renew, actor.can(Act.PAY, company))


def cheapest(book: Book, each: Look) -> Offer | None:
    """The shortest term's price for the same seats, or None when the book has no price."""
    try:
        found = pricing.offers(book, each.contract, None, each.on)
    except PriceUnavailable:
        return None
    return found[0] if found else None


def _button(each: Look, may_renew: bool, actor: Actor) -> Button:
    number = each.contract.number
    if each.order is not None:
        url = url_for("home.order", number=each.order.number)
        pays = each.order.state in rules.UNPAID and actor.can(Act.PAY, each.contract.company_id)
        return Button(_("Continue to payment") if pays else _("See the order"), url, "resume")
    if may_renew and each.held is not None:
        return Button(_("Continue with this price"), url_for("home.quote", quote_id=each.held.id), "resume-quote")
    if may_renew:
        url = url_for("home.renew", number=number)
        pressing = each.standing in rules.PRESSING
        return Button(_("See price and renew") if pressing else _("See price"), url, "renew")
    return Button(_("View"), url_for("home.contract", number=number))
