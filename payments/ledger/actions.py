"""Post to the ledger. Every posting has an outside source, balances in each currency, and is written once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from payments.errors import Unbalanced
from payments.ledger.models import Account, EntryKind, LedgerEntry, LedgerLine
from payments.money import Money

Line = tuple[Account, Money]


def post(
    db: Session, kind: EntryKind, source: str, subject: str | None, lines: Sequence[Line], happened_at: datetime,
    posted_at: datetime,
) -> LedgerEntry:  # fmt: skip
    """Write an entry; positive lines are debits. Lines of zero are left out. The same (source, kind) again returns
    the entry that stands, whatever the lines.

    Raises Unbalanced when the lines do not sum to zero in each currency, or nothing is left of them.
    """
    moved = [(account, money) for account, money in lines if money.minor]
    sums: defaultdict[str, int] = defaultdict(int)
    for _account, money in moved:
        sums[money.currency] += money.minor
    if not moved or any(sums.values()):
        raise Unbalanced(kind=kind.value, source=source, sums=dict(sums))
    standing = _standing(db, kind, source)
    if standing is not None:
        return standing
    entry = LedgerEntry(
        kind=kind, source=source, subject=subject, currency=moved[0][1].currency, happened_at=happened_at,
        posted_at=posted_at,
    )  # fmt: skip
    entry.lines = [
        LedgerLine(position=position, account=account, minor=money.minor, currency=money.currency)
        for position, (account, money) in enumerate(moved)
    ]
    try:
        with db.begin_nested():
            db.add(entry)
    except IntegrityError:  # somebody posted the same at the same instant
        written = _standing(db, kind, source)
        if written is None:
            raise
        return written
    return entry


def _standing(db: Session, kind: EntryKind, source: str) -> LedgerEntry | None:
    return db.scalar(select(LedgerEntry).where(LedgerEntry.kind == kind, LedgerEntry.source == source))


def sale(db: Session, subject: str, net: Money, tax: Money, happened_at: datetime, at: datetime) -> LedgerEntry:
    """The customer owes us: receivable against deferred revenue and output tax (domain guide, row 1)."""
    lines = [(Account.RECEIVABLE, net + tax), (Account.DEFERRED_REVENUE, -net), (Account.OUTPUT_TAX, -tax)]
    return post(db, EntryKind.SALE, subject, subject, lines, happened_at, at)


def charge(
    db: Session, source: str, subject: str, amount: Money, happened_at: datetime, at: datetime
) -> LedgerEntry:
    """The provider collected what was owed, gross: clearing against receivable (row 2)."""
    lines = [(Account.STRIPE_CLEARING, amount), (Account.RECEIVABLE, -amount)]
    return post(db, EntryKind.CHARGE, source, subject, lines, happened_at, at)


def suspense(
    db: Session, source: str, subject: str, amount: Money, happened_at: datetime, at: datetime
) -> LedgerEntry:
    """The provider collected what matches nothing: clearing against unapplied cash (row 8)."""
    lines = [(Account.STRIPE_CLEARING, amount), (Account.UNAPPLIED_CASH, -amount)]
    return post(db, EntryKind.SUSPENSE, source, subject, lines, happened_at, at)


def apply(
    db: Session, source: str, subject: str, amount: Money, happened_at: datetime, at: datetime
) -> LedgerEntry:
    """Suspended money found what it was for: unapplied cash against receivable (row 8, later)."""
    lines = [(Account.UNAPPLIED_CASH, amount), (Account.RECEIVABLE, -amount)]
    return post(db, EntryKind.APPLY, source, subject, lines, happened_at, at)


def fee(
    db: Session, source: str, subject: str | None, amount: Money, happened_at: datetime, at: datetime
) -> LedgerEntry:
    """What the provider kept, in the settlement currency: fees against clearing (row 2)."""
    lines = [(Account.STRIPE_FEES, amount), (Account.STRIPE_CLEARING, -amount)]
    return post(db, EntryKind.FEE, source, subject, lines, happened_at, at)
