"""Keep the provider's own account of what moved, and post its fees."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from payments.gateway.base import BalanceFacts
from payments.ledger import actions as ledger
from payments.money import Money
from payments.statements.models import BalanceTransaction


def keep(
    db: Session, facts: BalanceFacts, provider: str, subject: str | None, at: datetime, fee: bool = True
) -> bool:
    """Keep a balance transaction and post its fee; False when it was kept before. `subject` is what the fee is
    about ("order:…"). `fee` False: whoever books the movement books its fee with it."""
    if db.get(BalanceTransaction, facts.id) is not None:
        return False
    row = BalanceTransaction(
        id=facts.id, provider=provider, source_id=facts.source_id, type=facts.type,
        reporting_category=facts.reporting_category, gross_minor=facts.gross_minor, fee_minor=facts.fee_minor,
        net_minor=facts.net_minor, currency=facts.currency, created_at=facts.created_at,
        available_on=facts.available_on, seen_at=at,
    )  # fmt: skip
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:  # kept at the same instant by somebody else, who posts the fee
        return False
    if fee and facts.fee_minor:
        kept = Money(facts.fee_minor, facts.currency)
        ledger.fee(db, f"{provider}:{facts.id}", subject, kept, facts.created_at, at)
    return True
