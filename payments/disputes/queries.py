"""Find disputes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from payments.disputes.models import Dispute, DisputeState
from payments.money import Money

UNDECIDED = (DisputeState.INQUIRY, DisputeState.OPEN)


def known(db: Session, dispute_id: str) -> Dispute | None:
    """The dispute that the provider calls `dispute_id`."""
    return db.scalar(select(Dispute).where(Dispute.dispute_id == dispute_id))


def of_subjects(db: Session, subjects: Sequence[str]) -> Sequence[Dispute]:
    """All disputes about any of `subjects`, oldest first."""
    return db.scalars(select(Dispute).where(Dispute.subject.in_(subjects)).order_by(Dispute.id)).all()


def open_of(db: Session, payment: str) -> Dispute | None:
    """A dispute over `payment` that holds its money."""
    wanted = select(Dispute).where(Dispute.payment == payment, Dispute.state == DisputeState.OPEN)
    return db.scalars(wanted.limit(1)).first()


def lost(db: Session, payment: str, currency: str) -> Money:
    """What lost disputes took of `payment`, which came in `currency`."""
    taken = select(func.sum(Dispute.amount_minor)).where(
        Dispute.payment == payment, Dispute.state == DisputeState.LOST
    )
    return Money(int(db.scalar(taken) or 0), currency)


def undecided(db: Session, before: datetime, limit: int) -> Sequence[Dispute]:
    """Disputes that are not decided and that nobody looked at since `before`, the longest unseen first."""
    wanted = select(Dispute).where(Dispute.state.in_(UNDECIDED), Dispute.checked_at <= before)
    return db.scalars(wanted.order_by(Dispute.checked_at, Dispute.id).limit(limit)).all()
