"""Find balance transactions, and charges whose fee is still pending."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.charges.models import AttemptState, PaymentAttempt
from payments.gateway.bank import NAME as BANK
from payments.statements.models import BalanceTransaction


def of_charges(db: Session, charge_ids: Iterable[str]) -> dict[str, BalanceTransaction]:
    """The balance transactions of charges, by charge; a charge that is missing has its fee pending."""
    wanted = select(BalanceTransaction).where(BalanceTransaction.source_id.in_(list(charge_ids)))
    return {row.source_id: row for row in db.scalars(wanted)}


def fee_pending(db: Session, before: datetime, limit: int) -> Sequence[PaymentAttempt]:
    """Captured attempts whose balance transaction has not been seen and that nobody looked at since `before`, the
    longest unseen first."""
    # Not NOT IN: PostgreSQL compares all with all once the list outgrows its memory.
    seen = select(BalanceTransaction.id).where(BalanceTransaction.source_id == PaymentAttempt.charge_id)
    wanted = select(PaymentAttempt).where(
        PaymentAttempt.state == AttemptState.SUCCEEDED,
        PaymentAttempt.provider != BANK,
        PaymentAttempt.charge_id.is_not(None),
        ~seen.exists(),
        PaymentAttempt.checked_at <= before,
    )
    return db.scalars(wanted.order_by(PaymentAttempt.checked_at, PaymentAttempt.id).limit(limit)).all()
