"""Offers, and the quotes that take them up."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from payments.money import Money
from portal.contracts.models import Product, Segment, Tag
from portal.kit.db import Base, BigId, choice
from portal.pricing.rules.promotions import PromotionKind


class Promotion(Base):
    """An offer: basis points off renewals, or (a coupon) an amount off the whole; valid_from ≤ day < valid_to
    (null: open). What `least` counts is said at PromotionKind. Limits count contracts; null means none. A draft
    (`published_at` null) is offered to nobody."""

    __tablename__ = "promotions"
    __table_args__ = (
        CheckConstraint(
            "(amount_minor IS NULL AND basis_points BETWEEN 1 AND 9999) OR "
            "(amount_minor > 0 AND basis_points = 0 AND currency IS NOT NULL AND kind = 'coupon')",
            name="in_range",
        ),
        CheckConstraint("least > 0", name="positive"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="not_reversed"),
        CheckConstraint("limit_total > 0 AND limit_company > 0", name="limits"),
        CheckConstraint("(kind = 'coupon') = (code IS NOT NULL)", name="code_of_coupon"),
        Index("ix_promotions_newest", "created_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[PromotionKind] = mapped_column(choice(PromotionKind, "promotion_kind"))
    names: Mapped[dict[str, str]]
    basis_points: Mapped[int]
    amount_minor: Mapped[int | None] = mapped_column(BigId)
    currency: Mapped[str | None]
    least: Mapped[int]
    segment: Mapped[Segment | None] = mapped_column(choice(Segment, "promotion_segment"))
    tag_id: Mapped[int | None] = mapped_column(ForeignKey("tags.id"))
    product_code: Mapped[str | None] = mapped_column(ForeignKey("products.code"))
    limit_total: Mapped[int | None]
    limit_company: Mapped[int | None]
    # What a coupon's reader types, as rules.normal_code spells it; no other offer has one.
    code: Mapped[str | None] = mapped_column(unique=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    created_at: Mapped[datetime]
    # Everybody who made or changed the draft: none of them publishes it.
    drafted_by: Mapped[list[str]]
    published_at: Mapped[datetime | None]
    published_by: Mapped[str | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    product: Mapped[Product | None] = relationship()
    tag: Mapped[Tag | None] = relationship()

    @property
    def amount(self) -> Money | None:
        """What is taken off the whole, when it is no percentage."""
        if self.amount_minor is None or self.currency is None:
            return None
        return Money(self.amount_minor, self.currency)


class PromotionClaim(Base):
    """A quote that takes up an offer. It counts against the offer's limits while the quote can be accepted, and
    for good once an order stands on it (`kept`); a quote that is taken back gives its place free."""

    __tablename__ = "promotion_claims"
    __table_args__ = (UniqueConstraint("promotion_id", "quote_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    promotion_id: Mapped[int] = mapped_column(ForeignKey("promotions.id"))
    quote_id: Mapped[str] = mapped_column(ForeignKey("quotes.id"), index=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    kept: Mapped[bool] = mapped_column(default=False)
