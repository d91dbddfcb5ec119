"""Read the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from payments.ledger.models import Account, EntryKind, LedgerEntry, LedgerLine
from payments.money import Money


def find(db: Session, sources: Iterable[str], kind: EntryKind) -> LedgerEntry | None:
    """The entry of `kind` that one of `sources` caused."""
    wanted = select(LedgerEntry).where(LedgerEntry.source.in_(list(sources)), LedgerEntry.kind == kind)
    return db.scalars(wanted.options(selectinload(LedgerEntry.lines))).first()


def for_subject(db: Session, subject: str) -> Sequence[LedgerEntry]:
    """All entries about a subject with their lines, in the order of posting."""
    wanted = select(LedgerEntry).where(LedgerEntry.subject == subject).options(selectinload(LedgerEntry.lines))
    return db.scalars(wanted.order_by(LedgerEntry.id)).all()


def when(db: Session, sources: Collection[str]) -> dict[str, datetime]:
    """When the money of these charges came, by their source ("stripe:ch_…"); unknown ones are left out."""
    rows = db.execute(
        select(LedgerEntry.source, LedgerEntry.happened_at).where(
            LedgerEntry.kind.in_((EntryKind.CHARGE, EntryKind.SUSPENSE)), LedgerEntry.source.in_(sources)
        )
    )
    return {source: at for source, at in rows}  # noqa: C416 - rows are no pairs to a type checker


def balances(db: Session) -> dict[tuple[Account, str], Money]:
    """What stands on each account in each currency; debits are positive."""
    total = func.sum(LedgerLine.minor)
    rows = db.execute(
        select(LedgerLine.account, LedgerLine.currency, total).group_by(LedgerLine.account, LedgerLine.currency)
    )
    return {(account, currency): Money(int(minor), currency) for account, currency, minor in rows}


def balance(db: Session, account: Account, currency: str) -> Money:
    """What stands on one account in one currency."""
    total = select(func.sum(LedgerLine.minor)).where(
        LedgerLine.account == account, LedgerLine.currency == currency
    )
    return Money(int(db.scalar(total) or 0), currency)


def unbalanced(db: Session) -> list[tuple[int, str, int]]:
    """Entry, currency and sum of entries that do not sum to zero; always empty unless somebody wrote by hand."""
    total = func.sum(LedgerLine.minor)
    wanted = select(LedgerLine.entry_id, LedgerLine.currency, total).group_by(
        LedgerLine.entry_id, LedgerLine.currency
    )
    return [(entry, currency, int(minor)) for entry, currency, minor in db.execute(wanted.having(total != 0))]


def suspended(db: Session, limit: int = 200) -> Sequence[LedgerEntry]:
    """Money that matched nothing when it came and has not been applied since, newest first, with its lines."""
    applied = select(LedgerEntry.source).where(LedgerEntry.kind == EntryKind.APPLY)
    wanted = select(LedgerEntry).where(LedgerEntry.kind == EntryKind.SUSPENSE, LedgerEntry.source.not_in(applied))
    return db.scalars(
        wanted.options(selectinload(LedgerEntry.lines)).order_by(LedgerEntry.id.desc()).limit(limit)
    ).all()
