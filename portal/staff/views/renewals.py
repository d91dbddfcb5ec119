"""What staff's pages of lower rooms show from above them: a contract's orders and quotes. Contracts and pricing
know no orders, so that their templates ask through these globals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from portal.accounts import queries as accounts
from portal.audit.actions import SYSTEM
from portal.contracts.models import Contract
from portal.kit import clock
from portal.kit.db import reader
from portal.orders import queries as orders
from portal.orders.models import OPEN, Order
from portal.orders.rules import SETTLED
from portal.pricing import queries as pricing
from portal.pricing import rules as pricing_rules
from portal.pricing.models import Quote
from portal.pricing.words import STANDING_CHIPS, standing_label, term_label
from portal.staff.queries import orders as queries
from portal.staff.views.blueprint import blueprint, sees_prices
from portal.staff.words import orders as words


@dataclass(frozen=True)
class OrderLine:
    """An order as others' pages name it."""

    number: str
    url: str
    chip: tuple[str, str]
    state: str
    is_open: bool
    row: Order


@dataclass(frozen=True)
class Renewals:
    """A contract's orders, the open one first, and its newest quotes."""

    orders: list[OrderLine]
    quotes: list[dict[str, Any]]


@blueprint.app_template_global("renewals_of")
def renewals_of(contract: Contract) -> Renewals:
    """All orders of the contract and, for who sees prices, its newest quotes; in three statements."""
    db = reader()
    found = sorted(orders.of_contract(db, contract.id), key=lambda order: order.state not in OPEN)
    used = {order.quote_id: order for order in found}
    quotes = pricing.latest_quotes(db, contract.id) if sees_prices() else []
    names = accounts.names_of(db, {quote.created_by for quote in quotes})
    return Renewals(
        [_line(order) for order in found],
        [_quote(quote, contract, used.get(quote.id), names) for quote in quotes],
    )


@blueprint.app_template_global("open_order_of")
def open_order_of(contract: Contract) -> OrderLine | None:
    """The contract's open order; one statement."""
    found = orders.open_for(reader(), contract.id)
    return _line(found) if found else None


@blueprint.app_template_global("order_of_quote")
def order_of_quote(quote: Quote) -> OrderLine | None:
    """The order that used this quote up, or has it open; none for one that was closed unpaid. One statement."""
    found = orders.of_quote(reader(), quote.id)
    return _line(found) if found and (found.state in OPEN or found.state in SETTLED) else None


@blueprint.app_template_global("currencies_sold")
def currencies_sold() -> list[str]:
    """The currencies of the price book; one statement."""
    return queries.currencies(reader())


def _line(order: Order) -> OrderLine:
    url = url_for("staff.order", number=order.number)
    return OrderLine(order.number, url, words.chip(order), order.state.value, order.state in OPEN, order)


def _quote(quote: Quote, contract: Contract, order: Order | None, names: dict[str, str]) -> dict[str, Any]:
    standing = pricing_rules.quote_standing(quote, contract.rev, clock.now())
    chip = (STANDING_CHIPS[standing], standing_label(standing))
    if order and (order.state in OPEN or order.state in SETTLED):
        chip = ("quiet", _("Ordered"))
    return {
        "id": quote.id,
        "url": url_for("pricing_desk.quote", quote_id=quote.id),
        "term": term_label(quote.months),
        "total": quote.total,
        "chip": chip,
        "by": _("the portal") if quote.created_by == SYSTEM else names[quote.created_by],
        "at": quote.created_at,
    }
