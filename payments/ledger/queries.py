"""Read the ledger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from payments.ledger.models import Account, EntryKind, LedgerEntry, LedgerLine
from payments.ledger.rules import Sold
from payments.money import Money

PAYMENT_KINDS: Final = (EntryKind.CHARGE, EntryKind.SUSPENSE, EntryKind.APPLY)
RETURNED_FROM: Final = (Account.DEFERRED_REVENUE, Account.OUTPUT_TAX, Account.UNAPPLIED_CASH, Account.BAD_DEBT)
REFUNDED: Final = (EntryKind.REFUND, EntryKind.REFUND_FAILED)
GIVEN_BACK: Final = (
    EntryKind.REFUND, EntryKind.REFUND_FAILED, EntryKind.DISPUTE_LOST, EntryKind.DISPUTE_REGAINED,
)  # fmt: skip


def find(db: Session, sources: Iterable[str], kind: EntryKind) -> LedgerEntry | None:
    """The entry of `kind` that one of `sources` caused."""
    wanted = select(LedgerEntry).where(LedgerEntry.source.in_(list(sources)), LedgerEntry.kind == kind)
    return db.scalars(wanted.options(selectinload(LedgerEntry.lines))).first()


def for_subject(db: Session, subject: str) -> Sequence[LedgerEntry]:
    """All entries about a subject with their lines, in the order of posting."""
    wanted = select(LedgerEntry).where(LedgerEntry.subject == subject).options(selectinload(LedgerEntry.lines))
    return db.scalars(wanted.order_by(LedgerEntry.id)).all()


@dataclass(frozen=True)
class Taken:
    """A payment as it was posted: `subject` is what it is applied to, or, in suspense, what it names. `sold`: it
    paid for what its subject sold."""

    source: str
    subject: str
    amount: Money
    happened_at: datetime
    sold: bool


def taken(db: Session, sources: Collection[str]) -> Taken | None:
    """The payment that is posted under one of `sources` ("stripe:ch_…")."""
    return _taken(_payment_entries(db, LedgerEntry.source.in_(sources)))


def payments_of(db: Session, subjects: Collection[str]) -> list[Taken]:
    """The payments that belong to any of these subjects by now, in the order of their coming: money that was
    assigned to another subject is that one's. One statement."""
    named = select(LedgerEntry.source).where(
        LedgerEntry.subject.in_(subjects), LedgerEntry.kind.in_(PAYMENT_KINDS)
    )
    by_source: dict[str, list[LedgerEntry]] = {}
    for entry in _payment_entries(db, LedgerEntry.source.in_(named)):
        by_source.setdefault(entry.source, []).append(entry)
    found = [_taken(entries) for entries in by_source.values()]
    return [each for each in found if each is not None and each.subject in subjects]


def _payment_entries(db: Session, which: ColumnElement[bool]) -> Sequence[LedgerEntry]:
    wanted = select(LedgerEntry).where(which, LedgerEntry.kind.in_(PAYMENT_KINDS))
    return db.scalars(wanted.options(joinedload(LedgerEntry.lines)).order_by(LedgerEntry.id)).unique().all()


def _taken(rows: Iterable[LedgerEntry]) -> Taken | None:
    """What the entries of one payment say of it."""
    entries = {entry.kind: entry for entry in rows}
    came = entries.get(EntryKind.CHARGE) or entries.get(EntryKind.SUSPENSE)
    if came is None:
        return None
    amount = next(Money(line.minor, line.currency) for line in came.lines if line.minor > 0)
    used = entries.get(EntryKind.APPLY) or came
    return Taken(
        came.source, str(used.subject), amount, came.happened_at, sold=used.kind is not EntryKind.SUSPENSE
    )


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


def of_payment(db: Session, payment: str, account: Account) -> list[Money]:
    """What a payment's own entries and those that relate to it left on `account`, one sum for each currency."""
    about = or_(LedgerEntry.source == payment, LedgerEntry.relates_to == payment)
    rows = db.execute(
        select(LedgerLine.currency, func.sum(LedgerLine.minor))
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .where(about, LedgerLine.account == account)
        .group_by(LedgerLine.currency)
        .order_by(LedgerLine.currency)
    )
    return [Money(int(minor), currency) for currency, minor in rows]


