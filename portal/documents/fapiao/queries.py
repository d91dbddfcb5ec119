"""Find requests for a fapiao."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from flask import current_app
from sqlalchemy import Select, String, cast, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from portal.accounts.models import Company
from portal.documents.fapiao.models import OVER, FapiaoRequest, FapiaoState
from portal.kit import listing
from portal.orders.models import Order, OrderState

# Wiring puts a function here that says what of an order has gone back, in minor units: the books stand above us.
GIVEN_BACK: Final = "given_back_of_an_order"
GivenBack = Callable[[Session, Order], int]
PAID = frozenset({OrderState.PAID, OrderState.PARTLY_REFUNDED, OrderState.DISPUTED})


def is_paid(order: Order) -> bool:
    """Is there money to issue a fapiao for?"""
    return order.state in PAID


def left_minor(db: Session, order: Order) -> int:
    """What of an order's total has not gone back to the customer, by refunds or to the bank, in minor units."""
    given_back: GivenBack = current_app.extensions[GIVEN_BACK]
    return order.total_minor - given_back(db, order)


def live(db: Session, order_id: int) -> FapiaoRequest | None:
    """The order's request that is not over nor reversed, as it is now; one at most. Hold the order by
    orders.queries.lock."""
    wanted = select(FapiaoRequest).where(FapiaoRequest.order_id == order_id, FapiaoRequest.state.not_in(OVER))
    wanted = wanted.options(joinedload(FapiaoRequest.order)).execution_options(populate_existing=True)
    newest = db.scalar(wanted.order_by(FapiaoRequest.id.desc()).limit(1))
    return None if newest is None or newest.is_reversed else newest


def latest(db: Session, order_id: int) -> FapiaoRequest | None:
    """The order's request that is not over, else the last one."""
    wanted = select(FapiaoRequest).where(FapiaoRequest.order_id == order_id)
    return db.scalar(wanted.order_by(FapiaoRequest.state.in_(OVER), FapiaoRequest.id.desc()).limit(1))


def last_buyer(db: Session, company_id: int) -> Mapping[str, str]:
    """What a company told when it asked for a fapiao last; empty for the first time."""
    wanted = select(FapiaoRequest.buyer).join(Order, Order.id == FapiaoRequest.order_id)
    wanted = wanted.where(Order.company_id == company_id).order_by(FapiaoRequest.id.desc()).limit(1)
    return db.scalar(wanted) or {}


def issued(db: Session, order_id: int) -> Sequence[FapiaoRequest]:
    """The order's requests of which anything was issued, the newest first: the buyer has to book all of it."""
    wanted = select(FapiaoRequest).where(FapiaoRequest.order_id == order_id, FapiaoRequest.number.is_not(None))
    return db.scalars(wanted.order_by(FapiaoRequest.id.desc())).all()


def one(db: Session, request_id: int, lock: bool = False) -> FapiaoRequest | None:
    """A request with its order, the order's company and quote; with `lock` nobody else changes it meanwhile."""
    order = joinedload(FapiaoRequest.order)
    wanted = select(FapiaoRequest).where(FapiaoRequest.id == request_id)
    wanted = wanted.options(order.joinedload(Order.company), order.joinedload(Order.quote))
    if lock:
        wanted = wanted.with_for_update(of=FapiaoRequest).execution_options(populate_existing=True)
    return db.scalar(wanted)


def todo(db: Session, limit: int) -> Sequence[FapiaoRequest]:
    """What finance has to do, the oldest first: requests of paid orders, those that are being issued, and
    red-letter ones."""
    due = or_(
        FapiaoRequest.state.in_((FapiaoState.ISSUING, FapiaoState.RED_REQUESTED)),
        (FapiaoRequest.state == FapiaoState.REQUESTED) & Order.state.in_(PAID),
    )
    return db.scalars(_listed().where(due).order_by(FapiaoRequest.id).limit(limit)).all()


def in_state(
    db: Session, state: FapiaoState, cursor: listing.Cursor | None, limit: int
) -> Sequence[FapiaoRequest]:
    """Requests in one state beyond the cursor, newest first."""
    wanted = _listed().where(FapiaoRequest.state == state)
    return db.scalars(listing.beyond(wanted, FapiaoRequest.requested_at, FapiaoRequest.id, cursor, limit)).all()


def number_taken(db: Session, number: str) -> bool:
    """Does a fapiao have this number already, be it a red-letter one? `number` is one (rules.is_number)."""
    red = cast(FapiaoRequest.reds, String).contains(f'"{number}"', autoescape=True)
    return db.scalar(select(FapiaoRequest.id).where(or_(FapiaoRequest.number == number, red)).limit(1)) is not None


def stored_names(db: Session) -> set[str]:
    """The names of all files that a fapiao has."""
    found = {name for name in db.scalars(select(FapiaoRequest.stored)) if name}
    return found | {str(red["stored"]) for reds in db.scalars(select(FapiaoRequest.reds)) for red in reds}


def _listed() -> Select[FapiaoRequest]:
    wanted = select(FapiaoRequest).join(Order, Order.id == FapiaoRequest.order_id)
    wanted = wanted.join(Company, Company.id == Order.company_id)
    return wanted.options(contains_eager(FapiaoRequest.order).contains_eager(Order.company))
