"""Versions of the price book: drafted by one person, tried on every contract, published by another."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from payments.money import Money
from portal.contracts.models import Contract, Product, Segment
from portal.kit.db import Base, BigId, Json, choice


class VersionState(StrEnum):
    """DRAFT: can be changed, holds nowhere. PUBLISHED: its prices are in the book. DISCARDED: it never will be."""

    DRAFT = "draft"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class TrialState(StrEnum):
    """Of the trial of a draft on all contracts: NONE: nobody asked for it. WAITING, RUNNING, DONE."""

    NONE = "none"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"


class PriceVersion(Base):
    """Prices that begin on one day, valid_from ≤ day < valid_to (null: open). `rev` counts what was changed in the
    draft; a trial holds for the `trial_rev` that it began with."""

    __tablename__ = "price_versions"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="not_reversed"),
        Index("ix_price_versions_newest", "created_at", "id"),
        Index("ix_price_versions_trial", "trial_state"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    label: Mapped[str]  # stands in every explanation as the version of the price book, e.g. "2027-01"
    reasons: Mapped[dict[str, str]]  # what customers are told, by language; empty: they are told no reason
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    state: Mapped[VersionState] = mapped_column(choice(VersionState, "version_state"))
    # Everybody who made or changed the draft: none of them publishes it.
    drafted_by: Mapped[list[str]]
    rev: Mapped[int]
    reverts_id: Mapped[int | None] = mapped_column(ForeignKey("price_versions.id"))
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    published_by: Mapped[str | None]
    trial_state: Mapped[TrialState] = mapped_column(choice(TrialState, "trial_state"))
    trial_rev: Mapped[int | None]
    trial_until: Mapped[datetime | None]  # until when the run is somebody's
    trial_claim: Mapped[int] = mapped_column(default=0, server_default="0")  # whose: counted up by each claim
    # The day and the state of the book for which it was tried.
    trial_on: Mapped[date | None]
    trial_book: Mapped[int | None]
    trial_done: Mapped[int]
    trial_all: Mapped[int]
    trial_sums: Mapped[Json | None]

    rows: Mapped[list[VersionRow]] = relationship(order_by="VersionRow.id", cascade="all, delete-orphan")


class VersionRow(Base):
    """A price of a version: per seat and year, of the list, of a segment or of one contract."""

    __tablename__ = "price_version_rows"
    __table_args__ = (
        CheckConstraint("unit_minor > 0", name="not_free"),
        CheckConstraint("floor_minor BETWEEN 1 AND unit_minor", name="floor_beneath"),
        CheckConstraint("segment IS NULL OR contract_id IS NULL", name="one_kind"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("price_versions.id"), index=True)
    product_code: Mapped[str] = mapped_column(ForeignKey("products.code"))
    currency: Mapped[str]
    unit_minor: Mapped[int] = mapped_column(BigId)
    floor_minor: Mapped[int | None] = mapped_column(BigId)
    segment: Mapped[Segment | None] = mapped_column(choice(Segment, "version_row_segment"))
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contracts.id"))

    product: Mapped[Product] = relationship()
    contract: Mapped[Contract | None] = relationship()

    @property
    def unit(self) -> Money:
        return Money(self.unit_minor, self.currency)

    @property
    def floor(self) -> Money | None:
        return None if self.floor_minor is None else Money(self.floor_minor, self.currency)


class PriceEffect(Base):
    """What a version makes of the price of one contract (as it was in its `contract_rev`) on the last day for
    renewing it (rules.last_chance), for as long as its last term; in minor units, tax as the country shows prices.
    Null: there is no price."""

    __tablename__ = "price_effects"
    __table_args__ = (
        UniqueConstraint("version_id", "contract_id"),
        Index("ix_price_effects_largest", "version_id", "largest", "contract_id"),
        Index("ix_price_effects_company", "version_id", "company_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("price_versions.id"))
    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    on: Mapped[date] = mapped_column("on_day")
    months: Mapped[int]
    currency: Mapped[str]
    contract_rev: Mapped[int]
    old_minor: Mapped[int | None] = mapped_column(BigId)
    new_minor: Mapped[int | None] = mapped_column(BigId)
    # How much it changes either way, so that the list can begin with the largest.
    largest: Mapped[int] = mapped_column(BigId)

    contract: Mapped[Contract] = relationship()

    @property
    def old(self) -> Money | None:
        return None if self.old_minor is None else Money(self.old_minor, self.currency)

    @property
    def new(self) -> Money | None:
        return None if self.new_minor is None else Money(self.new_minor, self.currency)
