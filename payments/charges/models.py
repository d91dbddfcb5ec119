"""Payment attempts, and the customers that a provider knows."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from payments.db import Base, BigId, Json, choice
from payments.money import Money


class AttemptState(StrEnum):
    """CREATED: written, the provider perhaps not asked yet. OPEN: the provider's page waits for the customer.
    PROCESSING: the customer has done their part, the money is on its way. SUCCEEDED: captured. FAILED: a delayed
    payment fell through, or the provider refused the request. EXPIRED, CANCELLED: closed at the provider without
    money."""

    CREATED = "created"
    OPEN = "open"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


A = AttemptState
MOVES: Final[dict[AttemptState, frozenset[AttemptState]]] = {
    A.CREATED: frozenset({A.OPEN, A.PROCESSING, A.SUCCEEDED, A.FAILED, A.EXPIRED, A.CANCELLED}),
    A.OPEN: frozenset({A.PROCESSING, A.SUCCEEDED, A.FAILED, A.EXPIRED, A.CANCELLED}),
    A.PROCESSING: frozenset({A.SUCCEEDED, A.FAILED}),
    A.SUCCEEDED: frozenset(),
    # Closed without money; but when the provider says that money came after all, the provider is right.
    A.FAILED: frozenset({A.SUCCEEDED}),
    A.EXPIRED: frozenset({A.SUCCEEDED}),
    A.CANCELLED: frozenset({A.SUCCEEDED}),
}
LIVE: Final = (A.CREATED, A.OPEN, A.PROCESSING)


class PaymentAttempt(Base):
    """One try to collect an amount for a subject ("order:RNW-2026-000124"). Written and committed, with its
    idempotency key and the exact request, before the provider is asked; so that a retry after any crash asks for
    the same thing under the same key."""

    __tablename__ = "payment_attempts"
    __table_args__ = (
        Index(
            "uq_payment_attempts_live_subject",
            "subject",
            unique=True,
            sqlite_where=text("state IN ('created','open','processing')"),
            postgresql_where=text("state IN ('created','open','processing')"),
        ),
        Index("ix_payment_attempts_state", "state", "checked_at"),
        CheckConstraint("amount_minor > 0", name="positive"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    subject: Mapped[str] = mapped_column(index=True)
    provider: Mapped[str]
    state: Mapped[AttemptState] = mapped_column(choice(AttemptState, "attempt_state"))
    amount_minor: Mapped[int] = mapped_column(BigId)
    currency: Mapped[str]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    request: Mapped[Json]
    session_id: Mapped[str | None] = mapped_column(unique=True)
    session_url: Mapped[str | None]
    session_expires_at: Mapped[datetime]
    intent_id: Mapped[str | None] = mapped_column(index=True)
    charge_id: Mapped[str | None] = mapped_column(unique=True)
    captured_minor: Mapped[int | None] = mapped_column(BigId)
    captured_currency: Mapped[str | None]
    method: Mapped[str | None]  # "card visa 4242", "alipay"
    failure_code: Mapped[str | None]  # of the last refused try, or of the failure that closed it
    failure_ref: Mapped[str | None]  # tells that try from the next
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]  # last look at the provider
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class ProviderCustomer(Base):
    """The provider's id for one of our payers ("company:7")."""

    __tablename__ = "provider_customers"

    subject: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str]
    created_at: Mapped[datetime]
