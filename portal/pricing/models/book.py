"""The price book's dated rows: base prices, what longer terms take off, taxes, price indexes; and what was agreed
with one contract or one company."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from payments.money import Money
from portal.contracts.models import Contract, Product, Segment
from portal.kit.db import Base, BigId, choice
from portal.pricing.rules.facts import BaseKind


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
        CheckConstraint("floor_minor BETWEEN 1 AND unit_minor", name="floor_beneath"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="not_reversed"),
        CheckConstraint("segment IS NULL OR contract_id IS NULL", name="one_kind"),
        Index("ix_prices_newest", "created_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    product_code: Mapped[str] = mapped_column(ForeignKey("products.code"))
    currency: Mapped[str]
    unit_minor: Mapped[int] = mapped_column(BigId)
    # What no discount goes below, per seat and year; null: discounts end nowhere.
    floor_minor: Mapped[int | None] = mapped_column(BigId)
    segment: Mapped[Segment | None] = mapped_column(choice(Segment, "price_segment"))
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contracts.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    book: Mapped[str]  # the price book's version label, e.g. "2026-07"
    version_id: Mapped[int | None] = mapped_column(ForeignKey("price_versions.id"), index=True)
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

    @property
    def floor(self) -> Money | None:
        return None if self.floor_minor is None else Money(self.floor_minor, self.currency)


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


class PriceIndex(Base):
    """The change of a price index (such as a country's CPI) against the same month a year before, in basis points;
    `month` is the first day of its month."""

    __tablename__ = "price_indexes"
    __table_args__ = (
        UniqueConstraint("series", "month"),
        CheckConstraint("basis_points BETWEEN -10000 AND 10000", name="in_range"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    series: Mapped[str]
    month: Mapped[date]
    basis_points: Mapped[int]
    added_by: Mapped[str]
    created_at: Mapped[datetime]
