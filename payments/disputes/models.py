"""The disputes' table and its moves."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy.orm import Mapped, mapped_column

from payments.db import Base, BigId, choice
from payments.money import Money


class DisputeState(StrEnum):
    """INQUIRY: the bank only asks, no money moved. OPEN: the money is taken until it is decided. WON, LOST:
    decided. CLOSED: an inquiry that ended without a dispute."""

    INQUIRY = "inquiry"
    OPEN = "open"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"


D = DisputeState
MOVES: Final[dict[DisputeState, frozenset[DisputeState]]] = {
    D.INQUIRY: frozenset({D.OPEN, D.WON, D.LOST, D.CLOSED}),
    D.OPEN: frozenset({D.WON, D.LOST}),
    # An appeal may turn it, either way.
    D.WON: frozenset({D.OPEN, D.LOST}),
    D.LOST: frozenset({D.OPEN, D.WON}),
    D.CLOSED: frozenset({D.OPEN, D.WON, D.LOST}),
}


class Dispute(Base):
    """A payment that its payer contests at their bank, as the provider last told it."""

    __tablename__ = "disputes"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    dispute_id: Mapped[str] = mapped_column(unique=True)
    provider: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    payment: Mapped[str] = mapped_column(index=True)
    charge_id: Mapped[str]
    state: Mapped[DisputeState] = mapped_column(choice(DisputeState, "dispute_state"))
    status: Mapped[str]  # the provider's own word
    reason: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigId)
    currency: Mapped[str]
    opened_at: Mapped[datetime]
    evidence_due_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    checked_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
