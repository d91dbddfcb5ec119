"""Tell what the audit trail knows of an order, and the rows themselves do not tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from payments.money import Money
from portal.audit.actions import SYSTEM
from portal.audit.models import AuditNote
from portal.checkout import words as checkout_words
from portal.finance import words as finance_words
from portal.kit import i18n
from portal.pricing.models import VoidReason
from portal.staff.words import orders
from portal.staff.words.item import Item
from portal.surveys import words as survey_words
from portal.surveys.models import Dropped

Names = Mapping[str, str]

ACTIONS: Final = {
    "approval.asked": _l("Approval asked for"),
    "approval.given": _l("Renewal approved"),
    "approval.refused": _l("Renewal not approved"),
    "approval.taken_back": _l("Request for approval taken back"),
    "order.pay_asked": _l("Colleague asked to pay"),
    "order.processing": _l("Payment on its way"),
    "order.paid": _l("Order paid"),
    "order.held": _l("Order held"),
    "order.reopened": _l("Order open for payment again"),
    "order.payment_failed": _l("Payment failed"),
    "order.cancelled": _l("Order cancelled"),
    "order.expired": _l("Order expired"),
    "payment.suspended": _l("Money put in suspense"),
    "order.checked": _l("Checked with Stripe by hand"),
    "order.cancel_asked": _l("Cancelling asked for by staff"),
    "contract.extended": _l("Contract extended"),
    "quote.voided": _l("Quote voided"),
    "receipt.issued": _l("Receipt number taken"),
    "survey.not_mailed": _l("Survey not mailed"),
    "order.refunded": _l("Money went back"),
    "order.dispute_open": _l("Payment contested"),
    "order.dispute_won": _l("Dispute won"),
    "order.dispute_lost": _l("Dispute lost"),
    "refund.requested": _l("Refund asked for"),
    "refund.agreed": _l("Refund agreed to"),
    "refund.refused": _l("Refund refused"),
    "refund.seen": _l("Refund made in Stripe’s own pages"),
    "refund.pending": _l("Refund on its way"),
    "refund.succeeded": _l("Refund with the customer"),
    "refund.failed": _l("Refund failed"),
    "refund.sent": _l("Refund sent from the bank"),
    "payment.assigned": _l("Suspended money pays this order"),
    "payment.dispute_inquiry": _l("The payer’s bank asks"),
    "payment.dispute_open": _l("Dispute opened"),
    "payment.dispute_won": _l("Dispute won"),
    "payment.dispute_lost": _l("Dispute lost"),
    "payment.dispute_closed": _l("The bank’s inquiry ended"),
    "payment.fraud_warning": _l("The bank suspects fraud"),
    "order.awaits_transfer": _l("Bank transfer chosen"),
    "order.awaits_payment": _l("Back to paying at once"),
    "transfer.awaited": _l("Transfer details shown"),
    "transfer.dropped": _l("Transfer not awaited any more"),
    "transfer.seen": _l("Finance found the transfer"),
    "transfer.agreed": _l("A second person agreed to the transfer"),
    "transfer.taken_back": _l("It was another transfer"),
    "credit_note.issued": _l("Credit note issued"),
    "credit_note.voided": _l("Credit note void"),
    "fapiao.requested": _l("Fapiao asked for"),
    "fapiao.issuing": _l("Fapiao taken up"),
    "fapiao.issued": _l("Fapiao issued"),
    "fapiao.mended": _l("Number or file of a fapiao put right"),
    "fapiao.red_requested": _l("Red-letter fapiao due"),
    "fapiao.red_issued": _l("Red-letter fapiao issued"),
    "fapiao.failed": _l("Fapiao could not be issued"),
    "fapiao.withdrawn": _l("Request for a fapiao withdrawn"),
    "contract.term_reversed": _l("Term ended with its money"),
    "contract.term_restored": _l("Term given back"),
    "order.dispute_inquiry": _l("The payer’s bank asks"),
    "order.dispute_closed": _l("The bank’s inquiry ended"),
    "payments.compared": _l("Stripe’s payments compared with ours"),
    "exception.closed": _l("Exception closed"),
}
_WHY: Final = {
    "money_went_back": _l("Its money went back."),
    "money_came_again": _l("Its money came again."),
    VoidReason.CONTRACT_CHANGED.value: _l("The contract changed."),
    VoidReason.ORDER_CLOSED.value: _l("Its order was closed unpaid."),
}
_FACTS: Final = {
    "charge": _l("Charge"),
    "expected": _l("Expected"),
    "got": _l("Amount paid"),
    "answered": _l("Stripe answered"),
    "amount": _l("Amount"),
    "given_back": _l("Gone back in all"),
    "payment": _l("Payment"),
    "refund": _l("Refund"),
    "fapiao_number": _l("Number of the fapiao"),
    "instead_of": _l("Instead of"),
    "provider_refund": _l("Refund at Stripe"),
    "dispute": _l("Dispute"),
    "credit_note": _l("Credit note"),
    "fraud": _l("The bank’s word"),
    "code": _l("Stripe’s code"),
    "reference": _l("Reference"),
    "bank_reference": _l("The bank’s reference"),
    "value_date": _l("Value date"),
    "sent_on": _l("Sent on"),
}
# What the story tells from the rows themselves; the notes of the same would say it twice.
_TOLD_ALREADY: Final = frozenset(
    {"order.placed", "quote.sealed", "receipt.issued", "survey.answered", "survey.mailed", "payment.started"}
)
# Moves are told by the title; the quote and the order by the page.
_KNOWN_FACTS: Final = frozenset(
    {
        "from",
        "to",
        "quote",
        "order",
        "number",
        "reason",
        "failure",
        "who",
        "after",
        "before",
        "attempt",
        "paid_with",
        "person_id",
        "dropped",
        "resolution",
        "final",
        "transfer",
        "account",
        "was_about",
        "actionable",
        "ref",
        "kind",
        "made_at",
        "fapiao",
    }
)


def noted(notes: Iterable[AuditNote], names: Names, with_amounts: bool) -> list[Item]:
    """What the audit trail knows and the rows above do not tell."""
    told = []
    for note in notes:
        if note.action in _TOLD_ALREADY:
            continue
        known = ACTIONS.get(note.action)
        title = str(known) if known else _("Noted: %(action)s", action=note.action)
        told.append(Item(note.at, title, _who(note.actor, names), _facts(note.facts, with_amounts)))
    return told


def _who(ref: str, names: Names) -> str:
    return _("the portal") if ref == SYSTEM else names.get(ref, ref)


def _facts(facts: Mapping[str, Any], with_amounts: bool) -> list[str]:
    """The note's facts as sentences; amounts as amounts, and what we have no sentence for as it is kept."""
    found = _whys(facts)
    if isinstance(facts.get("after"), Mapping) and facts["after"].get("ends_on"):
        found.append(_("Until %(day)s.", day=i18n.day(date.fromisoformat(facts["after"]["ends_on"]))))
    if facts.get("resolution"):
        found.append(checkout_words.resolution(str(facts["resolution"])))
    for name, value in facts.items():
        if name in _KNOWN_FACTS or name.endswith("currency") or value in (None, ""):
            continue
        if name != "minor" and not name.endswith("_minor"):
            found.append(_("%(what)s: %(value)s", what=_name(name), value=_value(value)))
        elif with_amounts:
            found.append(_amount(facts, name))
    return found


def _whys(facts: Mapping[str, Any]) -> list[str]:
    """The codes among the facts that have sentences of their own."""
    found = []
    if facts.get("reason"):
        found.append(_reason(str(facts["reason"]), held=facts.get("to") == "held"))
    if facts.get("dropped"):
        found.append(survey_words.dropped(Dropped(facts["dropped"])))
    if facts.get("failure"):
        found.append(orders.failure(str(facts["failure"])))
    return found


def _reason(reason: str, held: bool) -> str:
    """Why; what people typed stands as they typed it."""
    return orders.held(reason) if held else str(_WHY.get(reason) or finance_words.why(reason))


def _amount(facts: Mapping[str, Any], name: str) -> str:
    """A fact in minor units, with the currency that is told beside it."""
    what = "amount" if name == "minor" else name.removesuffix("_minor")
    currency = facts.get(f"{what}_currency") or facts.get("currency")
    value = facts[name]
    shown = i18n.money(Money(value, currency)) if currency and isinstance(value, int) else value
    return _("%(what)s: %(value)s", what=_name(what), value=shown)


def _name(fact: str) -> str:
    return str(_FACTS.get(fact) or fact.replace("_", " "))


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
