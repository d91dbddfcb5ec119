"""Tell an order's story: one line for everything that happened, oldest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from payments.money import Money
from portal.audit.models import AuditNote
from portal.documents.models import Receipt
from portal.kit import i18n
from portal.kit.mail import Mail, MailState
from portal.orders.models import Order
from portal.pricing.words import StepText
from portal.staff.words import orders
from portal.surveys.models import SurveyAnswer

Names = Mapping[str, str]
SYSTEM: Final = "system"


@dataclass(frozen=True)
class Item:
    """Something that happened: when, what, by whom; sentences, ids to look up elsewhere, a way on, price steps."""

    at: datetime
    title: str
    by: str | None = None
    notes: Sequence[str] = ()
    ids: Sequence[tuple[str, str]] = ()
    chip: tuple[str, str] | None = None
    link: tuple[str, str] | None = None
    steps: Sequence[StepText] = field(default_factory=tuple)


def in_order(*parts: Iterable[Item]) -> list[Item]:
    """All parts as one list by time; what happened at the same instant keeps the order of the parts."""
    return sorted((item for part in parts for item in part), key=lambda item: item.at)


_ACTIONS: Final = {
    "order.processing": _l("Payment on its way"),
    "order.paid": _l("Order paid"),
    "order.held": _l("Order held"),
    "order.reopened": _l("Order open for payment again"),
    "order.payment_failed": _l("Payment failed"),
    "order.cancelled": _l("Order cancelled"),
    "order.expired": _l("Order expired"),
    "order.checked": _l("Checked with Stripe by hand"),
    "contract.extended": _l("Contract extended"),
    "quote.voided": _l("Quote voided"),
    "receipt.issued": _l("Receipt number taken"),
}
# What the story tells from the rows themselves; the notes of the same would say it twice.
_TOLD_ALREADY: Final = frozenset({"order.placed", "quote.sealed", "receipt.issued", "survey.answered"})
# Moves are told by the title; the quote and the order by the page.
_KNOWN_FACTS: Final = frozenset({"from", "to", "quote", "order", "number", "reason", "failure", "who", "rev"})


def quoted(order: Order, steps: Sequence[StepText], names: Names, zone: str) -> list[Item]:
    """The sealed price, explained in the customer's own steps."""
    quote = order.quote
    until = i18n.instant(quote.valid_until, zone)
    return [
        Item(
            quote.created_at, _("Price sealed"), names.get(quote.created_by),
            [_("Valid until %(time)s.", time=until)], [(_("Quote"), quote.id)], steps=steps,
        )
    ]  # fmt: skip


def placed(order: Order, names: Names) -> list[Item]:
    """Who accepted, and what they accepted and typed."""
    notes = [_("Terms of sale %(version)s accepted by %(email)s.", version=order.terms_version,
               email=order.placed_email)]  # fmt: skip
    if order.po_number:
        notes.append(_("Purchase order %(number)s.", number=order.po_number))
    return [Item(order.placed_at, _("Order placed"), names.get(order.placed_by), notes)]


def receipted(receipt: Receipt | None) -> list[Item]:
    return [Item(receipt.issued_at, _("Receipt issued"), ids=[(_("Receipt"), receipt.number)])] if receipt else []


def mailed(mails: Iterable[Mail], links: Mapping[int, str], zone: str) -> list[Item]:
    """Each mail with its reader and whether it went out; `links` by mail id where it can be read."""
    told = []
    for mail in mails:
        sent = mail.state is MailState.SENT and mail.sent_at is not None
        state = ("ok", _("Sent")) if sent else ("quiet", _("Waiting to be sent"))
        notes = [_("To %(email)s.", email=mail.to_email)]
        if mail.sent_at:
            notes.append(_("Sent %(time)s.", time=i18n.instant(mail.sent_at, zone)))
        link = (_("Read this mail"), links[mail.id]) if mail.id in links else None
        told.append(
            Item(mail.created_at, _("Mail: %(title)s", title=mail.title), None, notes,
                 [(_("Kind"), mail.kind)], state, link)
        )  # fmt: skip
    return told


def answered(answers: Iterable[SurveyAnswer], names: Names) -> list[Item]:
    return [
        Item(
            answer.answered_at, _("Survey answered: %(score)s of 5", score=answer.score),
            names.get(f"person:{answer.person_id}"), [answer.reason] if answer.reason else [],
        )
        for answer in answers
    ]  # fmt: skip


def noted(notes: Iterable[AuditNote], names: Names) -> list[Item]:
    """What the audit trail knows and the rows above do not tell."""
    told = []
    for note in notes:
        if note.action in _TOLD_ALREADY:
            continue
        known = _ACTIONS.get(note.action)
        title = str(known) if known else _("Noted: %(action)s", action=note.action)
        told.append(Item(note.at, title, _who(note.actor, names), _facts(note.facts)))
    return told


def _who(ref: str, names: Names) -> str:
    return _("the portal") if ref == SYSTEM else names.get(ref, ref)


def _facts(facts: Mapping[str, Any]) -> list[str]:
    """The note's facts as sentences; amounts as amounts, and what we have no sentence for as it is kept."""
    found = []
    if facts.get("reason"):
        found.append(orders.held(str(facts["reason"])) if facts.get("to") == "held" else str(facts["reason"]))
    if facts.get("failure"):
        found.append(orders.failure(str(facts["failure"])))
    rest = {name: value for name, value in facts.items() if name not in _KNOWN_FACTS and value not in (None, "")}
    currency = rest.get("currency")
    for name, value in rest.items():
        what = name.removesuffix("_minor").removesuffix("_currency").replace("_", " ")
        if name.endswith("_minor") and isinstance(value, int):
            code = rest.get(name.removesuffix("_minor") + "_currency", currency)
            value = i18n.money(Money(value, code)) if isinstance(code, str) else value
        elif name.endswith("currency"):
            continue
        found.append(_("%(what)s: %(value)s", what=what, value=value))
    return found
