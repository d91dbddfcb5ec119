"""Pages of the desk's lists of prices and offers, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from portal.contracts.models import Contract, Segment
from portal.kit import listing
from portal.pricing.models import Price, Promotion
from portal.pricing.rules import BaseKind, PromotionKind


class When(StrEnum):
    """Which rows a list shows, by the day."""

    NOW = "now"
    COMING = "coming"
    PAST = "past"
    DRAFT = "draft"  # of offers alone


@dataclass(frozen=True)
class PriceWish:
    """What a list of prices should hold."""

    today: date
    when: When | None = None
    product: str = ""
    currency: str = ""
    kind: BaseKind | None = None
    segment: Segment | None = None
    contract: str = ""


@dataclass(frozen=True)
class OfferWish:
    """What a list of offers should hold."""

    today: date
    when: When | None = None
    kind: PromotionKind | None = None
    segment: Segment | None = None


def prices(db: Session, wish: PriceWish, cursor: listing.Cursor | None, limit: int) -> Sequence[Price]:
    """Prices beyond the cursor, with product and contract, in one statement."""
    wanted = select(Price).options(joinedload(Price.product), joinedload(Price.contract))
    wanted = wanted.where(*_holding(Price, wish.when, wish.today))
    if wish.product:
        wanted = wanted.where(Price.product_code == wish.product)
    if wish.currency:
        wanted = wanted.where(Price.currency == wish.currency)
    if wish.segment:
        wanted = wanted.where(Price.segment == wish.segment)
    if wish.contract:
        wanted = wanted.join(Contract, Contract.id == Price.contract_id).where(Contract.number == wish.contract)
    if wish.kind:
        wanted = wanted.where(*_OF_KIND[wish.kind])
    return db.scalars(listing.beyond(wanted, Price.created_at, Price.id, cursor, limit)).all()


_OF_KIND: dict[BaseKind, list[ColumnElement[bool]]] = {
    BaseKind.CONTRACT: [Price.contract_id.is_not(None)],
    BaseKind.SEGMENT: [Price.segment.is_not(None)],
    BaseKind.LIST: [Price.segment.is_(None), Price.contract_id.is_(None)],
}


def promotions(db: Session, wish: OfferWish, cursor: listing.Cursor | None, limit: int) -> Sequence[Promotion]:
    """Offers beyond the cursor, with their product, in one statement."""
    wanted = select(Promotion).options(joinedload(Promotion.product), joinedload(Promotion.tag))
    if wish.when is When.DRAFT:
        wanted = wanted.where(Promotion.published_at.is_(None))
    elif wish.when:
        wanted = wanted.where(Promotion.published_at.is_not(None), *_holding(Promotion, wish.when, wish.today))
    if wish.kind:
        wanted = wanted.where(Promotion.kind == wish.kind)
    if wish.segment:
        wanted = wanted.where(Promotion.segment == wish.segment)
    return db.scalars(listing.beyond(wanted, Promotion.created_at, Promotion.id, cursor, limit)).all()


def price(db: Session, price_id: int) -> Price | None:
    """The price with its product and contract."""
    wanted = select(Price).where(Price.id == price_id)
    return db.scalar(wanted.options(joinedload(Price.product), joinedload(Price.contract)))


def promotion(db: Session, promotion_id: int) -> Promotion | None:
    """The offer with its product and tag."""
    wanted = select(Promotion).where(Promotion.id == promotion_id)
    return db.scalar(wanted.options(joinedload(Promotion.product), joinedload(Promotion.tag)))


def _holding(row: type[Price] | type[Promotion], when: When | None, today: date) -> list[Any]:
    if when is When.COMING:
        return [row.valid_from > today]
    if when is When.PAST:
        return [row.valid_to <= today]
    if when is When.NOW:
        return [row.valid_from <= today, row.valid_to.is_(None) | (row.valid_to > today)]
    return []
