"""What orders forget of a person who is erased."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.accounts import rules
from portal.orders.models import Approval, Order


def forget_person(db: Session, person_id: int, email: str) -> None:
    """The order and the request stay, and so does who made them, as a number."""
    erased = rules.erased_email(person_id)
    db.execute(update(Order).where(Order.placed_email == email).values(placed_email=erased))
    db.execute(update(Approval).where(Approval.asked_email == email).values(asked_email=erased))
