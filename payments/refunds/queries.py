"""Find refunds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from payments.gateway.bank import NAME as BANK
from payments.money import Money
from payments.refunds.models import STANDING, UNSETTLED, Refund, RefundState


def get(db: Session, refund_id: int) -> Refund:
    """The refund. Raises NoResultFound."""
    return db.get_one(Refund, refund_id)


def lock(db: Session, refund_id: int) -> Refund:
    """The refund as it is now, held until the transaction ends. Raises NoResultFound."""
    wanted = select(Refund).where(Refund.id == refund_id).with_for_update()
    return db.execute(wanted, execution_options={"populate_existing": True}).scalar_one()


def known(db: Session, refund_id: str, key: str | None) -> Refund | None:
    """The refund that the provider calls `refund_id`, or the one that was asked for under `key`."""
    found = db.scalar(select(Refund).where(Refund.refund_id == refund_id))
    if found is None and key:
        found = db.scalar(select(Refund).where(Refund.idempotency_key == key, Refund.refund_id.is_(None)))
    return found


def of_subjects(db: Session, subjects: Sequence[str]) -> Sequence[Refund]:
    """All refunds about any of `subjects`, oldest first."""
    return db.scalars(select(Refund).where(Refund.subject.in_(subjects)).order_by(Refund.id)).all()


def left(db: Session, payment: str, captured: Money) -> Money:
    """Of `captured`, what no refund took and none may still take; less than nothing when refunds at the provider
    itself came between."""
    given = select(func.sum(Refund.amount_minor)).where(Refund.payment == payment, Refund.state.in_(STANDING))
    return captured - Money(int(db.scalar(given) or 0), captured.currency)


def count_of(db: Session, subject: str) -> int:
    return db.scalar(select(func.count()).where(Refund.subject == subject)) or 0


def waiting(db: Session, limit: int = 200) -> Sequence[Refund]:
    """Refunds that wait for people, oldest first."""
    wanted = select(Refund).where(Refund.state == RefundState.REQUESTED)
    return db.scalars(wanted.order_by(Refund.id).limit(limit)).all()


def to_send(db: Session, provider: str) -> Sequence[Refund]:
    """Refunds that people agreed to and must send themselves, oldest first."""
    wanted = select(Refund).where(Refund.state == RefundState.APPROVED, Refund.provider == provider)
    return db.scalars(wanted.order_by(Refund.id)).all()


def recent(db: Session, limit: int = 50) -> Sequence[Refund]:
    """Refunds that people have decided about, newest first."""
    wanted = select(Refund).where(Refund.state != RefundState.REQUESTED)
    return db.scalars(wanted.order_by(Refund.id.desc()).limit(limit)).all()


def unsettled(db: Session, before: datetime, limit: int) -> Sequence[Refund]:
    """Refunds under way at a provider that can be asked, that nobody looked at since `before`, the longest unseen
    first."""
    seen = func.coalesce(Refund.checked_at, Refund.approved_at)
    wanted = select(Refund).where(Refund.state.in_(UNSETTLED), Refund.provider != BANK, seen <= before)
    return db.scalars(wanted.order_by(seen, Refund.id).limit(limit)).all()
