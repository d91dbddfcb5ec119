"""Post to the ledger. Every posting has an outside source, balances in each currency, and is written once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from payments.errors import Unbalanced
from payments.ledger import queries
from payments.ledger.models import Account, EntryKind, LedgerEntry, LedgerLine
from payments.ledger.rules import Sold, tax_of_return
from payments.money import Money

Line = tuple[Account, Money]
BANK_SOURCE: Final = "bank:"


def post(
    db: Session, kind: EntryKind, source: str, subject: str | None, lines: Sequence[Line], happened_at: datetime,
    posted_at: datetime, relates_to: str | None = None,
) -> LedgerEntry:  # fmt: skip
    """Write an entry; positive lines are debits. Lines of zero are left out. The same (source, kind) again returns
    the entry that stands, whatever the lines. `relates_to`: the source of the payment that it gives back.

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
        kind=kind, source=source, subject=subject, relates_to=relates_to, currency=moved[0][1].currency,
        happened_at=happened_at, posted_at=posted_at,
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
    """The provider collected what was owed, gross: its account against receivable (row 2)."""
    lines = [(account_of(source), amount), (Account.RECEIVABLE, -amount)]
    return post(db, EntryKind.CHARGE, source, subject, lines, happened_at, at)


def suspense(
    db: Session, source: str, subject: str, amount: Money, happened_at: datetime, at: datetime
) -> LedgerEntry:
    """The provider collected what matches nothing: its account against unapplied cash (row 8)."""
    lines = [(account_of(source), amount), (Account.UNAPPLIED_CASH, -amount)]
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


def account_of(source: str) -> Account:
    """Where money of this source stands: "bank:…" came to the seller's own account, all else to the provider."""
    return Account.BANK if source.startswith(BANK_SOURCE) else Account.STRIPE_CLEARING


def refund(
    db: Session, source: str, payment: str, subject: str, amount: Money, sold: Sold | None, happened_at: datetime,
    at: datetime,
) -> LedgerEntry:  # fmt: skip
    """The provider gave `amount` of `payment` back: out of what was sold (domain guide, row 3), or, without
    `sold`, out of unapplied cash. `source` names the refund ("stripe:re_…")."""
    lines = [*_out_of(db, payment, subject, amount, sold), (account_of(payment), -amount)]
    return post(db, EntryKind.REFUND, source, subject, lines, happened_at, at, relates_to=payment)


def refund_failed(db: Session, source: str, happened_at: datetime, at: datetime) -> LedgerEntry | None:
    """A refund that was posted did not reach the customer. None when nothing was posted."""
    return _turn_round(db, source, EntryKind.REFUND, EntryKind.REFUND_FAILED, happened_at, at)


def dispute_regained(db: Session, source: str, happened_at: datetime, at: datetime) -> LedgerEntry | None:
    """A dispute that was posted as lost was won after all. None when nothing was posted."""
    return _turn_round(db, source, EntryKind.DISPUTE_LOST, EntryKind.DISPUTE_REGAINED, happened_at, at)


def _turn_round(
    db: Session, source: str, what: EntryKind, to: EntryKind, happened_at: datetime, at: datetime
) -> LedgerEntry | None:
    standing = queries.find(db, [source], what)
    if standing is None:
        return None
    back = [(line.account, Money(-line.minor, line.currency)) for line in standing.lines]
    return post(db, to, source, standing.subject, back, happened_at, at, relates_to=standing.relates_to)


def dispute_taken(
    db: Session, source: str, payment: str, subject: str, amount: Money, fee: Money, happened_at: datetime,
    at: datetime,
) -> LedgerEntry:  # fmt: skip
    """The provider took a disputed amount and its fee away (row 6). `source` names the movement
    ("stripe:txn_…")."""
    lines = [
        (Account.DISPUTES_RECEIVABLE, amount),
        (Account.DISPUTE_FEES, fee),
        (Account.STRIPE_CLEARING, -(amount + fee)),
    ]
    return post(db, EntryKind.DISPUTE, source, subject, lines, happened_at, at, relates_to=payment)


def dispute_returned(
    db: Session, source: str, payment: str, subject: str, amount: Money, fee: Money, happened_at: datetime,
    at: datetime,
) -> LedgerEntry:  # fmt: skip
    """The provider gave a disputed amount back (row 7a), and `fee` of its fee: what the movement says, no more."""
    lines = [
        (Account.STRIPE_CLEARING, amount + fee),
        (Account.DISPUTES_RECEIVABLE, -amount),
        (Account.DISPUTE_FEES, -fee),
    ]
    return post(db, EntryKind.DISPUTE_RETURNED, source, subject, lines, happened_at, at, relates_to=payment)


def dispute_lost(
    db: Session, source: str, payment: str, subject: str, amount: Money, sold: Sold | None, happened_at: datetime,
    at: datetime,
) -> LedgerEntry | None:  # fmt: skip
    """What was taken away stays away (row 7b): `amount`, in the payment's currency, out of what was sold or out of
    unapplied cash, against what the provider holds, which may be in the settlement currency. None when nothing was
    taken away. `source` names the dispute."""
    held = [money for money in queries.of_payment(db, payment, Account.DISPUTES_RECEIVABLE) if money.minor > 0]
    if not held:
        return None
    lines = [
        *_out_of(db, payment, subject, amount, sold),
        *((Account.DISPUTES_RECEIVABLE, -money) for money in held),
    ]
    return post(
        db, EntryKind.DISPUTE_LOST, source, subject, [*lines, *_exchange(lines)], happened_at, at,
        relates_to=payment,
    )  # fmt: skip


def _out_of(db: Session, payment: str, subject: str, amount: Money, sold: Sold | None) -> list[Line]:
    """The debits of `amount` that goes back; what the payment does not hold any more is a loss."""
    if sold is None:
        left = -sum(money.minor for money in queries.of_payment(db, payment, Account.UNAPPLIED_CASH))
        part = min(amount, Money(max(0, left), amount.currency))
        return [(Account.UNAPPLIED_CASH, part), (Account.BAD_DEBT, amount - part)]
    before = queries.given_back(db, subject, amount.currency)
    part = min(amount, max(sold.gross - before.gross, amount * 0))
    tax = tax_of_return(sold, before, part)
    return [
        (Account.DEFERRED_REVENUE, part - tax),
        (Account.OUTPUT_TAX, tax),
        (Account.BAD_DEBT, amount - part),
    ]


def _exchange(lines: Iterable[Line]) -> list[Line]:
    """What balances `lines` in each currency."""
    sums: defaultdict[str, int] = defaultdict(int)
    for _account, money in lines:
        sums[money.currency] += money.minor
    return [(Account.EXCHANGE, Money(-minor, currency)) for currency, minor in sums.items() if minor]
