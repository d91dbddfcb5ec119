"""Find receipts and credit notes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.documents.models import CreditNote, Receipt
from portal.orders.models import Order


def for_order(db: Session, order_id: int) -> Receipt | None:
    """The receipt of an order, with the order and its quote."""
    whole = joinedload(Receipt.order).joinedload(Order.quote)
    return db.scalar(select(Receipt).where(Receipt.order_id == order_id).options(whole))


def credit_notes(db: Session, order_id: int) -> Sequence[CreditNote]:
    """An order's credit notes, oldest first."""
    return db.scalars(select(CreditNote).where(CreditNote.order_id == order_id).order_by(CreditNote.id)).all()
