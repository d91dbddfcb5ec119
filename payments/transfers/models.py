"""The seller's accounts, transfers that are awaited, and the slips that customers send."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from payments.db import Base, BigId, Json, choice
from payments.money import Money


class SellerAccount(Base):
    """Where customers send money of one currency. Never changed once a transfer names it: a change is a new row,
    and the old one is closed."""

    __tablename__ = "seller_accounts"
    __table_args__ = (Index("ix_seller_accounts_open", "currency", "closed_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    currency: Mapped[str]
    holder: Mapped[str]
    bank: Mapped[str]
    number: Mapped[str]  # account number or IBAN
    routing: Mapped[str]  # SWIFT, or a Chinese bank's union number; may be empty
    note: Mapped[str]  # for the payer; may be empty
    added_by: Mapped[str]
    added_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class TransferState(StrEnum):
    """AWAITING: the customer has the details. SEEN: one person found the money; above the limit another must
    agree. CONFIRMED: the money is taken for its order. CLOSED: nobody waits for it any more."""

    AWAITING = "awaiting"
    SEEN = "seen"
    CONFIRMED = "confirmed"
    CLOSED = "closed"


T = TransferState
MOVES: Final[dict[TransferState, frozenset[TransferState]]] = {
    T.AWAITING: frozenset({T.SEEN, T.CONFIRMED, T.CLOSED}),
    T.SEEN: frozenset({T.CONFIRMED, T.AWAITING, T.CLOSED}),
    T.CONFIRMED: frozenset(),
    # The money may come all the same.
    T.CLOSED: frozenset({T.SEEN, T.CONFIRMED}),
}


class Transfer(Base):
    """Money that a customer shall send for a payment attempt. `reference` is what they write with it; `told` is
    the account as they read it."""

    __tablename__ = "transfers"
    __table_args__ = (
        UniqueConstraint("account_id", "bank_reference"),
        CheckConstraint("amount_minor > 0", name="positive"),
        Index("ix_transfers_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("payment_attempts.id"), unique=True)
    subject: Mapped[str] = mapped_column(index=True)
    reference: Mapped[str] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("seller_accounts.id"))
    told: Mapped[Json]
    state: Mapped[TransferState] = mapped_column(choice(TransferState, "transfer_state"))
    amount_minor: Mapped[int] = mapped_column(BigId)
    currency: Mapped[str]
    received_minor: Mapped[int | None] = mapped_column(BigId)
    received_currency: Mapped[str | None]
    value_date: Mapped[date | None]
    bank_reference: Mapped[str | None]  # the bank's own name of the line
    seen_by: Mapped[str | None]
    second_by: Mapped[str | None]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    slips: Mapped[list[Slip]] = relationship(order_by="Slip.id")

    __mapper_args__ = {"version_id_col": version}

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def received(self) -> Money | None:
        if self.received_minor is None or self.received_currency is None:
            return None
        return Money(self.received_minor, self.received_currency)


class Slip(Base):
    """A picture or paper by which a customer shows that they sent the money. It proves nothing."""

    __tablename__ = "transfer_slips"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfers.id"), index=True)
    stored: Mapped[str]  # the file's name in the data folder
    name: Mapped[str]  # what the customer's computer calls it, cut and cleaned
    kind: Mapped[str]  # "pdf", "png", "jpeg"
    size: Mapped[int]
    by: Mapped[str]
    at: Mapped[datetime]