def left_of_subject(db: Session, subject: str, account: Account) -> list[Money]:
    """What all entries about a subject left on `account`, one sum for each currency."""
    rows = db.execute(
        select(LedgerLine.currency, func.sum(LedgerLine.minor))
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .where(LedgerEntry.subject == subject, LedgerLine.account == account)
        .group_by(LedgerLine.currency)
        .order_by(LedgerLine.currency)
    )
    return [Money(int(minor), currency) for currency, minor in rows]


def tax_in(entry: LedgerEntry) -> Money:
    """The output tax that an entry debits."""
    found = [Money(line.minor, line.currency) for line in entry.lines if line.account is Account.OUTPUT_TAX]
    return found[0] if found else Money(0, entry.currency)


def given_back(db: Session, subject: str, currency: str) -> Sold:
    """What stands as given back of a subject's sale, gross and tax; a refund that failed gave nothing back."""
    rows = db.execute(
        select(LedgerLine.account, func.sum(LedgerLine.minor))
        .join(LedgerEntry, LedgerEntry.id == LedgerLine.entry_id)
        .where(LedgerEntry.subject == subject, LedgerEntry.kind.in_(GIVEN_BACK), LedgerLine.currency == currency)
        .where(LedgerLine.account.in_((Account.DEFERRED_REVENUE, Account.OUTPUT_TAX)))
        .group_by(LedgerLine.account)
    )
    sums = {account: int(minor) for account, minor in rows}
    tax = sums.get(Account.OUTPUT_TAX, 0)
    return Sold(Money(sums.get(Account.DEFERRED_REVENUE, 0) + tax, currency), Money(tax, currency))


@dataclass(frozen=True)
class Return:
    """Money that went back to a payer and stayed there: `sold` out of what was sold, else out of suspense.
    `source` names the refund or dispute ("stripe:re_…")."""

    source: str
    subject: str
    money: Money
    at: datetime
    sold: bool


def returns_of(db: Session, subjects: Collection[str]) -> list[Return]:
    """Refunds and lost disputes about these subjects that were not turned round since, in the order of posting."""
    turned = select(LedgerEntry.source).where(
        LedgerEntry.subject.in_(subjects),
        LedgerEntry.kind.in_((EntryKind.REFUND_FAILED, EntryKind.DISPUTE_REGAINED)),
    )
    wanted = select(LedgerEntry).where(
        LedgerEntry.subject.in_(subjects),
        LedgerEntry.kind.in_((EntryKind.REFUND, EntryKind.DISPUTE_LOST)),
        LedgerEntry.source.not_in(turned),
    )
    rows = db.scalars(wanted.options(joinedload(LedgerEntry.lines)).order_by(LedgerEntry.id)).unique()
    return [_return(row) for row in rows]


def _return(entry: LedgerEntry) -> Return:
    taken = [line for line in entry.lines if line.account in RETURNED_FROM and line.currency == entry.currency]
    sold = any(line.account is Account.DEFERRED_REVENUE for line in taken)
    money = Money(sum(line.minor for line in taken), entry.currency)
    return Return(entry.source, str(entry.subject), money, entry.happened_at, sold)


def suspended(db: Session, limit: int = 200) -> Sequence[LedgerEntry]:
    """Money that matched nothing when it came and still stands unapplied, in whole or in part, newest first, with
    its lines."""
    payment = func.coalesce(LedgerEntry.relates_to, LedgerEntry.source)
    left = (
        select(payment)
        .join(LedgerLine, LedgerLine.entry_id == LedgerEntry.id)
        .where(LedgerLine.account == Account.UNAPPLIED_CASH)
        .group_by(payment)
        .having(func.sum(LedgerLine.minor) != 0)
    )
    wanted = select(LedgerEntry).where(LedgerEntry.kind == EntryKind.SUSPENSE, LedgerEntry.source.in_(left))
    return db.scalars(
        wanted.options(selectinload(LedgerEntry.lines)).order_by(LedgerEntry.id.desc()).limit(limit)
    ).all()
