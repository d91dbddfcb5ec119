"""Products, contracts and terms."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Company, Person
from portal.kit.db import Base, BigId, choice
from portal.kit.search import BYTES


class Segment(StrEnum):
    STRATEGIC = "strategic"
    STANDARD = "standard"
    SMALL = "small"


class Product(Base):
    """What is sold, by its code; `names` by language code ({"en": …, "zh_Hans_CN": …})."""

    __tablename__ = "products"

    code: Mapped[str] = mapped_column(primary_key=True)
    names: Mapped[dict[str, str]]


class Tag(Base):
    """A word that staff put on contracts, to make offers for them; `names` by language code."""

    __tablename__ = "tags"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    names: Mapped[dict[str, str]]
    created_at: Mapped[datetime]


class ContractTag(Base):
    """A contract that has a tag."""

    __tablename__ = "contract_tags"

    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id"), primary_key=True, index=True)


class Contract(Base):
    """An agreement with a company. Its dates, seats and prices stand on its terms."""

    __tablename__ = "contracts"
    # One index for each combination of filters that the desk's list offers, in its order: see decision 0016.
    __table_args__ = (
        Index("ix_contracts_end", "ends_on", "id"),
        Index("ix_contracts_currency_end", "currency", "ends_on", "id"),
        Index("ix_contracts_owner_end", "owner_id", "ends_on", "id"),
        Index("ix_contracts_owner_currency_end", "owner_id", "currency", "ends_on", "id"),
        Index("ix_contracts_number_bytes", "number", postgresql_ops={"number": BYTES}),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    currency: Mapped[str]
    zone: Mapped[str]
    language: Mapped[str | None]
    segment: Mapped[Segment] = mapped_column(choice(Segment, "segment"))
    # The one member of staff who answers for it; null means the team queue and an alarm.
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    # End of the latest term: kept beside the terms so that lists can sort and filter without joining them.
    ends_on: Mapped[date]
    # Counts the changes that a price depends on (terms, lines, currency, zone); a quote made before is outdated.
    rev: Mapped[int] = mapped_column(default=1)
    declined_at: Mapped[datetime | None]
    decline_reason: Mapped[str | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    company: Mapped[Company] = relationship()
    owner: Mapped[Person | None] = relationship()
    # Those that stand: a reversed one is out of the contract's life.
    terms: Mapped[list[Term]] = relationship(
        primaryjoin="and_(Contract.id == Term.contract_id, Term.live)", order_by="Term.starts_on", viewonly=True
    )

    __mapper_args__ = {"version_id_col": version}


class Term(Base):
    """One period of a contract, never edited. `ends_on` = anchor_on + months_from_anchor − 1 day, so that dates
    never drift (domain guide, section 2). `order_number` is null for imported terms and unique otherwise: one
    order extends once. `live` says what its last event made of it, kept here for indexes and joins."""

    __tablename__ = "terms"
    __table_args__ = (
        Index(
            "uq_terms_live_start",
            "contract_id",
            "starts_on",
            unique=True,
            sqlite_where=text("live"),
            postgresql_where=text("live"),
        ),
        CheckConstraint("ends_on >= starts_on", name="not_reversed"),
        CheckConstraint("months > 0", name="has_months"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    # Beside the unique index of the live ones, which SQLite cannot use: it is asked for `live = 1` there.
    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    months: Mapped[int]
    anchor_on: Mapped[date]
    months_from_anchor: Mapped[int]
    segment: Mapped[Segment] = mapped_column(choice(Segment, "term_segment"))
    order_number: Mapped[str | None] = mapped_column(unique=True)
    live: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[datetime]

    lines: Mapped[list[TermLine]] = relationship(order_by="TermLine.position")


class TermEventKind(StrEnum):
    """REVERSED: its money went back, its life is over at once. RESTORED: the money came again."""

    REVERSED = "reversed"
    RESTORED = "restored"


class TermEvent(Base):
    """What ended a sold term before its time, or gave it back. Rows are only ever added."""

    __tablename__ = "term_events"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("terms.id"), index=True)
    kind: Mapped[TermEventKind] = mapped_column(choice(TermEventKind, "term_event_kind"))
    reason: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]


class TermLine(Base):
    """A product in a term: seats, and the price per seat and year as the customer pays it (minor units, tax as
    the contract's country shows it). `undiscounted_minor`: what it was before discounts, from which a price that
    is kept starts again; null where the term was agreed elsewhere."""

    __tablename__ = "term_lines"
    __table_args__ = (
        UniqueConstraint("term_id", "position"),
        CheckConstraint("seats > 0", name="has_seats"),
        CheckConstraint("unit_minor >= 0", name="not_negative"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("terms.id"))
    position: Mapped[int]
    product_code: Mapped[str] = mapped_column(ForeignKey("products.code"))
    seats: Mapped[int]
    unit_minor: Mapped[int] = mapped_column(BigId)
    undiscounted_minor: Mapped[int | None] = mapped_column(BigId)

    product: Mapped[Product] = relationship()
