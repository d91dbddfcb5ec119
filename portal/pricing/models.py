"""The price book's dated rows, and the Quote: one sealed row that page, mail, desk, order, Stripe and receipt all
read."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, event, inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from payments.money import Money
from portal.accounts.models import Company
from portal.contracts.models import Contract, Product, Segment
from portal.kit.db import Base, BigId, Json, choice
from portal.pricing.rules.facts import BaseKind
from portal.pricing.rules.promotions import PromotionKind


def _one_start(kind: str, *columns: str, where: str) -> Index:
    """No two prices of a kind that begin on the same day."""
    return Index(
        f"uq_prices_{kind}", *columns, "valid_from", unique=True, sqlite_where=text(where),
        postgresql_where=text(where),
    )  # fmt: skip


class Price(Base):
    """A base price per seat and year of a product in a currency, valid_from ≤ day < valid_to (null: open): of one
    contract, of one segment, or (neither) of the list."""

    __tablename__ = "prices"
    __table_args__ = (
        _one_start("list", "product_code", "currency", where="segment IS NULL AND contract_id IS NULL"),
        _one_start("segment", "segment", "product_code", "currency", where="segment IS NOT NULL"),
        _one_start("contract", "contract_id", "product_code", "currency", where="contract_id IS NOT NULL"),
        CheckConstraint("unit_minor > 0", name="not_free"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="not_reversed"),
        CheckConstraint("segment IS NULL OR contract_id IS NULL", name="one_kind"),
        Index("ix_prices_newest", "created_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    product_code: Mapped[str] = mapped_column(ForeignKey("products.code"))
    currency: Mapped[str]
    unit_minor: Mapped[int] = mapped_column(BigId)
    segment: Mapped[Segment | None] = mapped_column(choice(Segment, "price_segment"))
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contracts.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    book: Mapped[str]  # the price book's version label, e.g. "2026-07"
    # The price that ended where this one begins, and the end it had before: what taking this one back restores.
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("prices.id"))
    replaced_to: Mapped[date | None]
    created_at: Mapped[datetime]

    product: Mapped[Product] = relationship()
    contract: Mapped[Contract | None] = relationship()

    @property
    def kind(self) -> BaseKind:
        if self.contract_id is not None:
            return BaseKind.CONTRACT
        return BaseKind.LIST if self.segment is None else BaseKind.SEGMENT

    @property
    def unit(self) -> Money:
        return Money(self.unit_minor, self.currency)


class TermDiscount(Base):
    """What a longer term takes off, in basis points (800 = 8 %)."""

    __tablename__ = "term_discounts"
    __table_args__ = (
        UniqueConstraint("months", "valid_from"),
        CheckConstraint("basis_points BETWEEN 0 AND 10000", name="in_range"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="not_reversed"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    months: Mapped[int]
    basis_points: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    book: Mapped[str]


class TaxRate(Base):
    """Tax for a country, dated; `product_code` null means every product without a rate of its own. `inclusive`:
    prices in that country already contain it."""

    __tablename__ = "tax_rates"
    __table_args__ = (
        UniqueConstraint("country", "product_code", "valid_from"),
        CheckConstraint("basis_points BETWEEN 0 AND 10000", name="in_range"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="not_reversed"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    country: Mapped[str]
    product_code: Mapped[str | None] = mapped_column(ForeignKey("products.code"))
    kind: Mapped[str]  # "vat", "gst", "sales_tax", "consumption_tax", "none"
    basis_points: Mapped[int]
    inclusive: Mapped[bool]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Promotion(Base):
    """An offer: basis points off renewals, valid_from ≤ day < valid_to (null: open). What `least` counts is said
    at PromotionKind. Limits count contracts; null means none."""

    __tablename__ = "promotions"
    __table_args__ = (
        CheckConstraint("basis_points BETWEEN 1 AND 9999", name="in_range"),
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
    least: Mapped[int]
    segment: Mapped[Segment | None] = mapped_column(choice(Segment, "promotion_segment"))
    product_code: Mapped[str | None] = mapped_column(ForeignKey("products.code"))
    limit_total: Mapped[int | None]
    limit_company: Mapped[int | None]
    # What a coupon's reader types, as rules.normal_code spells it; no other offer has one.
    code: Mapped[str | None] = mapped_column(unique=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    created_at: Mapped[datetime]

    product: Mapped[Product | None] = relationship()


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


class VoidReason(StrEnum):
    """Why a quote can no longer be accepted before its time."""

    CONTRACT_CHANGED = "contract_changed"
    REPLACED = "replaced"
    ORDER_CLOSED = "order_closed"


class Quote(Base):
    """A sealed price. `document` holds lines and steps as codes, facts and names in both languages; `seal` is the
    SHA-256 of its codes and facts. Only `voided_at` and `void_reason` can change after it is written."""

    __tablename__ = "quotes"
    __table_args__ = (Index("ix_quotes_contract", "contract_id", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)  # Q-2026-004821
    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    # The contract's `rev` at sealing: when it has moved on, the quote no longer fits and must be made anew.
    contract_rev: Mapped[int]
    # What the seal covers, for queries and checks: months, dates, money in minor units.
    months: Mapped[int]
    # A contract that lapsed starts anew on the day the money is confirmed; its dates here are those of the quote's
    # day and are worked out again then.
    starts_on_payment: Mapped[bool]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    anchor_on: Mapped[date]
    months_from_anchor: Mapped[int]
    currency: Mapped[str]
    net_minor: Mapped[int] = mapped_column(BigId)
    tax_minor: Mapped[int] = mapped_column(BigId)
    total_minor: Mapped[int] = mapped_column(BigId)
    book: Mapped[str]
    document: Mapped[Json]
    seal: Mapped[str]
    quoted_on: Mapped[date]
    valid_until: Mapped[datetime]  # the first instant at which it no longer holds
    created_at: Mapped[datetime]
    created_by: Mapped[str]  # "person:5"
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[VoidReason | None] = mapped_column(choice(VoidReason, "void_reason"))

    contract: Mapped[Contract] = relationship()
    company: Mapped[Company] = relationship()

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def tax(self) -> Money:
        return Money(self.tax_minor, self.currency)

    @property
    def net(self) -> Money:
        return Money(self.net_minor, self.currency)


@event.listens_for(Quote, "before_update")
def _sealed(_mapper: Mapper[Any], _connection: Connection, quote: Quote) -> None:
    state = inspect(quote)
    changed = {attribute.key for attribute in state.attrs if attribute.history.has_changes()}
    if changed - {"voided_at", "void_reason"}:
        raise ValueError("a sealed quote cannot be changed")
