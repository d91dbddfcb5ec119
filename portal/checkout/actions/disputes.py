"""Disputes and fraud warnings: carry out what the provider says. In the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from payments.disputes import actions as disputes
from payments.disputes import rules
from payments.disputes.models import Dispute, DisputeState
from payments.disputes.queries import UNDECIDED
from payments.gateway.base import BalanceFacts, DisputeFacts, WarningFacts
from payments.ledger import actions as ledger
from payments.ledger.queries import Taken
from payments.money import Money
from payments.reconcile import actions as reconcile
from payments.reconcile.models import ExceptionKind
from payments.statements import actions as statements
from portal.audit import actions as audit
from portal.checkout.actions.ground import SYSTEM, locked_order, payment_of, sold_of
from portal.checkout.actions.returns import bring_up
from portal.checkout.events import PaymentDisputed
from portal.kit import outbox


def conclude(db: Session, provider: str, facts: DisputeFacts, at: datetime) -> Dispute | None:
    """Carry out what the provider says about a dispute; doing it again changes nothing. None when its payment is
    not booked yet: settle that first."""
    found = payment_of(db, provider, facts.charge_id)
    if found is None:
        return None
    order = locked_order(db, found.subject)
    taken = payment_of(db, provider, facts.charge_id) or found
    dispute, changed = disputes.follow(db, facts, provider, taken.subject, taken.source, at)
    for moved in facts.movements:
        _book(db, provider, taken, moved, at)
    source = f"{provider}:{facts.id}"
    if dispute.state is DisputeState.LOST:
        ledger.dispute_lost(db, source, taken.source, taken.subject, dispute.amount, sold_of(order, taken), at, at)
    elif dispute.state is DisputeState.WON:
        ledger.dispute_regained(db, source, at, at)
    if changed:
        _tell(db, dispute, at)
    if order is not None:
        bring_up(db, order, f"order.dispute_{dispute.state.value}", _when(facts, at), at)
    db.flush()
    return dispute


def warn(db: Session, provider: str, facts: WarningFacts, at: datetime) -> bool:
    """The card's bank suspects fraud: people decide whether to refund before a dispute comes. False when the
    payment is not booked yet."""
    taken = payment_of(db, provider, facts.charge_id)
    if taken is None:
        return False
    told = {"payment": taken.source, "fraud": facts.kind, "actionable": facts.actionable}
    if reconcile.note(
        db, ExceptionKind.FRAUD_WARNING, f"{provider}:{facts.id}", taken.subject, at, facts=told):  # fmt: skip
        audit.note(db, SYSTEM, "payment.fraud_warning", taken.subject, at, **told)
    return True


def _book(db: Session, provider: str, taken: Taken, moved: BalanceFacts, at: datetime) -> None:
    """What a dispute moved on the balance: exactly what the movement says, its fee with it."""
    statements.keep(db, moved, provider, taken.subject, at, fee=False)
    source = f"{provider}:{moved.id}"
    amount, fee = Money(abs(moved.gross_minor), moved.currency), Money(moved.fee_minor, moved.currency)
    if moved.reporting_category == rules.TAKEN:
        ledger.dispute_taken(db, source, taken.source, taken.subject, amount, fee, moved.created_at, at)
    elif moved.reporting_category == rules.RETURNED:
        ledger.dispute_returned(db, source, taken.source, taken.subject, amount, -fee, moved.created_at, at)


def _tell(db: Session, dispute: Dispute, at: datetime) -> None:
    ref = f"{dispute.provider}:{dispute.dispute_id}"
    facts = {"dispute": dispute.dispute_id, "minor": dispute.amount_minor, "currency": dispute.currency}
    audit.note(db, SYSTEM, f"payment.dispute_{dispute.state.value}", dispute.subject, at, **facts)
    told_of = {"payment": dispute.payment, **facts}
    reconcile.note(db, ExceptionKind.DISPUTE, ref, dispute.subject, at, facts=told_of)
    if dispute.state not in UNDECIDED:
        reconcile.close_if_open(db, ExceptionKind.DISPUTE, ref, dispute.state.value, at)
    told = PaymentDisputed(
        subject=dispute.subject, occurrence=f"{dispute.dispute_id}:{dispute.state.value}",
        minor=dispute.amount_minor, currency=dispute.currency, state=dispute.state.value, reason=dispute.reason,
        due_at=dispute.evidence_due_at.isoformat() if dispute.evidence_due_at else None,
    )  # fmt: skip
    outbox.tell(db, told, at)


def _when(facts: DisputeFacts, at: datetime) -> datetime:
    """When the money of a dispute went: with its first movement, else when it was opened."""
    return min([moved.created_at for moved in facts.movements] or [facts.created_at, at])
