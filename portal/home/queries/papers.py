"""Find the papers of a customer: receipts, quotes, and the orders behind a statement of account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import BigInteger, ColumnElement, cast, func, select
from sqlalchemy.orm import Session, joinedload

from portal.documents.models import CreditNote, Receipt
from portal.home.queries import told_to_customer
from portal.kit import listing
from portal.orders.models import Order
from portal.pricing.models import Quote

# Places of receipts begin here: of one instant they stand above the quotes, whose places are their numbers; and
# credit notes above both.
BEFORE_QUOTES: Final = 10**12
BEFORE_RECEIPTS: Final = 2 * 10**12


@dataclass(frozen=True)
class Found:
    """A receipt, a credit note, or a quote and the order that goes by it. `place` is where it stands in the
    list."""

    at: datetime
    place: int
    receipt: Receipt | None
    quote: Quote
    order: Order | None
    note: CreditNote | None = None


@dataclass(frozen=True)
class Wish:
    """Which papers a list shows; `zone` is where the days of `first` and `last` are days."""

    companies: Sequence[int]
    zone: str
    first: date | None = None
    last: date | None = None


def receipts(db: Session, wish: Wish, cursor: listing.Cursor | None, limit: int) -> list[Found]:
    """The companies' receipts beyond the cursor, with order, quote, contract and company; one statement."""
    order = joinedload(Receipt.order)
    place = Receipt.id + BEFORE_QUOTES
    wanted = (
        select(Receipt)
        .join(Receipt.order)
        .where(Order.company_id.in_(wish.companies))
        .where(*listing.between(Receipt.issued_at, wish.first, wish.last, wish.zone))
        .options(order.joinedload(Order.quote), order.joinedload(Order.contract), order.joinedload(Order.company))
    )
    rows = db.scalars(listing.beyond(wanted, Receipt.issued_at, place, cursor, limit))
    return [Found(row.issued_at, row.id + BEFORE_QUOTES, row, row.order.quote, row.order) for row in rows]


def credit_notes(db: Session, wish: Wish, cursor: listing.Cursor | None, limit: int) -> list[Found]:
    """The companies' credit notes beyond the cursor, with order, quote, contract and company; one statement."""
    order = joinedload(CreditNote.order)
    place = CreditNote.id + BEFORE_RECEIPTS
    wanted = (
        select(CreditNote)
        .join(CreditNote.order)
        .where(Order.company_id.in_(wish.companies))
        .where(*listing.between(CreditNote.issued_at, wish.first, wish.last, wish.zone))
        .options(order.joinedload(Order.quote), order.joinedload(Order.contract), order.joinedload(Order.company))
    )
    rows = db.scalars(listing.beyond(wanted, CreditNote.issued_at, place, cursor, limit))
    return [Found(row.issued_at, row.id + BEFORE_RECEIPTS, None, row.order.quote, row.order, row) for row in rows]


def quotes(db: Session, wish: Wish, cursor: listing.Cursor | None, limit: int) -> list[Found]:
    """The quotes that the companies know, beyond the cursor, with contract, company and order; one statement."""
    place = _serial()
    wanted = (
        select(Quote, place, Order)
        .outerjoin(Order, Order.quote_id == Quote.id)
        .where(Quote.company_id.in_(wish.companies), told_to_customer())
        .where(*listing.between(Quote.created_at, wish.first, wish.last, wish.zone))
        .options(joinedload(Quote.contract), joinedload(Quote.company))
    )
    rows = db.execute(listing.beyond(wanted, Quote.created_at, place, cursor, limit))
    return [Found(quote.created_at, at, None, quote, order) for quote, at, order in rows]


def _serial() -> ColumnElement[int]:
    """A quote's number as one integer: Q-2026-004821 → 2026004821."""
    return cast(func.replace(func.substr(Quote.id, 3), "-", ""), BigInteger)


def all_kinds(db: Session, wish: Wish, cursor: listing.Cursor | None, limit: int) -> list[Found]:
    """Receipts, credit notes and quotes beyond the cursor, nearest first: bounded lists, merged."""
    found = [each for fetch in (receipts, credit_notes, quotes) for each in fetch(db, wish, cursor, limit)]
    newest_first = cursor is None or not cursor.backwards
    return sorted(found, key=lambda each: (each.at, each.place), reverse=newest_first)[:limit]


def orders_of(db: Session, company_id: int) -> Sequence[tuple[Order, str | None]]:
    """All orders of a company with their contract and their receipt's number, oldest first; one statement."""
    wanted = (
        select(Order, Receipt.number)
        .outerjoin(Receipt, Receipt.order_id == Order.id)
        .where(Order.company_id == company_id)
        .options(joinedload(Order.contract))
        .order_by(Order.id)
    )
    return [(order, number) for order, number in db.execute(wanted)]
