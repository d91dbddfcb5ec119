"""The ledger: entries whose lines sum to zero in each currency, never changed once written."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from payments.db import Base, BigId, choice


class Account(StrEnum):
    RECEIVABLE = "receivable"
    DEFERRED_REVENUE = "deferred_revenue"
    OUTPUT_TAX = "output_tax"
    STRIPE_CLEARING = "stripe_clearing"
    STRIPE_FEES = "stripe_fees"
    BANK = "bank"  # transfers that finance found on the seller's own accounts
    UNAPPLIED_CASH = "unapplied_cash"  # money that matches nothing yet: a debt to whoever sent it
    DISPUTES_RECEIVABLE = "disputes_receivable"  # what the provider took away while a dispute is open
    DISPUTE_FEES = "dispute_fees"
    BAD_DEBT = "bad_debt"  # what a lost dispute took beyond what the payment still held
    EXCHANGE = "exchange"  # between two currencies of one entry


class EntryKind(StrEnum):
    SALE = "sale"  # receivable against deferred revenue and tax
    CHARGE = "charge"  # clearing against receivable, gross
    SUSPENSE = "suspense"  # clearing against unapplied cash, gross
    APPLY = "apply"  # unapplied cash against receivable: suspended money found its order
    FEE = "fee"  # fees against clearing
    REFUND = "refund"  # deferred revenue and tax, or unapplied cash, against clearing
    REFUND_FAILED = "refund_failed"  # the refund's lines turned round: its money came back
    DISPUTE = "dispute"  # disputes receivable and dispute fees against clearing
    DISPUTE_RETURNED = "dispute_returned"  # clearing against disputes receivable
    DISPUTE_LOST = "dispute_lost"  # deferred revenue and tax, or unapplied cash, against disputes receivable
    DISPUTE_REGAINED = "dispute_regained"  # the lost dispute's lines turned round: an appeal was won


class LedgerEntry(Base):
    """One event in the books. `source` is the outside id that caused it ("stripe:ch_…", "order:RNW-…"): the pair
    with `kind` is unique, so that nothing is posted twice."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        UniqueConstraint("source", "kind"),
        # Subjects in the order of their bytes, so that PostgreSQL finds them by their beginning.
        Index("ix_ledger_entries_subject_bytes", "subject", postgresql_ops={"subject": 'COLLATE "C"'}),
        Index("ix_ledger_entries_newest", "kind", "happened_at", "id"),
        Index("ix_ledger_entries_currency_newest", "kind", "currency", "happened_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[EntryKind] = mapped_column(choice(EntryKind, "entry_kind"))
    source: Mapped[str]
    subject: Mapped[str | None] = mapped_column(index=True)
    # The source of the payment that this entry gives back or disputes; null for the payment itself.
    relates_to: Mapped[str | None] = mapped_column(index=True)
    currency: Mapped[str]  # of its first line, so that lists can filter without joining the lines
    happened_at: Mapped[datetime]
    posted_at: Mapped[datetime]

    lines: Mapped[list[LedgerLine]] = relationship(order_by="LedgerLine.position")


class LedgerLine(Base):
    """A debit (positive) or credit (negative) in minor units."""

    __tablename__ = "ledger_lines"
    __table_args__ = (
        UniqueConstraint("entry_id", "position"),
        CheckConstraint("minor <> 0", name="not_zero"),
        Index("ix_ledger_lines_account", "account", "currency"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entries.id"))
    position: Mapped[int]
    account: Mapped[Account] = mapped_column(choice(Account, "account"))
    minor: Mapped[int] = mapped_column(BigId)
    currency: Mapped[str]


def _refuse(_mapper: Mapper[Any], _connection: Connection, row: LedgerEntry | LedgerLine) -> None:
    raise ValueError("the ledger is append-only")


for _table in (LedgerEntry, LedgerLine):
    event.listen(_table, "before_update", _refuse)
    event.listen(_table, "before_delete", _refuse)
