"""Find payment attempts and customers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from payments.charges.models import LIVE, AttemptState, PaymentAttempt, ProviderCustomer
from payments.gateway.bank import NAME as BANK


def live_for(db: Session, subject: str) -> PaymentAttempt | None:
    """The attempt that may still bring money; there is one at most."""
    wanted = select(PaymentAttempt).where(PaymentAttempt.subject == subject, PaymentAttempt.state.in_(LIVE))
    return db.scalar(wanted)


def get(db: Session, attempt_id: int) -> PaymentAttempt:
    """The attempt. Raises NoResultFound."""
    return db.get_one(PaymentAttempt, attempt_id)


def lock(db: Session, attempt_id: int) -> PaymentAttempt:
    """The attempt as it is now, held until the transaction ends. Raises NoResultFound."""
    wanted = select(PaymentAttempt).where(PaymentAttempt.id == attempt_id).with_for_update()
    return db.execute(wanted, execution_options={"populate_existing": True}).scalar_one()


def by_session(db: Session, session_id: str) -> PaymentAttempt | None:
    return db.scalar(select(PaymentAttempt).where(PaymentAttempt.session_id == session_id))


def by_key(db: Session, key: str) -> PaymentAttempt | None:
    return db.scalar(select(PaymentAttempt).where(PaymentAttempt.idempotency_key == key))


def by_intent(db: Session, intent_id: str) -> PaymentAttempt | None:
    return db.scalar(select(PaymentAttempt).where(PaymentAttempt.intent_id == intent_id).limit(1))


def by_charge(db: Session, charge_id: str) -> PaymentAttempt | None:
    return db.scalar(select(PaymentAttempt).where(PaymentAttempt.charge_id == charge_id))


def of_subject(db: Session, subject: str) -> Sequence[PaymentAttempt]:
    """All attempts for a subject, oldest first."""
    return db.scalars(
        select(PaymentAttempt).where(PaymentAttempt.subject == subject).order_by(PaymentAttempt.id)
    ).all()


def count_of(db: Session, subject: str) -> int:
    return db.scalar(select(func.count()).where(PaymentAttempt.subject == subject)) or 0


def unsettled(db: Session, before: datetime, limit: int) -> Sequence[PaymentAttempt]:
    """Live attempts at a provider that can be asked, that nobody looked at since `before`, the longest unseen
    first."""
    seen = func.coalesce(PaymentAttempt.checked_at, PaymentAttempt.created_at)
    wanted = select(PaymentAttempt).where(
        PaymentAttempt.state.in_(LIVE), PaymentAttempt.provider != BANK, seen <= before
    )
    return db.scalars(wanted.order_by(seen, PaymentAttempt.id).limit(limit)).all()


def succeeded(db: Session, subjects: Iterable[str]) -> Sequence[PaymentAttempt]:
    """The captured attempts of `subjects`."""
    wanted = select(PaymentAttempt).where(
        PaymentAttempt.subject.in_(list(subjects)), PaymentAttempt.state == AttemptState.SUCCEEDED
    )
    return db.scalars(wanted.order_by(PaymentAttempt.id)).all()


def captured_since(db: Session, provider: str, since: datetime | None) -> datetime | None:
    """When the first payment after `since` (None: ever) was known as captured."""
    closed = PaymentAttempt.closed_at
    wanted = select(func.min(closed)).where(
        PaymentAttempt.provider == provider, PaymentAttempt.state == AttemptState.SUCCEEDED
    )
    return db.scalar(wanted if since is None else wanted.where(closed > since))


def customer(db: Session, subject: str, provider: str) -> str | None:
    """The provider's id of our payer, if it knows them."""
    row = db.get(ProviderCustomer, (subject, provider))
    return row.customer_id if row else None
