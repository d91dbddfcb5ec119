"""The refunds' table and its moves."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from payments.db import Base, BigId, choice
from payments.money import Money


class RefundState(StrEnum):
    """REQUESTED: waits for people. REFUSED: they said no. APPROVED: they said yes; the provider is asked, perhaps
    not yet. PENDING: the provider works on it. SUCCEEDED: it is with the customer. FAILED: it is not, and its
    money came back."""

    REQUESTED = "requested"
    REFUSED = "refused"
    APPROVED = "approved"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


R = RefundState
MOVES: Final[dict[RefundState, frozenset[RefundState]]] = {
    R.REQUESTED: frozenset({R.APPROVED, R.REFUSED}),
    R.REFUSED: frozenset(),
    R.APPROVED: frozenset({R.PENDING, R.SUCCEEDED, R.FAILED}),
    R.PENDING: frozenset({R.SUCCEEDED, R.FAILED}),
    # A bank may send the money back days after the provider called it done.
    R.SUCCEEDED: frozenset({R.FAILED}),
    # Nobody got through, so we gave it up; but the provider had heard us.
    R.FAILED: frozenset({R.PENDING, R.SUCCEEDED}),
}
# Refunds that may still take money, or have taken it.
STANDING: Final = (R.REQUESTED, R.APPROVED, R.PENDING, R.SUCCEEDED)
UNSETTLED: Final = (R.APPROVED, R.PENDING)
# Those that the provider, or a bank, has taken on.
SENT: Final = (R.PENDING, R.SUCCEEDED)


class Refund(Base):
    """Money of one payment that goes back. Written and committed, with its idempotency key, before the provider is
    asked. `payment` is the payment's source in the ledger ("stripe:ch_…"); people are references ("person:5"),
    "system" for a rule, "provider" for a refund that somebody made at the provider itself."""

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="positive"),
        Index("ix_refunds_state", "state", "checked_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    subject: Mapped[str] = mapped_column(index=True)  # "order:…", or "session:…" of a stranger's money
    provider: Mapped[str]
    payment: Mapped[str] = mapped_column(index=True)
    charge_id: Mapped[str]
    state: Mapped[RefundState] = mapped_column(choice(RefundState, "refund_state"))
    amount_minor: Mapped[int] = mapped_column(BigId)
    currency: Mapped[str]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    refund_id: Mapped[str | None] = mapped_column(unique=True)  # the provider's
    reason: Mapped[str]  # what the requester wrote, for people
    requested_by: Mapped[str]
    approved_by: Mapped[str | None]
    second_by: Mapped[str | None]  # above the limit
    refused_by: Mapped[str | None]
    failure_code: Mapped[str | None]
    requested_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]  # when the last of those who must say yes did
    checked_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
