"""The provider's payments held against ours: what differs becomes an exception, what agrees again closes its
own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from payments.charges.models import PaymentAttempt
from payments.gateway.base import PaymentFacts
from payments.ledger import queries as ledger
from payments.ledger.models import EntryKind, LedgerEntry
from payments.money import Money
from payments.reconcile import actions as reconcile
from payments.reconcile import queries as exceptions
from payments.reconcile.models import ExceptionKind
from payments.reconcile.rules import Booked, Difference, compare
from payments.refunds.models import Refund, RefundState
from portal.audit import actions as audit
from portal.audit.models import AuditNote
from portal.checkout.actions.ground import SYSTEM

COMPARED: Final = "payments.compared"
KINDS: Final = (ExceptionKind.NOT_IN_LEDGER, ExceptionKind.NOT_AT_PROVIDER, ExceptionKind.AMOUNT_DIFFERS)
# Our instants and the provider's differ by seconds; near the ends of the time compared nobody can be missed.
EDGE: Final = timedelta(hours=1)
TAKEN_BACK: Final = (RefundState.PENDING, RefundState.SUCCEEDED)


def last(db: Session, provider: str) -> datetime | None:
    """When the payments were compared last."""
    return db.scalar(
        select(func.max(AuditNote.at)).where(
            AuditNote.subject == f"provider:{provider}", AuditNote.action == COMPARED
        )
    )


def differences(
    db: Session, provider: str, theirs: Sequence[PaymentFacts], since: datetime, before: datetime
) -> list[Difference]:
    """What the provider captured from `since` to `before` and what we booked, where they differ."""
    within = _charges_booked(db, provider, since + EDGE, before - EDGE)
    ids = {fact.charge_id for fact in theirs} | set(within)
    return compare(theirs, _booked(db, provider, sorted(ids)), sorted(within))


def _charges_booked(db: Session, provider: str, since: datetime, before: datetime) -> set[str]:
    """The charges that we booked in that time. One that is booked under its session has its attempt's charge, if
    it has one at all."""
    kinds = (EntryKind.CHARGE, EntryKind.SUSPENSE)
    sources = db.scalars(
        select(LedgerEntry.source).where(
            LedgerEntry.kind.in_(kinds), LedgerEntry.happened_at >= since, LedgerEntry.happened_at < before
        )
    )
    ids = {source.partition(":")[2] for source in sources if source.startswith(f"{provider}:")}
    named = select(PaymentAttempt.session_id, PaymentAttempt.charge_id).where(PaymentAttempt.session_id.in_(ids))
    sessions = {session: charge for session, charge in db.execute(named)}  # noqa: C416 - rows are no pairs here
    strangers = {str(each).removeprefix("session:") for each in _subjects(db, provider, ids)}
    return {sessions.get(each) or each for each in ids} - strangers


def _subjects(db: Session, provider: str, ids: set[str]) -> set[str]:
    """What the payments are about that are booked under a session no attempt of ours has."""
    named = [f"{provider}:{each}" for each in ids]
    wanted = select(LedgerEntry.subject).where(LedgerEntry.source.in_(named), LedgerEntry.subject.is_not(None))
    return {subject for subject in db.scalars(wanted) if subject and subject.startswith("session:")}


def _booked(db: Session, provider: str, charge_ids: Sequence[str]) -> dict[str, Booked]:
    found: dict[str, Booked] = {}
    for charge_id in charge_ids:
        attempt = db.scalar(select(PaymentAttempt).where(PaymentAttempt.charge_id == charge_id))
        sources = [f"{provider}:{charge_id}"] + ([f"{provider}:{attempt.session_id}"] if attempt else [])
        taken = ledger.taken(db, sources)
        if taken is None:
            continue
        back = select(func.sum(Refund.amount_minor)).where(
            Refund.payment == taken.source, Refund.state.in_(TAKEN_BACK)
        )
        refunded = Money(int(db.scalar(back) or 0), taken.amount.currency)
        found[charge_id] = Booked(charge_id, taken.subject, taken.amount, refunded)
    return found


def note(db: Session, provider: str, found: Sequence[Difference], compared: int, at: datetime) -> int:
    """Open an exception for each difference that is new and close those that are gone; returns how many stand."""
    standing = {(each.kind, f"{provider}:{each.charge_id}") for each in found}
    for each in found:
        sides = {
            "theirs": each.theirs, "ours": each.ours, "theirs_refunded": each.theirs_refunded,
            "ours_refunded": each.ours_refunded,
        }  # fmt: skip
        facts = {name: [money.minor, money.currency] for name, money in sides.items() if money is not None}
        reconcile.note(db, each.kind, f"{provider}:{each.charge_id}", each.subject, at, facts=facts)
    for kind in KINDS:
        for old in exceptions.open_of_kind(db, kind):
            if (kind, old.ref) not in standing:
                reconcile.close(old, "agrees", SYSTEM, at)
    audit.note(db, SYSTEM, COMPARED, f"provider:{provider}", at, payments=compared,
               differences=len(found))  # fmt: skip
    db.flush()
    return len(found)
