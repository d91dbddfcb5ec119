"""Find the money: payments with their fees, sums over them, and an order's postings."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Subquery,
    case,
    false,
    func,
    literal,
    or_,
    select,
    union,
)
from sqlalchemy.orm import Session

from payments.charges.models import PaymentAttempt
from payments.ledger.models import EntryKind, LedgerEntry, LedgerLine
from payments.money import Money
from payments.reconcile.models import FinanceException
from payments.statements.models import BalanceTransaction
from portal.accounts import queries as accounts
from portal.accounts.models import Company
from portal.audit.models import AuditNote
from portal.documents.models import Receipt
from portal.finance.queries import moved
from portal.finance.rules import Unmatched, why_unmatched
from portal.kit import search
from portal.kit.listing import Branch, Chosen, Cursor, Sorting, any_of, between
from portal.orders.models import Order
from portal.pricing.models import Quote

TAKEN: Final = (EntryKind.CHARGE, EntryKind.SUSPENSE)  # postings of money that the provider took
CHARGE_CATEGORY = "charge"
STRANGER = "payment.unknown"  # how checkout notes money for a payment page that is not ours
# A posting's source is the provider's name and its id of the charge, or of the session while it names no charge:
# "stripe:ch_…"; an order's subject is "order:RNW-…".
_SOURCE_PREFIX = "stripe:"
_BANK_PREFIX = "bank:"
_charge_id: ColumnElement[str] = case(
    (LedgerEntry.source.startswith(_BANK_PREFIX), func.substr(LedgerEntry.source, len(_BANK_PREFIX) + 1)),
    else_=func.substr(LedgerEntry.source, len(_SOURCE_PREFIX) + 1),
)
its_attempt = or_(PaymentAttempt.charge_id == _charge_id, PaymentAttempt.session_id == _charge_id)
_order_number: ColumnElement[str] = func.substr(LedgerEntry.subject, len("order:") + 1)


@dataclass(frozen=True)
class Filters:
    """Which payments: days as `zone` counts them, `currency` as they were charged; `q` is what `find` looks up."""

    zone: str
    q: str = ""
    currency: str = ""
    first: date | None = None
    last: date | None = None
    unmatched: bool = False


@dataclass(frozen=True)
class Payment:
    """Money that the provider took. `settled` is what it became in the balance, before the fee; None, like fee and
    net, until the provider has told."""

    entry_id: int
    happened_at: datetime
    charge_id: str
    order_number: str | None
    company_id: int | None
    company: str | None
    gross: Money
    settled: Money | None
    fee: Money | None
    net: Money | None
    transaction_id: str | None
    session_id: str | None
    intent_id: str | None
    method: str | None
    unmatched: Unmatched | None  # None: booked to its order
    receipt_number: str | None = None
    sold: Money | None = None  # what the receipt says before tax, and its tax
    tax: Money | None = None
    claims: str | None = None  # the order that money without one names
    gone: bool = False  # it never paid an order, and all of it went back
    returned: Money | None = None  # what of it went back by refunds
    lost: Money | None = None  # what a lost dispute took of it
    contested: Money | None = None  # what an open dispute holds of it

    @property
    def place(self) -> tuple[datetime, int]:
        return self.happened_at, self.entry_id


NEWEST: Final = Sorting(LedgerEntry.happened_at, LedgerEntry.id)


def payments(
    db: Session, filters: Filters, found: search.Found | None, cursor: Cursor | None, limit: int
) -> list[Payment]:
    """Payments beyond the cursor, nearest first, in one statement. The postings are the list: whatever the
    provider took is posted, to its order or to suspense."""
    near = NEWEST.nearest(branches(filters, found), cursor, limit)
    return [_payment(row) for row in db.execute(NEWEST.beyond(_told(near), cursor, limit))]


def every_payment(db: Session, filters: Filters, found: search.Found | None) -> Generator[Payment, None, None]:
    """All of them, newest first, some at a time, in one statement."""
    query = NEWEST.beyond(_told().where(any_of(branches(filters, found))), None, None)
    with db.execute(query.execution_options(yield_per=search.BATCH)) as rows:
        for row in rows:
            yield _payment(row)


def find(db: Session, q: str) -> search.Found | None:
    """What the search of the list finds, in one statement: payments by the beginning of their order's number, its
    receipt, the customer's reference, the company's name or a member's e-mail, or by one of Stripe's ids. None:
    nothing is searched for."""
    if not q:
        return None
    charge = select(literal(_SOURCE_PREFIX).concat(BalanceTransaction.source_id)).where(BalanceTransaction.id == q)
    tried = or_(PaymentAttempt.session_id == q, PaymentAttempt.intent_id == q)
    taken = select(LedgerEntry.id).where(LedgerEntry.kind.in_(TAKEN))
    # Inside coalesce, so that SQLite begins with the subject and not with the kind that most entries have.
    any_kind = select(LedgerEntry.id).where(
        func.coalesce(LedgerEntry.kind, "").in_([kind.value for kind in TAKEN])
    )
    newest = search.bytewise(LedgerEntry.subject).desc()
    ways: list[Select[int]] = [
        any_kind.where(search.begins(LedgerEntry.subject, f"order:{q.upper()}")).order_by(newest),
        taken.where(LedgerEntry.subject == f"session:{q}"),
        taken.where(LedgerEntry.source.in_((f"{_SOURCE_PREFIX}{q}", f"{_SOURCE_PREFIX}{q.lower()}"))),
        taken.where(LedgerEntry.source.in_(charge)),
        *(any_kind.where(LedgerEntry.subject.in_(way)) for way in _subjects(q)),
        *(
            taken.where(LedgerEntry.source.in_(select(literal(_SOURCE_PREFIX).concat(column)).where(tried)))
            for column in (PaymentAttempt.charge_id, PaymentAttempt.session_id)
        ),
    ]
    return search.find(db, {"entry": ways})


def _subjects(q: str) -> list[Select[str]]:
    """The orders that somebody may mean by the number, the receipt, the customer's reference, or the company."""
    subject = select(literal("order:").concat(Order.number))
    of_receipt = subject.join(Receipt, Receipt.order_id == Order.id)
    newest = Order.placed_at.desc()
    ways = [
        subject.where(Order.number.in_(search.spellings(q, "RNW"))),
        of_receipt.where(Receipt.number.in_(search.spellings(q, "R"))),
        *(subject.where(search.begins(Order.po_number, each)) for each in search.spellings(q)),
        *(
            subject.where(Order.company_id.in_(select(way.limit(search.MOST).subquery()))).order_by(newest)
            for way in accounts.company_ways(q)
        ),
    ]
    return [way.limit(search.MOST) for way in ways]


