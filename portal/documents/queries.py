"""Find receipts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from portal.documents.models import Receipt
from portal.orders.models import Order


def for_order(db: Session, order_id: int) -> Receipt | None:
    """The receipt of an order, with the order and its quote."""
    return db.scalar(select(Receipt).where(Receipt.order_id == order_id).options(_whole()))


def by_number(db: Session, number: str) -> Receipt | None:
    """The receipt with this number, with its order and quote."""
    return db.scalar(select(Receipt).where(Receipt.number == number).options(_whole()))


def of_companies(db: Session, company_ids: Sequence[int], limit: int = 200) -> Sequence[Receipt]:
    """The companies' receipts with their orders and quotes, newest first."""
    if not company_ids:
        return []
    return db.scalars(
        select(Receipt)
        .join(Receipt.order)
        .where(Order.company_id.in_(company_ids))
        .options(_whole())
        .order_by(Receipt.issued_at.desc(), Receipt.id.desc())
        .limit(limit)
    ).all()


def _whole() -> ORMOption:
    return joinedload(Receipt.order).joinedload(Order.quote)
