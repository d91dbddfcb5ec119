"""The provider's own account of what moved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from payments.db import Base, BigId


class BalanceTransaction(Base):
    """One movement on the provider's balance, in the settlement currency. gross − fee = net."""

    __tablename__ = "balance_transactions"

    id: Mapped[str] = mapped_column(primary_key=True)  # txn_…
    provider: Mapped[str]
    source_id: Mapped[str] = mapped_column(index=True)  # ch_…
    type: Mapped[str]
    reporting_category: Mapped[str]
    gross_minor: Mapped[int] = mapped_column(BigId)
    fee_minor: Mapped[int] = mapped_column(BigId)
    net_minor: Mapped[int] = mapped_column(BigId)
    currency: Mapped[str]
    created_at: Mapped[datetime]
    available_on: Mapped[datetime]
    seen_at: Mapped[datetime]
