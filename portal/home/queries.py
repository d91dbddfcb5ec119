"""Find what the customer's pages join from several rooms."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.documents.models import Receipt
from portal.kit.mail import Mail
from portal.orders.models import Order

MAILS = 200
RECEIPTS = 500


def receipts(db: Session, company_ids: Sequence[int]) -> list[Receipt]:
    """The companies' receipts with order, quote, contract and company, newest first, at most RECEIPTS."""
    order = joinedload(Receipt.order)
    wanted = (
        select(Receipt)
        .join(Receipt.order)
        .where(Order.company_id.in_(company_ids))
        .options(order.joinedload(Order.quote), order.joinedload(Order.contract), order.joinedload(Order.company))
        .order_by(Receipt.issued_at.desc(), Receipt.id.desc())
        .limit(RECEIPTS)
    )
    return list(db.scalars(wanted))


def mails(db: Session) -> list[Mail]:
    """The last letters, newest first."""
    return list(db.scalars(select(Mail).order_by(Mail.id.desc()).limit(MAILS)))
