"""Say in a line what state an order is in and, when something is wrong, what it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from payments.money import Money
from portal.contracts.words import called
from portal.finance.words import method as method
from portal.kit import addresses
from portal.kit.export import Column, local
from portal.orders.models import CancelledBy, Order, OrderState
from portal.orders.rules import HeldReason
from portal.pricing.models import Quote
from portal.pricing.words import line_name
from portal.staff.rules import WAITING, View

S = OrderState

STATES: Final = {
    S.AWAITING_PAYMENT: ("quiet", _l("Awaiting payment")),
    S.AWAITING_TRANSFER: ("info", _l("Awaiting transfer")),
    S.PROCESSING: ("info", _l("On its way")),
    S.HELD: ("danger", _l("Held")),
    S.PAID: ("ok", _l("Paid")),
    S.PARTLY_REFUNDED: ("warn", _l("Partly refunded")),
    S.REFUNDED: ("quiet", _l("Refunded")),
    S.DISPUTED: ("danger", _l("Disputed")),
    S.CANCELLED: ("quiet", _l("Cancelled")),
    S.EXPIRED: ("quiet", _l("Expired")),
}

# Whose turn it is, and at what.
TURNS: Final = {
    S.AWAITING_PAYMENT: _l("The customer’s turn: they pay on the order’s page."),
    S.AWAITING_TRANSFER: _l("The customer’s turn: they transfer the money."),
    S.PROCESSING: _l("The bank’s turn: the money is on its way."),
    S.HELD: _l(
        "Our turn: finance decides about the money. Nothing is renewed by it, and the order stays held until then."
        " Under “Exceptions” they refund it, or let it pay another order; tell the customer."
    ),
    S.PAID: _l("Nothing to do: the contract is renewed."),
    S.PARTLY_REFUNDED: _l("Nothing to do: part of the money went back, the contract stays renewed."),
    S.REFUNDED: _l("Nothing to do: the money went back."),
    S.DISPUTED: _l("Our turn: finance answers the dispute."),
    S.CANCELLED: _l("Closed without a payment. The customer can ask for a new price."),
    S.EXPIRED: _l("Closed without a payment. The customer can ask for a new price."),
}

VIEWS: Final = {
    View.ALL: _l("All orders"),
    View.NEEDS_LOOK: _l("Needs a look"),
    View.AWAITING: _l("Awaiting payment"),
    View.PAID: _l("Paid"),
}

# Why an order is held: what happened, and whose turn it is.
_HELD: Final = {
    HeldReason.AMOUNT: _l("The amount paid differs from the quote."),
    HeldReason.CURRENCY: _l("The payment came in another currency than the quote."),
    HeldReason.REFERENCE: _l("The payment names another order or quote."),
    HeldReason.CLOSED: _l("The payment came after the order was closed."),
    HeldReason.ALREADY_RENEWED: _l("The contract was already renewed when the payment came."),
}

# What the bank or the provider answered, by its code.
_FAILURES: Final = {
    "insufficient_funds": _l("Declined: not enough funds"),
    "expired_card": _l("Declined: the card has expired"),
    "incorrect_cvc": _l("Declined: wrong security code"),
    "lost_card": _l("Declined: the card is blocked"),
    "stolen_card": _l("Declined: the card is blocked"),
    "processing_error": _l("The card network had an error"),
    "authentication_required": _l("The bank could not confirm the customer’s identity"),
    "payment_intent_authentication_failure": _l("The bank could not confirm the customer’s identity"),
    "generic_decline": _l("The bank declined the card"),
    "card_declined": _l("The bank declined the card"),
    "payment_intent_payment_attempt_failed": _l("Declined by the bank"),
}


def chip(order: Order) -> tuple[str, str]:
    """Kind and word of an order's state. A waiting order whose last try failed says so."""
    if order.state in WAITING and order.last_failure:
        return "warn", _("Payment failed")
    kind, label = STATES[order.state]
    return kind, str(label)


def trouble(order: Order) -> str | None:
    """The second line of a row: why it is held, declined or cancelled; None when nothing is wrong."""
    if order.state is S.HELD:
        return held(order.held_reason)
    if order.state in WAITING and order.last_failure:
        return failure(order.last_failure)
    if order.state is S.CANCELLED and order.cancelled_by:
        return cancelled(order.cancelled_by)
    return None


def held(reason: str | None) -> str:
    """Why an order is held. A reason that we have no sentence for yet stands in `code`."""
    known = _HELD[HeldReason(reason)] if reason in tuple(HeldReason) else None
    return str(known) if known else _("The payment does not fit the order.")


def failure(code: str) -> str:
    """What the bank or the provider answered. An answer that we have no sentence for stands in `code`."""
    known = _FAILURES.get(code)
    return str(known) if known else _("Declined by the bank")


def code(order: Order) -> str | None:
    """The code behind `trouble`, for whoever looks it up."""
    if order.state is S.HELD:
        return order.held_reason
    return order.last_failure if order.state in WAITING else None


def cancelled(by: CancelledBy) -> str:
    return _("By staff") if by is CancelledBy.STAFF else _("By the customer")


def renewal(quote: Quote) -> str:
    """What is renewed: "Insight Analytics, 24 months"."""
    what = called([line_name(line) for line in quote.document["lines"]])
    months = _("%(count)s mo", count=quote.months)
    return _("%(what)s, %(months)s", what=what, months=months)


def columns(zone: str, with_prices: bool, with_payments: bool) -> list[Column[Any]]:
    """The columns of the orders' export, of rows as queries.every_order gives them; instants in `zone`."""
    here, address = local(zone), addresses.shower()
    amounts: list[Column[Any]] = [
        Column(_("Before tax"), lambda row: Money(row.net_minor, row.currency)),
        Column(_("Tax"), lambda row: Money(row.tax_minor, row.currency)),
        Column(_("Total"), lambda row: Money(row.total_minor, row.currency)),
    ]
    payments: list[Column[Any]] = [
        Column(_("Paid by"), lambda row: method(row.paid_with)),
        Column(_("Receipt number"), lambda row: row.receipt),
    ]
    return [
        Column(_("Order"), lambda row: row.number),
        Column(_("Placed (%(zone)s)", zone=zone), lambda row: here(row.placed_at)),
        Column(_("Company"), lambda row: row.company),
        Column(_("Contract"), lambda row: row.contract),
        Column(_("Months"), lambda row: row.months),
        Column(_("State"), _state_words()),
        Column(_("Currency"), lambda row: row.currency),
        *(amounts if with_prices else []),
        Column(_("PO number"), lambda row: row.po_number),
        Column(_("Placed by"), lambda row: address(row.placed_email)),
        Column(_("Paid (%(zone)s)", zone=zone), lambda row: here(row.paid_at)),
        *(payments if with_payments else []),
        Column(_("Changed (%(zone)s)", zone=zone), lambda row: here(row.changed_at)),
    ]


def _state_words() -> Callable[[Any], str]:
    """An order's state in words; each word is looked up once for the whole export."""
    said = {state: str(label) for state, (_kind, label) in STATES.items()}
    failed = _("Payment failed")
    return lambda row: failed if row.state in WAITING and row.last_failure else said[row.state]
