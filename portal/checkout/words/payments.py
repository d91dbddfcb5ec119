"""Say what became of a payment: what happened, what to do, where the money is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from payments.money import Money
from portal.checkout.errors import AlreadyPaid, OrderNotPayable, PaymentUnavailable
from portal.kit import clock, i18n
from portal.kit.errors import Refusal
from portal.kit.mail import Letter
from portal.orders.models import Order, OrderState
from portal.orders.rules import HeldReason
from portal.pricing import words as price_words

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

# Money that was on its way and did not come; Stripe gives no better reason.
_NOT_SENT: Final = frozenset({"payment_failed", "payment_intent_payment_attempt_failed"})

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

# The same reasons as staff needs them; finance's page has the same words.
_HELD_FOR_STAFF: Final[dict[str, Any]] = {
    HeldReason.AMOUNT: _l("The amount differs from the order’s total; the order is held."),
    HeldReason.CURRENCY: _l("The payment came in another currency than the order; the order is held."),
    HeldReason.REFERENCE: _l("The payment names another order or quote; the order is held."),
    HeldReason.CLOSED: _l("The money came after the order was closed; the order is held."),
    HeldReason.ALREADY_RENEWED: _l("The contract was already renewed when the money came; the order is held."),
}


def failure(code: str | None) -> str:
    """Why a try to pay failed, and what to do."""
    if code in _NOT_SENT:
        return _("Your bank did not send the money. No money was taken; try again or pay in another way.")
    why = _FAILURES.get(code or "", _l("The payment did not go through."))
    return _("%(why)s No money was taken; try another card.", why=str(why))


def held(reason: str | None) -> str:
    """Why an order is held."""
    return str(_HELD.get(reason or "", _l("We are checking your payment; we hold the order and call you.")))


def held_for_staff(reason: str | None) -> str:
    """Why an order is held, for our own people."""
    known = _HELD_FOR_STAFF.get(reason or "")
    return str(known) if known else _("The payment needs a look; the order is held.")


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
        facts=_explained(order),
        button=_button(order),
    )


def awaits_transfer(order: Order, told: Mapping[str, str], reference: str) -> Letter:
    """What to write where. `told`: the seller's account as the customer shall read it."""
    details = (
        (_("Amount"), i18n.money(order.total)), (_("Reference"), reference),
        (_("Account holder"), told["holder"]), (_("Bank"), told["bank"]), (_("Account number"), told["number"]),
        (_("SWIFT or bank code"), told["routing"]),
    )  # fmt: skip
    return Letter(
        title=_("How to transfer the money for order %(number)s", number=order.number),
        heading=_("Transfer exactly this"),
        paragraphs=[
            _("Write the reference as it stands, so that your money finds this order."),
            _("We hold this price until %(day)s.", day=_last_day(order)),
        ],
        facts=[(label, value) for label, value in details if value],
        button=_button(order),
    )


def paid(order: Order, receipt_number: str, ends_on: str) -> Letter:
    """`ends_on`: the new last day, in words."""
    return Letter(
        title=_("Paid and active: order %(number)s", number=order.number),
        heading=_("Renewed until %(day)s", day=ends_on),
        paragraphs=[_("Paid and active. Your receipt is ready.")],
        facts=[*_explained(order), (_("Receipt"), receipt_number)],
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


def on_hold(order: Order, received: Sequence[Money]) -> Letter:
    """`received`: what arrived for the order, payment by payment."""
    return Letter(
        title=_("We hold order %(number)s", number=order.number),
        heading=_("We hold this order"),
        paragraphs=[held(order.held_reason), _("Do not pay again.")],
        facts=[*_facts(order)[:-1], *_amounts(order, received)],
        button=_button(order),
    )


def on_hold_for_staff(order: Order, received: Sequence[Money]) -> Letter:
    """To those of our people who sort it out."""
    return Letter(
        title=_("Order %(number)s is held", number=order.number),
        heading=_("Order %(number)s is held", number=order.number),
        paragraphs=[
            held_for_staff(order.held_reason),
            _("Nothing was renewed, and the money waits in suspense. The customer expects to hear from us."),
        ],
        facts=[
            (_("Order"), order.number),
            (_("Company"), order.company.name),
            (_("Contract"), order.contract.number),
            *_amounts(order, received),
        ],
        button=(_("See the order"), f"/desk/orders/{order.number}"),
    )


def unmatched(amount: Money, charge: str, reference: str | None, order_number: str | None) -> Letter:
    """To finance: money that no order took. `charge`: the provider's id."""
    title = _("%(amount)s waits in suspense", amount=i18n.money(amount))
    facts = [(_("Amount received"), i18n.money(amount)), (_("Payment at Stripe"), charge)]
    if order_number:
        return Letter(
            title=title,
            heading=title,
            paragraphs=[
                _("Money came for an order that does not wait for any. Nothing was renewed or posted to it."),
                _("Look at the order, then pay the money back in Stripe or ask the customer."),
            ],
            facts=[(_("Order"), order_number), *facts],
            button=(_("See the order"), f"/desk/orders/{order_number}"),
        )
    return Letter(
        title=title,
        heading=title,
        paragraphs=[
            _("No order belongs to this money."),
            _("Open the charge in Stripe by its id and find out who paid; pay it back there if nobody knows."),
        ],
        facts=[*facts, *([(_("Reference in the payment"), reference)] if reference else [])],
        button=(_("See the payments"), "/finance/payments?unmatched=1"),
    )


def _amounts(order: Order, received: Sequence[Money]) -> list[tuple[str, str]]:
    return [
        (_("Amount received"), ", ".join(i18n.money(amount) for amount in received)),
        (_("Amount expected"), i18n.money(order.total)),
    ]


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


def _explained(order: Order) -> list[tuple[str, str]]:
    """The same, with the steps of the price before its total: the page says that mails show them too."""
    *facts, total = _facts(order)
    return [*facts, *price_words.why(order.quote), total]


def _last_day(order: Order) -> str:
    """The last day on which the order can be paid, as the contract's calendar has it."""
    return i18n.day(clock.day(order.expires_at - timedelta(seconds=1), order.contract.zone))


def _button(order: Order) -> tuple[str, str]:
    return _("See the order"), f"/orders/{order.number}"
