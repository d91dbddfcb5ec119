"""Find quotes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.contracts.models import Contract
from portal.pricing.models import Quote


def quote(db: Session, quote_id: str) -> Quote | None:
    """The quote with its contract and company."""
    return db.scalar(
        select(Quote).where(Quote.id == quote_id).options(joinedload(Quote.contract), joinedload(Quote.company))
    )


def latest_quotes(db: Session, contract_id: int, limit: int = 20) -> Sequence[Quote]:
    """The contract's newest quotes, newest first."""
    return db.scalars(
        select(Quote)
        .where(Quote.contract_id == contract_id)
        .order_by(Quote.created_at.desc(), Quote.id.desc())
        .limit(limit)
    ).all()


def same_day_quotes(db: Session, contract: Contract, months: int, by: str, quoted_on: date) -> Sequence[Quote]:
    """Quotes that this person made today of this contract as it stands, for this term length, newest first."""
    return db.scalars(
        select(Quote)
        .where(
            Quote.contract_id == contract.id,
            Quote.contract_rev == contract.rev,
            Quote.months == months,
            Quote.created_by == by,
            Quote.quoted_on == quoted_on,
            Quote.voided_at.is_(None),
        )
        .order_by(Quote.created_at.desc(), Quote.id.desc())
    ).all()
