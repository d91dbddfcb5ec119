"""The receipt's table."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

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
