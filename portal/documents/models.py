"""Receipts, and the credit notes that take back from them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from payments.money import Money
from portal.kit.db import Base, BigId, Json
from portal.orders.models import Order


class Receipt(Base):
    """A numbered receipt, one for each paid order, never changed. `particulars` holds seller and buyer as they
    were on the day; lines and totals are the order's sealed quote."""

    __tablename__ = "receipts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)  # R-2026-000089
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), unique=True)
    issued_at: Mapped[datetime]
    particulars: Mapped[Json]

    order: Mapped[Order] = relationship()


class CreditNote(Base):
    """A numbered note that takes back a part of an order's receipt, or all of it: one for each refund. Voided when
    the refund did not reach the customer; its number stays taken."""

    __tablename__ = "credit_notes"
    __table_args__ = (CheckConstraint("amount_minor > 0 AND tax_minor >= 0", name="positive"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)  # C-2026-000012
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    source: Mapped[str] = mapped_column(unique=True)  # the refund in the ledger, "stripe:re_…"
    amount_minor: Mapped[int] = mapped_column(BigId)
    tax_minor: Mapped[int] = mapped_column(BigId)
    currency: Mapped[str]
    issued_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]

    order: Mapped[Order] = relationship()

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def tax(self) -> Money:
        return Money(self.tax_minor, self.currency)