def currencies_and_open(db: Session) -> tuple[list[str], int]:
    """The currencies that anything was paid in, and how many exceptions wait; in one statement."""
    ways = [search.values(LedgerEntry.currency, LedgerEntry.kind == kind).subquery() for kind in TAKEN]
    waiting = select(literal(""), func.count()).where(FinanceException.closed_at.is_(None))
    rows = db.execute(union(*(select(way.c.value, literal(0)) for way in ways), waiting))
    found: dict[str, int] = {currency: count for currency, count in rows}  # noqa: C416 - rows are no pairs
    return sorted(found.keys() - {""}), found[""]


def _told(near: Subquery | None = None) -> Select[*tuple[Any, ...]]:
    chosen = select(
        LedgerEntry.id.label("entry_id"), LedgerEntry.happened_at, LedgerEntry.kind, moved.left.label("left"),
        moved.back.label("back"), moved.lost.label("lost"), moved.contested.label("contested"),
        func.coalesce(PaymentAttempt.charge_id, _charge_id).label("charge_id"),
        LedgerLine.minor.label("gross_minor"), LedgerLine.currency,
        BalanceTransaction.id.label("transaction_id"), BalanceTransaction.currency.label("settled_in"),
        BalanceTransaction.gross_minor.label("settled_minor"), BalanceTransaction.fee_minor,
        BalanceTransaction.net_minor,
        PaymentAttempt.session_id, PaymentAttempt.intent_id, PaymentAttempt.method,
        Order.number, Order.state, Order.held_reason,
        Company.id.label("company_id"), Company.name.label("company"),
        LedgerEntry.subject, AuditNote.facts.label("claims"),
        Receipt.number.label("receipt_number"), Quote.net_minor.label("sold_minor"), Quote.tax_minor,
        Quote.currency.label("sold_in"),
    )  # fmt: skip
    return (
        money_of(chosen, near)
        .outerjoin(Company, Company.id == Order.company_id)
        .outerjoin(AuditNote, (AuditNote.subject == LedgerEntry.subject) & (AuditNote.action == STRANGER))
        .outerjoin(Receipt, Receipt.order_id == Order.id)
        .outerjoin(Quote, Quote.id == Order.quote_id)
    )


