"""Find orders for staff."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import Company, Membership, MemberState, Person
from portal.checkout.queries import Attempt
from portal.contracts.models import Contract
from portal.documents.models import Receipt
from portal.kit.listing import Cursor, between, beyond
from portal.orders.models import Order
from portal.pricing.models import Price
from portal.staff.rules import VIEW_STATES, WAITING, Filters, View

# How Stripe's ids of pages, payments and charges begin, and from which length on one is surely whole.
_STRIPE_ID: Final = re.compile(r"(cs|pi|ch|py)_", re.ASCII)
_WHOLE_SESSION: Final = 58
_WHOLE_ID: Final = 27


def orders(db: Session, filters: Filters, cursor: Cursor | None, limit: int) -> Sequence[Order]:
    """Orders beyond the cursor, nearest first, with company and quote, in one statement."""
    query = (
        select(Order)
        .options(joinedload(Order.company), joinedload(Order.quote))
        .where(*between(Order.placed_at, filters.first, filters.last, filters.zone))
    )
    query = _in_view(query, filters)
    if filters.state:
        query = query.where(Order.state == filters.state)
    if filters.currency:
        query = query.where(Order.currency == filters.currency)
    if filters.q:
        query = query.where(_matches(filters.q))
    return db.scalars(beyond(query, Order.placed_at, Order.id, cursor, limit)).all()


def currencies(db: Session) -> list[str]:
    """The currencies that anything is sold in."""
    return list(db.scalars(select(Price.currency).distinct().order_by(Price.currency)))


def _in_view(query: Select[Order], filters: Filters) -> Select[Order]:
    if filters.view is View.NEEDS_LOOK:
        asking = [state for state in VIEW_STATES[View.NEEDS_LOOK] if state not in WAITING]
        failed = and_(Order.state.in_(WAITING), Order.last_failure.is_not(None))
        return query.where(or_(Order.state.in_(asking), failed))
    if filters.view is View.ALL:
        return query
    return query.where(Order.state.in_(VIEW_STATES[filters.view]))


def _matches(q: str) -> ColumnElement[bool]:
    """One of Stripe's ids, a contract's or receipt's whole number; or a part of the order's number, of its
    purchase order, of the company's name, or of an e-mail. Companies are found first and orders then by their
    company, so that the names are looked through once and not for each order."""
    if _STRIPE_ID.match(q):
        return Order.number.in_(_tried(q))
    named = select(Company.id).where(Company.name.icontains(q, autoescape=True))
    spelled = {q, q.upper()}
    found: list[ColumnElement[bool]] = [
        Order.number.icontains(q, autoescape=True),
        Order.po_number.icontains(q, autoescape=True),
        Order.company_id.in_(named),
        Order.contract_id.in_(select(Contract.id).where(Contract.number.in_(spelled))),
        Order.id.in_(select(Receipt.order_id).where(Receipt.number.in_(spelled))),
    ]
    if q.isascii():
        email = q.lower()
        known = (
            select(Membership.company_id)
            .join(Person, Person.id == Membership.person_id)
            .where(Person.email.contains(email, autoescape=True), Membership.state != MemberState.LEFT)
        )
        found += [Order.placed_email.icontains(email, autoescape=True), Order.company_id.in_(known)]
    return or_(*found)


def _tried(q: str) -> Select[str]:
    """Numbers of the orders with a try to pay that Stripe calls `q`: a whole id is looked up by its index, the
    beginning of one is looked for."""
    ids = (Attempt.session_id, Attempt.intent_id, Attempt.charge_id)
    whole = len(q) >= (_WHOLE_SESSION if q.startswith("cs_") else _WHOLE_ID)
    told = or_(*(column == q if whole else column.startswith(q, autoescape=True) for column in ids))
    return select(func.substr(Attempt.subject, len("order:") + 1)).where(told)
