"""The Quote: one sealed row that page, mail, desk, order, Stripe and receipt all read."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, event, inspect
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from payments.money import Money
from portal.accounts.models import Company
from portal.contracts.models import Contract
from portal.kit.db import Base, BigId, Json, choice


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
