"""Find orders for staff."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts import queries as accounts
from portal.accounts.models import Company
from portal.checkout.queries import Attempt
from portal.contracts.models import Contract
from portal.documents.models import Receipt
from portal.kit import addresses, search
from portal.kit.listing import Branch, Cursor, Sorting, any_of, between
from portal.orders import rules
from portal.orders.models import Order, OrderState
from portal.pricing.models import Price, Quote
from portal.staff.rules import VIEW_STATES, WAITING, Filters, View

# How Stripe's ids of pages, payments and charges begin.
_STRIPE_ID: Final = re.compile(r"(cs|pi|ch|py)_", re.ASCII)
_SERIAL: Final = re.compile(r"\d{1,9}", re.ASCII)
SERIAL_YEARS: Final = 5
_NEWEST: Final = Sorting(Order.placed_at, Order.id)


def orders(
    db: Session, filters: Filters, found: search.Found | None, cursor: Cursor | None, limit: int
) -> Sequence[Order]:
    """Orders beyond the cursor, nearest first, with company and quote, in one statement. `found`: what the search
    found, None without one."""
    near = _NEWEST.among(_branches(filters, found), cursor, limit)
    query = select(Order).options(joinedload(Order.company), joinedload(Order.quote)).where(near)
    return db.scalars(_NEWEST.beyond(query, cursor, limit)).all()


def every_order(
    db: Session, filters: Filters, found: search.Found | None
) -> Generator[Row[*tuple[Any, ...]], None, None]:
    """What an export tells of each order, newest first, some at a time, in one statement."""
    told = (
        select(
            Order.number, Order.placed_at, Order.state, Order.last_failure, Company.name.label("company"),
            Contract.number.label("contract"), Quote.months, Order.currency, Quote.net_minor, Quote.tax_minor,
            Order.total_minor, Order.po_number, Order.placed_email, Order.paid_at, Order.paid_with,
            Receipt.number.label("receipt"), Order.changed_at,
        )
        .join(Company, Company.id == Order.company_id)
        .join(Contract, Contract.id == Order.contract_id)
        .join(Quote, Quote.id == Order.quote_id)
        .outerjoin(Receipt, Receipt.order_id == Order.id)
        .where(any_of(_branches(filters, found)))
    )  # fmt: skip
    with db.execute(_NEWEST.beyond(told, None, None).execution_options(yield_per=search.BATCH)) as rows:
        yield from rows


def find(db: Session, q: str, year: int, sees_payments: bool = True) -> search.Found | None:
    """What the search of the list finds, in one statement: orders by the beginning of their number, purchase order
    or e-mail, by the serial of their number in the years up to `year`, by the whole number of their contract or
    receipt, or by one of Stripe's ids; companies by their name or a member's e-mail. None: nothing is searched
    for. Who does not see payments finds nothing by receipt or Stripe's ids."""
    if not q:
        return None
    if _STRIPE_ID.match(q):
        return search.find(db, {"order": [_tried(q)]}) if sees_payments else search.Found()
    spelled = search.spellings(q)
    number = search.bytewise(Order.number)
    of_contract = select(Order.id).join(Contract, Contract.id == Order.contract_id)
    orders: list[Select[int]] = [
        select(Order.id).where(search.begins(Order.number, q.upper())).order_by(number.desc()),
        *(select(Order.id).where(search.begins(Order.po_number, each)) for each in spelled),
        of_contract.where(Contract.number.in_(spelled)),
        select(Order.id).where(Order.number.in_(search.spellings(q, "RNW"))),
    ]
    if sees_payments:
        orders.append(select(Receipt.order_id).where(Receipt.number.in_(search.spellings(q, "R"))))
    if q.isascii():
        orders.append(select(Order.id).where(addresses.matching(Order.placed_email, q)))
    if _SERIAL.fullmatch(q):
        numbers = [rules.number(each, int(q)) for each in range(year - SERIAL_YEARS, year + 1)]
        orders.append(select(Order.id).where(Order.number.in_(numbers)))
    return search.find(db, {"order": orders, "company": accounts.company_ways(q)})


def currencies(db: Session) -> list[str]:
    """The currencies that anything is sold in."""
    return list(db.scalars(select(Price.currency).distinct().order_by(Price.currency)))


def _branches(filters: Filters, found: search.Found | None) -> list[Branch]:
    """One walk of an index for each state that is meant and each kind of thing that the search found."""
    common = between(Order.placed_at, filters.first, filters.last, filters.zone)
    if filters.currency:
        common.append(Order.currency == filters.currency)
    kinds = {"order": Order.id, "company": Order.company_id}
    sought = [[]] if found is None else [[each] for each in found.conditions(kinds)]
    return [Branch([*common, *state, *each]) for state in _states(filters) for each in sought]


def _states(filters: Filters) -> list[list[ColumnElement[bool]]]:
    """Conditions for each state that the view and the state's filter leave; one empty list when all are meant."""
    if filters.view is View.ALL and filters.state is None:
        return [[]]
    chosen = [filters.state] if filters.state else VIEW_STATES[filters.view]
    return [_state(state, filters.view) for state in chosen]


def _state(state: OrderState, view: View) -> list[ColumnElement[bool]]:
    failed = view is View.NEEDS_LOOK and state in WAITING
    return [Order.state == state, *([Order.last_failure.is_not(None)] if failed else [])]


def _tried(q: str) -> Select[int]:
    """Orders with a try to pay that Stripe calls `q`."""
    told = or_(Attempt.session_id == q, Attempt.intent_id == q, Attempt.charge_id == q)
    number = func.substr(Attempt.subject, len("order:") + 1)
    return select(Order.id).where(Order.number.in_(select(number).where(told)))
