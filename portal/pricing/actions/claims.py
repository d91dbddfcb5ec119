"""Keep count of who takes offers up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.contracts.models import Contract
from portal.pricing import queries
from portal.pricing.errors import PromotionUsedUp
from portal.pricing.models import Promotion, PromotionClaim, Quote


def claim(db: Session, promotion_ids: Iterable[int], contract: Contract, quote: Quote, at: datetime) -> None:
    """Count the quote against the limits of the offers it takes up. Two who want the last place queue at the
    offer's row. Raises PromotionUsedUp."""
    for promotion_id in sorted(promotion_ids):
        promotion = db.scalars(select(Promotion).where(Promotion.id == promotion_id).with_for_update()).one()
        if not queries.free(db, promotion, contract, at):
            raise PromotionUsedUp(names=promotion.names)
        db.add(
            PromotionClaim(
                promotion_id=promotion.id, quote_id=quote.id, contract_id=contract.id,
                company_id=contract.company_id, kept=False,
            )
        )  # fmt: skip
    db.flush()


def keep_claims(db: Session, quote_id: str) -> None:
    """An order stands on the quote: what it takes up counts for good, unless the order is called off."""
    _keep(db, quote_id, True)


def release_claims(db: Session, quote_id: str) -> None:
    """The quote's order is called off, or the quote is taken back: its places are free again."""
    _keep(db, quote_id, False)


def _keep(db: Session, quote_id: str, kept: bool) -> None:
    db.execute(update(PromotionClaim).where(PromotionClaim.quote_id == quote_id).values(kept=kept))
