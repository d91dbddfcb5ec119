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
    seen = select(BalanceTransaction.source_id)
    wanted = select(PaymentAttempt).where(
        PaymentAttempt.state == AttemptState.SUCCEEDED,
        PaymentAttempt.provider != BANK,
        PaymentAttempt.charge_id.not_in(seen),
        PaymentAttempt.checked_at <= before,
    )
    return db.scalars(wanted.order_by(PaymentAttempt.checked_at, PaymentAttempt.id).limit(limit)).all()
