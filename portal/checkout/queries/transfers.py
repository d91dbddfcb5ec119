"""Find what an order's customer shall transfer, and where."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from payments.transfers import queries
from payments.transfers.models import Slip, Transfer, TransferState
from portal.checkout.rules import PREFIX
from portal.orders import rules

# How rooms that may not know payments call these rows.
Awaited = Transfer
Paper = Slip


def can_transfer(db: Session, currency: str) -> bool:
    """Has the seller an account for this currency? One statement."""
    return queries.account_for(db, currency) is not None


def transfer_until(
    db: Session, currency: str, open_until: datetime, at: datetime, number: str | None = None
) -> datetime | None:
    """Until when we would wait for a transfer that is chosen now, for what is open until `open_until`; None where
    the seller has no account for the currency. `number`: the order, if it is placed. Two statements at most."""
    if not can_transfer(db, currency):
        return None
    earlier = queries.of_subject(db, PREFIX + number) if number else []
    return rules.transfer_until(open_until, earlier[0].created_at if earlier else at)


def transfer_of(db: Session, number: str) -> Transfer | None:
    """The transfer that an order waits for, with its slips. Two statements."""
    found = [each for each in queries.of_subject(db, PREFIX + number) if each.state in _WAITS]
    return found[-1] if found else None


_WAITS = (TransferState.AWAITING, TransferState.SEEN)


def slip_of(db: Session, number: str, slip_id: int) -> Slip | None:
    """A slip of this order. One statement."""
    found = queries.slip(db, slip_id)
    return found[0] if found and found[1].subject == PREFIX + number else None
