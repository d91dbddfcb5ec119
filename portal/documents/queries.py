"""Find receipts."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.documents.models import Receipt
from portal.orders.models import Order


def for_order(db: Session, order_id: int) -> Receipt | None:
    """The receipt of an order, with the order and its quote."""
    whole = joinedload(Receipt.order).joinedload(Order.quote)
    return db.scalar(select(Receipt).where(Receipt.order_id == order_id).options(whole))
