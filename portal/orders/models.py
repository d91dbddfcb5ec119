"""The order and its states."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from payments.money import Money
from portal.accounts.models import Company
from portal.contracts.models import Contract
from portal.kit.db import Base, BigId, Json, choice
from portal.kit.search import BYTES
from portal.pricing.models import Quote


class OrderState(StrEnum):
    AWAITING_PAYMENT = "awaiting_payment"
    AWAITING_TRANSFER = "awaiting_transfer"
    PROCESSING = "processing"
    HELD = "held"
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


S = OrderState
MOVES: Final[dict[OrderState, frozenset[OrderState]]] = {
    # A paid order may come straight from awaiting_payment; a failed delayed payment goes back to it.
    S.AWAITING_PAYMENT: frozenset({S.PROCESSING, S.AWAITING_TRANSFER, S.PAID, S.HELD, S.CANCELLED, S.EXPIRED}),
    S.AWAITING_TRANSFER: frozenset({S.AWAITING_PAYMENT, S.PAID, S.HELD, S.CANCELLED, S.EXPIRED}),
    S.PROCESSING: frozenset({S.AWAITING_PAYMENT, S.PAID, S.HELD}),
    S.HELD: frozenset({S.PAID, S.REFUNDED, S.CANCELLED}),
    S.PAID: frozenset({S.PARTLY_REFUNDED, S.REFUNDED, S.DISPUTED}),
    # Money that went back may come again: a refund fails after days, a dispute is won.
    S.PARTLY_REFUNDED: frozenset({S.PAID, S.REFUNDED, S.DISPUTED}),
    S.DISPUTED: frozenset({S.PAID, S.PARTLY_REFUNDED, S.REFUNDED}),
    # Money can still arrive for a closed order: it is held for people to decide, never dropped.
    S.CANCELLED: frozenset({S.HELD}),
    S.EXPIRED: frozenset({S.HELD}),
    S.REFUNDED: frozenset({S.PAID, S.PARTLY_REFUNDED, S.DISPUTED, S.HELD}),
}
OPEN: Final = (S.AWAITING_PAYMENT, S.AWAITING_TRANSFER, S.PROCESSING, S.HELD)


class ApprovalState(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"


APPROVAL_MOVES: Final[dict[ApprovalState, frozenset[ApprovalState]]] = {
    ApprovalState.ASKED: frozenset({ApprovalState.APPROVED, ApprovalState.REFUSED, ApprovalState.TAKEN_BACK}),
}


class CancelledBy(StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"


class Order(Base):
    """A renewal that somebody accepted. Its money is the quote's; its subject for payments is "order:<number>"."""

    __tablename__ = "orders"
    __table_args__ = (
        # One open order for a contract: a second tab or a double click finds the first one.
        Index(
            "uq_orders_open_contract",
            "contract_id",
            unique=True,
            sqlite_where=text("state IN ('awaiting_payment','awaiting_transfer','processing','held')"),
            postgresql_where=text("state IN ('awaiting_payment','awaiting_transfer','processing','held')"),
        ),
        # One index for each combination of filters that the desk's list offers, in its order: see decision 0016.
        Index("ix_orders_newest", "placed_at", "id"),
        Index("ix_orders_state_newest", "state", "placed_at", "id"),
        Index("ix_orders_currency_newest", "currency", "placed_at", "id"),
        Index("ix_orders_state_currency_newest", "state", "currency", "placed_at", "id"),
        Index(
            "ix_orders_failed_newest",
            "state",
            "placed_at",
            "id",
            "currency",
            sqlite_where=text("last_failure IS NOT NULL"),
            postgresql_where=text("last_failure IS NOT NULL"),
        ),
        Index("ix_orders_company_newest", "company_id", "placed_at", "id"),
        Index("ix_orders_number_bytes", "number", postgresql_ops={"number": BYTES}),
        Index("ix_orders_email_bytes", "placed_email", postgresql_ops={"placed_email": BYTES}),
        Index("ix_orders_po_bytes", "po_number", postgresql_ops={"po_number": BYTES}),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)  # RNW-2026-000124
    quote_id: Mapped[str] = mapped_column(ForeignKey("quotes.id"), unique=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    state: Mapped[OrderState] = mapped_column(choice(OrderState, "order_state"))
    total_minor: Mapped[int] = mapped_column(BigId)
    currency: Mapped[str]
    # Who accepted, which version of the terms of sale, and what they typed then.
    placed_by: Mapped[str]
    placed_email: Mapped[str]
    placed_at: Mapped[datetime]
    terms_version: Mapped[str]
    po_number: Mapped[str | None]
    invoice_details: Mapped[Json]
    expires_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    # Why it is held, and what was declined last: codes, put into words at the edge.
    held_reason: Mapped[str | None]
    last_failure: Mapped[str | None]
    failed_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    paid_with: Mapped[str | None]  # "card visa 4242"
    cancelled_by: Mapped[CancelledBy | None] = mapped_column(choice(CancelledBy, "cancelled_by"))
    version: Mapped[int] = mapped_column()

    quote: Mapped[Quote] = relationship()
    contract: Mapped[Contract] = relationship()
    company: Mapped[Company] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def subject(self) -> str:
        return f"order:{self.number}"


class ApprovalLimit(Base):
    """Above which amount a company's own people must agree to a renewal; `minor` null: never."""

    __tablename__ = "approval_limits"

    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    minor: Mapped[int | None] = mapped_column(BigId)
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class Approval(Base):
    """Somebody asked for a yes to a quote above the limit. What they typed is kept for the order."""

    __tablename__ = "approvals"
    __table_args__ = (
        Index(
            "uq_approvals_asked",
            "contract_id",
            unique=True,
            sqlite_where=text("state = 'asked'"),
            postgresql_where=text("state = 'asked'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    quote_id: Mapped[str] = mapped_column(ForeignKey("quotes.id"), index=True)
    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), index=True)
    state: Mapped[ApprovalState] = mapped_column(choice(ApprovalState, "approval_state"))
    asked_by: Mapped[str]
    asked_email: Mapped[str]
    asked_at: Mapped[datetime]
    po_number: Mapped[str | None]
    terms_version: Mapped[str]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]

    quote: Mapped[Quote] = relationship()

    @property
    def subject(self) -> str:
        return f"approval:{self.id}"
