"""Say what goes back and what waits for people: refunds, disputes, exceptions, alarms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from payments.disputes.models import DisputeState
from payments.errors import (
    IllegalMove,
    NeedsAnotherPerson,
    NothingToRefund,
    PaymentsError,
    RefundTooLarge,
)
from payments.money import Money
from payments.reconcile.models import ExceptionKind
from payments.refunds.models import RefundState
from portal.checkout.errors import CannotAssign, PaymentContested, PaymentNotThere
from portal.checkout.words.payments import held_for_staff
from portal.kit import i18n
from portal.kit.errors import Refusal
from portal.kit.mail import Letter
from portal.orders.models import Order

E = ExceptionKind
REFUND_STATES: Final = {
    RefundState.REQUESTED: ("warn", _l("Waits for a yes")),
    RefundState.REFUSED: ("quiet", _l("Refused")),
    RefundState.APPROVED: ("info", _l("Being sent")),
    RefundState.PENDING: ("info", _l("On its way")),
    RefundState.SUCCEEDED: ("ok", _l("With the customer")),
    RefundState.FAILED: ("danger", _l("Failed")),
}
DISPUTE_STATES: Final = {
    DisputeState.INQUIRY: ("warn", _l("The bank asks")),
    DisputeState.OPEN: ("warn", _l("Contested")),
    DisputeState.WON: ("ok", _l("Dispute won")),
    DisputeState.LOST: ("danger", _l("Dispute lost")),
    DisputeState.CLOSED: ("quiet", _l("The bank’s inquiry ended")),
}
# What happened, and what to do.
EXCEPTIONS: Final = {
    E.HELD: (
        _l("Money came that does not fit its order."),
        _l("Refund it, or let it pay an order of exactly this amount. Nothing was renewed by it."),
    ),
    E.SECOND_PAYMENT: (
        _l("The order was paid once more."),
        _l("Refund the second payment, or let it pay another order of exactly this amount."),
    ),
    E.UNKNOWN_PAYMENT: (
        _l("Money came that no order of ours asked for."),
        _l("Find out whose it is by the charge; refund it, or let it pay an order of exactly this amount."),
    ),
    E.LATE_RETURN: (
        _l("All the money went back, more than 30 days after the payment. The term still runs."),
        _l("End the term on a day, or keep it."),
    ),
    E.TERM_IN_USE: (
        _l("All the money went back, but a later term follows the one that it bought."),
        _l("Talk to the customer, then write down what was agreed."),
    ),
    E.TERM_TAKEN: (
        _l("The money came again after the term had ended, and another term has taken its place."),
        _l("Talk to the customer, then write down what was agreed."),
    ),
    E.REFUND_FAILED: (
        _l("A refund did not reach the customer; its money is back."),
        _l("Ask the customer where to send it, then request the refund anew."),
    ),
    E.DISPUTE: (
        _l("The payer contests the payment at their bank."),
        _l("Answer in Stripe before the time is over. It closes here by itself when the bank has decided."),
    ),
    E.FRAUD_WARNING: (
        _l("The card’s bank suspects fraud; a dispute may follow."),
        _l("Call the customer. If they did not order this, refund it before a dispute costs a fee."),
    ),
    E.NOT_IN_LEDGER: (
        _l("Stripe captured a payment that is not in our books."),
        _l("Look the charge up in Stripe. It closes here by itself when both agree."),
    ),
    E.NOT_AT_PROVIDER: (
        _l("Our books have a payment that Stripe did not capture."),
        _l("Do not refund it before you know why. It closes here by itself when both agree."),
    ),
    E.AMOUNT_DIFFERS: (
        _l("Stripe and our books tell another amount for a payment, or for what of it went back."),
        _l("Compare the charge in Stripe. It closes here by itself when both agree."),
    ),
    E.SILENCE: (
        _l("Something that should be heard is silent."),
        _l("Tell your administrator. It closes here by itself when it is heard again."),
    ),
    E.INVARIANT: (
        _l("The self-check found something in the books that cannot be."),
        _l("Tell your administrator, and change nothing about it by hand."),
    ),
}
ALARMS: Final = frozenset({E.SILENCE, E.INVARIANT})
# What people must decide about, the most pressing first; alarms stand above all of it.
GROUPS: Final = (
    (_l("Money that waits for its place"), (E.HELD, E.SECOND_PAYMENT, E.UNKNOWN_PAYMENT)),
    (_l("Refunds that did not arrive, and contested payments"), (E.REFUND_FAILED, E.DISPUTE, E.FRAUD_WARNING)),
    (_l("Terms whose money went back"), (E.LATE_RETURN, E.TERM_IN_USE, E.TERM_TAKEN)),
    (_l("What Stripe and our books tell differently"), (E.NOT_IN_LEDGER, E.NOT_AT_PROVIDER, E.AMOUNT_DIFFERS)),
)
# How an exception ended that no person put into words.
RESOLUTIONS: Final = {
    "applied": _l("The money paid an order."),
    "refunded": _l("The money was refunded."),
    "won": _l("The dispute was won."),
    "lost": _l("The dispute was lost."),
    "closed": _l("The bank’s inquiry ended."),
    "agrees": _l("Both sides agree again."),
    "over": _l("It is over."),
    "money_came_again": _l("The money came again."),
    "kept": _l("The term was kept."),
}
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CANNOT_ASSIGN: Final = {
    "gone": _l("This money does not wait any more: it paid an order, or a part of it went back."),
    "amount": _l("The order’s total is another amount. Only an order of exactly this amount can be paid by it."),
    "state": _l("This order does not wait for money."),
    "renewed": _l("The contract was renewed meanwhile, so this order cannot renew it any more."),
}


def exception(kind: ExceptionKind, facts: Mapping[str, Any]) -> tuple[str, str, list[str]]:
    """What happened, what to do, and the facts as sentences."""
    what, deed = EXCEPTIONS[kind]
    told = []
    if kind is E.HELD and facts.get("reason"):
        told.append(held_for_staff(str(facts["reason"])))
    if kind is E.SILENCE:
        told.append(silence(str(facts.get("what"))))
    if kind is E.INVARIANT:
        told.append(str(facts.get("line")))
    if isinstance(facts.get("minor"), int) and facts.get("currency"):
        told.append(i18n.money(Money(facts["minor"], facts["currency"])))
    sides = {"theirs": _l("Stripe"), "ours": _l("Our books"), "theirs_refunded": _l("Refunded at Stripe"),
             "ours_refunded": _l("Refunded in our books")}  # fmt: skip
    for name, label in sides.items():
        if name in facts:
            told.append(_("%(what)s: %(value)s", what=str(label), value=i18n.money(Money(*facts[name]))))
    return str(what), str(deed), told


def resolution(told: str) -> str:
    """How an exception ended: by a code ("won", "ended:2027-02-28"), or as people wrote it."""
    if told in RESOLUTIONS:
        return str(RESOLUTIONS[told])
    kind, _colon, day = told.partition(":")
    if kind == "ended" and _DAY.fullmatch(day):
        return _("The term ends on %(day)s.", day=i18n.day(date.fromisoformat(day)))
    return told


def silence(what: str) -> str:
    """What is not heard: "webhooks", "schedule:checkout.sweep", "events_forgotten"."""
    kind, _colon, name = what.partition(":")
    if kind == "webhooks":
        return _("Payments come, but no webhook has arrived since. Check the webhook endpoint in Stripe.")
    if kind == "events_forgotten":
        return _("The portal stood still for longer than Stripe remembers events. Compare the payments.")
    return _("The background work “%(name)s” has not run for too long.", name=name)


def refusal_of_money(error: PaymentsError | Refusal) -> str:
    """A sentence for what refunds and assignments refuse."""
    if isinstance(error, CannotAssign):
        return str(_CANNOT_ASSIGN[error.reason])
    sentences: dict[type[Exception], Any] = {
        RefundTooLarge: _l("That is more than is left of this payment, or not an amount at all."),
        NothingToRefund: _l("Nothing is left of this payment: all of it went back, or is asked for already."),
        NeedsAnotherPerson: _l(
            "This is above the limit: somebody else must agree than who asked or agreed before."
        ),
        IllegalMove: _l("Somebody was faster; here is how it stands now."),
        PaymentContested: _l(
            "The payer contests this payment, so their bank gives the money back if they are right."
        ),
        PaymentNotThere: _l("We have no such payment."),
    }
    return str(sentences.get(type(error), _l("That could not be done. Nothing was changed.")))


def refunded(order: Order, amount: Money, note: str | None) -> Letter:
    """`note`: the number of the credit note; None where nothing had been bought with the money."""
    return Letter(
        title=_("%(amount)s of order %(number)s was refunded", amount=i18n.money(amount), number=order.number),
        heading=_("We refunded %(amount)s", amount=i18n.money(amount)),
        paragraphs=[
            _("The money goes back the way you paid; your bank may take some days to show it."),
            *([_("Your credit note stands on the order’s page.")] if note else []),
        ],
        facts=[*_facts(order), *([(_("Credit note"), note)] if note else [])],
        button=(_("See the order"), f"/orders/{order.number}"),
    )


def refund_failed(order: Order, amount: Money) -> Letter:
    return Letter(
        title=_("The refund of %(amount)s did not reach you", amount=i18n.money(amount)),
        heading=_("The refund did not reach you"),
        paragraphs=[
            _("Your bank sent %(amount)s back to us. The money is safe with us.", amount=i18n.money(amount)),
            _("We call you to ask where to send it; there is nothing to do until then."),
        ],
        facts=_facts(order),
        button=(_("See the order"), f"/orders/{order.number}"),
    )


_DISPUTES: Final = {
    "inquiry": _l("The payer’s bank asks about a payment. No money moved yet."),
    "open": _l("The payer contests a payment at their bank. Stripe has taken the money until it is decided."),
    "won": _l("The dispute was won; the money is back."),
    "lost": _l("The dispute was lost; the money stays with the payer."),
    "closed": _l("The bank’s inquiry ended; nothing was taken."),
}


def disputed(number: str | None, amount: Money, state: str, due_on: str | None) -> Letter:
    """To finance and the contract's owner. `due_on`: until when we may answer, in words."""
    title = _("Dispute over %(amount)s", amount=i18n.money(amount))
    answer = _("Answer in Stripe until %(day)s.", day=due_on) if due_on and state in {"inquiry", "open"} else None
    return Letter(
        title=title,
        heading=title,
        paragraphs=[str(_DISPUTES[state]), *([answer] if answer else [])],
        facts=[(_("Order"), number)] if number else [],
        button=(_("See the order"), f"/desk/orders/{number}")
        if number
        else (_("See exceptions"), _EXCEPTIONS_PAGE),
    )


def alarm(kind: str, what: str) -> Letter:
    """To finance: the watch found something."""
    title = str(EXCEPTIONS[ExceptionKind(kind)][0])
    line = silence(what) if kind == E.SILENCE.value else what
    return Letter(
        title=title,
        heading=title,
        paragraphs=[line, str(EXCEPTIONS[ExceptionKind(kind)][1])],
        button=(_("See exceptions"), _EXCEPTIONS_PAGE),
    )


_EXCEPTIONS_PAGE: Final = "/finance/exceptions"


def _facts(order: Order) -> list[tuple[str, str]]:
    return [(_("Order"), order.number), (_("Contract"), order.contract.number)]
