"""Find exceptions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from payments.reconcile.models import ExceptionKind, FinanceException


def get(db: Session, exception_id: int) -> FinanceException | None:
    return db.get(FinanceException, exception_id)


def find(db: Session, kind: ExceptionKind, ref: str) -> FinanceException | None:
    """The exception of that kind and name, open or closed."""
    return db.scalar(select(FinanceException).where(FinanceException.kind == kind, FinanceException.ref == ref))


def still_open(db: Session, limit: int = 200) -> Sequence[FinanceException]:
    """Open exceptions, newest first."""
    wanted = select(FinanceException).where(FinanceException.closed_at.is_(None))
    return db.scalars(wanted.order_by(FinanceException.id.desc()).limit(limit)).all()


def open_of_kind(db: Session, kind: ExceptionKind) -> Sequence[FinanceException]:
    """Open exceptions of one kind."""
    wanted = select(FinanceException).where(FinanceException.closed_at.is_(None), FinanceException.kind == kind)
    return db.scalars(wanted.order_by(FinanceException.id)).all()


def lately_closed(db: Session, limit: int = 50) -> Sequence[FinanceException]:
    """What was closed last, newest first."""
    wanted = select(FinanceException).where(FinanceException.closed_at.is_not(None))
    return db.scalars(
        wanted.order_by(FinanceException.closed_at.desc(), FinanceException.id.desc()).limit(limit)
    ).all()


def count_open(db: Session) -> int:
    return db.scalar(select(func.count()).where(FinanceException.closed_at.is_(None))) or 0
