"""Find receipts and credit notes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

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


def credit_note_numbers(db: Session, sources: Collection[str]) -> dict[str, str]:
    """The numbers of these refunds' credit notes, by the refunds' names ("stripe:re_…"); without void ones."""
    wanted = select(CreditNote.source, CreditNote.number).where(
        CreditNote.source.in_(sources), CreditNote.voided_at.is_(None)
    )
    return {source: number for source, number in db.execute(wanted)}  # noqa: C416 - rows are no pairs to a checker


def credit_note(db: Session, number: str) -> CreditNote | None:
    """The credit note with this number, with its order and the order's quote."""
    whole = joinedload(CreditNote.order).joinedload(Order.quote)
    return db.scalar(select(CreditNote).where(CreditNote.number == number).options(whole))