def branches(filters: Filters, found: search.Found | None) -> list[Branch]:
    """One walk of an index for each kind of posting that takes money."""
    common = between(LedgerEntry.happened_at, filters.first, filters.last, filters.zone)
    if filters.currency:
        common.append(LedgerEntry.currency == filters.currency)
    if found is not None:
        common.append(or_(false(), *found.conditions({"entry": LedgerEntry.id})))
    if filters.unmatched:
        return [Branch([LedgerEntry.kind == EntryKind.SUSPENSE, moved.left != 0, *common])]
    return [Branch([LedgerEntry.kind == kind, *common]) for kind in TAKEN]


def money_of(chosen: Chosen, near: Subquery | None = None) -> Chosen:
    """`chosen` from the postings of taken money (`near`: from those with these ids), each with its charge's
    attempt, statement and order."""
    entries = chosen.select_from(LedgerEntry)
    if near is not None:
        entries = chosen.select_from(near).join(LedgerEntry, LedgerEntry.id == near.c.id)
    return (
        entries
        # Inside coalesce, so that SQLite does not begin with the account's index: half of all lines stand there.
        .join(
            LedgerLine,
            (LedgerLine.entry_id == LedgerEntry.id)
            & func.coalesce(LedgerLine.account, "").in_([account.value for account in moved.MONEY]),
        )
        .outerjoin(PaymentAttempt, its_attempt)
        .outerjoin(
            BalanceTransaction,
            BalanceTransaction.source_id.in_((_charge_id, PaymentAttempt.charge_id))
            & (BalanceTransaction.reporting_category == CHARGE_CATEGORY),
        )
        .outerjoin(Order, Order.number == _order_number)
    )


def _payment(row: Row[*tuple[Any, ...]]) -> Payment:
    gross = Money(row.gross_minor, row.currency)
    known = row.transaction_id is not None
    waits = row.kind is EntryKind.SUSPENSE and row.left != 0
    receipted = row.receipt_number is not None and not waits
    return Payment(
        entry_id=row.entry_id, happened_at=row.happened_at, charge_id=row.charge_id,
        order_number=row.number, company_id=row.company_id, company=row.company, gross=gross,
        settled=Money(row.settled_minor, row.settled_in) if known else None,
        fee=Money(row.fee_minor, row.settled_in) if known else None,
        net=Money(row.net_minor, row.settled_in) if known else None,
        transaction_id=row.transaction_id, session_id=row.session_id or _named(row, "session:", "cs_"),
        intent_id=row.intent_id or _named(row, "", "pi_"), method=row.method,
        unmatched=why_unmatched(row.state, row.held_reason) if waits else None,
        receipt_number=row.receipt_number if receipted else None,
        sold=Money(row.sold_minor, row.sold_in) if receipted else None,
        tax=Money(row.tax_minor, row.sold_in) if receipted else None,
        claims=_claims(row), returned=_if_any(row.back, row.currency), lost=_if_any(row.lost, row.currency),
        contested=_if_any(row.contested, row.currency),
        gone=row.kind is EntryKind.SUSPENSE and row.back + row.lost >= row.gross_minor and not row.left,
    )  # fmt: skip


def _if_any(minor: int, currency: str) -> Money | None:
    return Money(int(minor), currency) if minor else None


def _named(row: Row[*tuple[Any, ...]], prefix: str, kind: str) -> str | None:
    """The id of a `kind` that money without an attempt is booked under, by its subject or as its source."""
    subject = str(row.subject or "")
    if prefix and subject.startswith(prefix):
        return subject.removeprefix(prefix)
    return row.charge_id if row.charge_id.startswith(kind) else None


def _claims(row: Row[*tuple[Any, ...]]) -> str | None:
    """Which order the money names, where we have no such order."""
    if row.number is not None:
        return None
    subject = str(row.subject or "")
    if subject.startswith("order:"):
        return subject.removeprefix("order:")
    return (row.claims or {}).get("reference") or None
