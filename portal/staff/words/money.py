"""Tell what happened to an order's money: tries to pay, what Stripe reported, what the books say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from payments.money import Money
from portal.checkout.queries import Attempt, Event
from portal.finance import words as finance
from portal.finance.queries import Posting
from portal.kit import i18n
from portal.staff.words import orders
from portal.staff.words.item import Item

ATTEMPTS: Final = {
    "created": ("quiet", _l("Not opened at Stripe yet")),
    "open": ("info", _l("Waiting on Stripe’s page")),
    "processing": ("info", _l("On its way")),
    "succeeded": ("ok", _l("Captured")),
    "failed": ("warn", _l("Failed")),
    "expired": ("quiet", _l("Closed unpaid")),
    "cancelled": ("quiet", _l("Closed unpaid")),
}
EVENTS: Final = {
    "new": ("info", _l("Not handled yet")),
    "done": ("ok", _l("Handled")),
    "ignored": ("quiet", _l("Nothing to do")),
    "parked": ("warn", _l("Belongs to no order yet")),
}
_ENDS: Final = {
    "succeeded": _l("Payment captured"),
    "failed": _l("Payment failed"),
    "expired": _l("Payment page closed"),
    "cancelled": _l("Payment page closed"),
}


def tried(attempts: Iterable[Attempt], zone: str) -> list[Item]:
    """Each try to pay: when it began, and when and how it ended."""
    told = []
    for attempt in attempts:
        notes = [_("%(amount)s asked for.", amount=i18n.money(attempt.amount))]
        if attempt.closed_at is None and attempt.checked_at:
            notes.append(_("Last checked with Stripe %(time)s.", time=i18n.instant(attempt.checked_at, zone)))
        if attempt.closed_at is None and attempt.failure_code:
            notes.append(orders.failure(attempt.failure_code))
        kind, label = ATTEMPTS[attempt.state]
        code = _code(attempt) if attempt.closed_at is None else []
        chip = (kind, str(label))
        told.append(Item(attempt.created_at, _("Payment started"), None, notes, _ids(attempt) + code, chip))
        if attempt.closed_at and attempt.state in _ENDS:
            told.append(Item(attempt.closed_at, str(_ENDS[attempt.state]), None, _end(attempt), _code(attempt)))
    return told


def _code(attempt: Attempt) -> list[tuple[str, str]]:
    """What the provider called the failure, for whoever looks it up."""
    return [(_("Stripe’s code"), attempt.failure_code)] if attempt.failure_code else []


def _ids(attempt: Attempt) -> list[tuple[str, str]]:
    named = (
        (_("Session"), attempt.session_id),
        (_("Payment"), attempt.intent_id),
        (_("Charge"), attempt.charge_id),
    )
    return [(label, value) for label, value in named if value]


def _end(attempt: Attempt) -> list[str]:
    notes = []
    if attempt.captured_minor is not None and attempt.captured_currency:
        amount = i18n.money(Money(attempt.captured_minor, attempt.captured_currency))
        with_what = finance.method(attempt.method)
        notes.append(
            _("%(amount)s by %(method)s.", amount=amount, method=with_what)
            if with_what
            else _("%(amount)s.", amount=amount)
        )
    if attempt.failure_code:
        notes.append(orders.failure(attempt.failure_code))
    return notes


def reported(events: Iterable[Event]) -> list[Item]:
    """Each message of the provider, and what became of it."""
    told = []
    for event in events:
        kind, label = EVENTS[event.state]
        ids = [(_("Type"), event.type), (_("Event"), event.event_id), (_("Object"), event.object_id)]
        notes = [event.error] if event.error else []
        told.append(Item(event.received_at, _("Stripe reported"), None, notes, ids, (kind, str(label))))
    return told


def booked(postings: Iterable[Posting]) -> list[Item]:
    """Each entry in the ledger with its lines."""
    told = []
    for posting in postings:
        title, lines = finance.posting(posting)
        told.append(Item(posting.posted_at, title, None, lines, [(_("Source"), posting.source)]))
    return told
