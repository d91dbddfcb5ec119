"""Place the demo's orders, and close those that nobody paid. No provider is needed for that, so their times may
lie weeks back; what a provider has seen happens today, at the provider's time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.contracts import queries as contracts
from portal.contracts.models import Contract
from portal.demo.companies import Customer
from portal.demo.history import FIRST_NUMBER
from portal.demo.plan import PLAN, Planned, Story
from portal.home.rules import TERMS_VERSION
from portal.orders import actions
from portal.orders.models import CancelledBy, Order
from portal.pricing import actions as pricing

# People look at a price for a while before they accept it.
THOUGHT: Final = timedelta(minutes=11)
CHANGED_MIND: Final = timedelta(hours=20)
SWEPT: Final = timedelta(seconds=30)
APART: Final = 19  # minutes


def write(db: Session, customers: Sequence[Customer], staff_id: int, at: datetime) -> None:
    """Place an order for each line of the plan. `customers` own the contracts, in the order of their numbers."""
    rows = by_serial(db)
    for place, (planned, customer, contract_id) in enumerate(zip(PLAN, customers, rows, strict=True)):
        # The later in the plan, the later in the day: numbers go with time.
        placed_at = at - timedelta(days=planned.days_ago, minutes=(len(PLAN) - place) * APART)
        _order(db, planned, customer, contract_id, staff_id, placed_at)


def by_serial(db: Session) -> list[int]:
    """Ids of the contracts that the plan is about, by the last part of their numbers."""
    last = range(FIRST_NUMBER, FIRST_NUMBER + len(PLAN))
    places = {f"{serial:05}": place for place, serial in enumerate(last)}
    found: dict[int, int] = {}
    for number, id_ in db.execute(select(Contract.number, Contract.id)):
        place = places.get(number.rpartition("-")[2])
        if place is not None:
            found[place] = id_
    return [id_ for _place, id_ in sorted(found.items())]


def _order(
    db: Session, planned: Planned, customer: Customer, contract_id: int, staff_id: int, at: datetime
) -> None:
    by = f"person:{customer.owner.id}"
    contract = contracts.lock(db, contract_id)
    quote = pricing.seal(db, contract, planned.months, None, by, at - THOUGHT)
    order = actions.place(db, quote, by, customer.owner.email, None, TERMS_VERSION, at)
    if planned.story is Story.EXPIRED:
        actions.expire(db, order, order.expires_at + SWEPT)
    elif planned.story is Story.CANCELLED:
        actions.cancel(db, order, by, CancelledBy.CUSTOMER, at + CHANGED_MIND)
    elif planned.story is Story.CANCELLED_BY_STAFF:
        actions.cancel(db, order, f"person:{staff_id}", CancelledBy.STAFF, at + CHANGED_MIND)


def of_plan(db: Session) -> list[tuple[Planned, Order]]:
    """Each line of the plan with the order that was placed for it."""
    orders = {order.contract_id: order for order in db.scalars(select(Order).order_by(Order.id.desc()))}
    return [(planned, orders[id_]) for planned, id_ in zip(PLAN, by_serial(db), strict=True)]
