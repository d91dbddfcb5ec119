"""Say what became of a payment: what happened, what to do, where the money is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.checkout.errors import AlreadyPaid, OrderNotPayable, PaymentUnavailable
from portal.kit import clock, i18n
from portal.kit.errors import Refusal
from portal.kit.mail import Letter
from portal.orders.models import Order, OrderState
from portal.orders.rules import HeldReason

# What a bank or the provider said, by its code. All of them are answers that prove that no money moved.
_FAILURES: Final[dict[str, Any]] = {
    "insufficient_funds": _l("Your bank declined the payment for lack of funds."),
    "expired_card": _l("Your bank declined the card because it has expired."),
    "incorrect_cvc": _l("Your bank declined the card because its security code was wrong."),
    "incorrect_number": _l("Your bank declined the card because its number was wrong."),
    "card_velocity_exceeded": _l("Your bank declined the payment because it is over the card's limit."),
    "withdrawal_count_limit_exceeded": _l("Your bank declined the payment because it is over the card's limit."),
    "currency_not_supported": _l("Your card does not take this currency."),
    "card_not_supported": _l("Your card does not allow this kind of payment."),
    "processing_error": _l("The bank could not process the payment just now."),
    "authentication_required": _l("Your bank could not confirm that it was you."),
    "payment_intent_authentication_failure": _l("Your bank could not confirm that it was you."),
    "payment_method_provider_decline": _l("Your wallet declined the payment."),
    "generic_decline": _l("Your bank declined the card."),
    "card_declined": _l("Your bank declined the card."),
    "do_not_honor": _l("Your bank declined the card."),
}

_HELD: Final[dict[str, Any]] = {
    HeldReason.AMOUNT: _l("The amount paid differs from the quote; we hold the order and call you."),
    HeldReason.CURRENCY: _l(
        "The amount was paid in another currency than quoted; we hold the order and call you."
    ),
    HeldReason.CLOSED: _l("Your payment came after this order was closed; we hold the money and call you."),
    HeldReason.ALREADY_RENEWED: _l(
        "The contract was renewed before this payment came; we hold the money and call you."
    ),
}


def failure(code: str | None) -> str:
    """Why a try to pay failed, and what to do."""
    why = _FAILURES.get(code or "", _l("The payment did not go through."))
    return _("%(why)s No money was taken; try another card.", why=str(why))


def held(reason: str | None) -> str:
    """Why an order is held."""
    return str(_HELD.get(reason or "", _l("We are checking your payment; we hold the order and call you.")))


def refusal(error: Refusal) -> str:
    """A sentence for what pay and cancel refuse."""
    if isinstance(error, PaymentUnavailable):
        return _unavailable(error)
    if isinstance(error, AlreadyPaid):
        return _("This order is already paid. Nothing more was charged.")
    if isinstance(error, OrderNotPayable) and error.state is OrderState.PROCESSING:
        return _("Your payment is on its way. We will e-mail you; do not pay again.")
    return _("No payment was started. Here is where the order stands.")


def _unavailable(error: PaymentUnavailable) -> str:
    if error.reason == "unreachable":
        return _("We cannot reach Stripe. No payment was started; try again in a few minutes.")
    if error.code in {"amount_too_large", "amount_too_small", "amount_not_chargeable"}:
        return _("Stripe cannot take this amount. No payment was started; ask us and we help.")
    return _("Stripe cannot take this payment. No payment was started; ask us and we help.")


# The readers of these letters may all see prices: see jobs.readers.


def placed(order: Order) -> Letter:
    return Letter(
        title=_("Order %(number)s is placed", number=order.number),
        heading=_("Your renewal order is placed"),
        paragraphs=[
            _("We extend the contract as soon as your payment arrives. No money was taken yet."),
            _("We hold this price until %(day)s.", day=_last_day(order)),
        ],
        facts=_facts(order),
        button=_button(order),
    )


def paid(order: Order, receipt_number: str, ends_on: str) -> Letter:
    """`ends_on`: the new last day, in words."""
    return Letter(
        title=_("Paid and active: order %(number)s", number=order.number),
        heading=_("Renewed until %(day)s", day=ends_on),
        paragraphs=[_("Paid and active. Your receipt is ready.")],
        facts=[*_facts(order), (_("Receipt"), receipt_number)],
        button=(_("See order and receipt"), f"/orders/{order.number}"),
    )


def failed(order: Order, code: str) -> Letter:
    return Letter(
        title=_("Your payment for order %(number)s did not go through", number=order.number),
        heading=_("Your payment did not go through"),
        paragraphs=[
            failure(code),
            _("We hold this price until %(day)s.", day=_last_day(order)),
        ],
        facts=_facts(order),
        button=_button(order),
    )


def on_hold(order: Order) -> Letter:
    return Letter(
        title=_("We hold order %(number)s", number=order.number),
        heading=_("We hold this order"),
        paragraphs=[held(order.held_reason), _("Do not pay again.")],
        facts=_facts(order),
        button=_button(order),
    )


def cancelled(order: Order) -> Letter:
    return Letter(
        title=_("Order %(number)s was cancelled", number=order.number),
        heading=_("This order was cancelled"),
        paragraphs=[_("We received no payment for it. You can renew again whenever you like.")],
        facts=_facts(order),
        button=_button(order),
    )


def expired(order: Order) -> Letter:
    return Letter(
        title=_("Order %(number)s has expired", number=order.number),
        heading=_("This order has expired"),
        paragraphs=[_("We received no payment for it. You can see today’s price and renew.")],
        facts=_facts(order),
        button=_button(order),
    )


def _facts(order: Order) -> list[tuple[str, str]]:
    return [
        (_("Order"), order.number),
        (_("Contract"), order.contract.number),
        (_("Products"), ", ".join(i18n.named(line["names"]) for line in order.quote.document["lines"])),
        (_("Total"), i18n.money(order.total)),
    ]


def _last_day(order: Order) -> str:
    """The last day on which the order can be paid, as the contract's calendar has it."""
    return i18n.day(clock.day(order.expires_at - timedelta(seconds=1), order.contract.zone))


def _button(order: Order) -> tuple[str, str]:
    return _("See the order"), f"/orders/{order.number}"
