"""Find orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import Company
from portal.kit.listing import Cursor, beyond
from portal.orders.models import OPEN, Approval, ApprovalLimit, ApprovalState, Order, OrderState

MOST = 200


@dataclass(frozen=True)
class Filters:
    """What a list of orders is narrowed to. `text` is an order number, an e-mail address, or a piece of a
    company's name or of a number; `since` ≤ placed < `before`."""

    text: str = ""
    states: tuple[OrderState, ...] = ()
    currency: str = ""
    since: datetime | None = None
    before: datetime | None = None
    company_id: int | None = None


def by_number(db: Session, number: str) -> Order | None:
    """The order with its quote, contract and company, in one statement."""
    return db.scalar(_whole().where(Order.number == number))


def lock(db: Session, number: str) -> Order:
    """The order as it is now, held until the transaction ends. Raises NoResultFound."""
    found = select(Order).where(Order.number == number).with_for_update()
    return db.execute(found, execution_options={"populate_existing": True}).scalar_one()


def of_quote(db: Session, quote_id: str) -> Order | None:
    return db.scalar(select(Order).where(Order.quote_id == quote_id))


def open_for(db: Session, contract_id: int) -> Order | None:
    """The contract's open order; there is one at most."""
    return db.scalar(select(Order).where(Order.contract_id == contract_id, Order.state.in_(OPEN)))


def asked_for(db: Session, contract_id: int) -> list[Approval]:
    """What waits for a yes for the contract; one at most."""
    wanted = select(Approval).where(Approval.contract_id == contract_id, Approval.state == ApprovalState.ASKED)
    return list(db.scalars(wanted))


def approval_of(db: Session, quote_id: str) -> Approval | None:
    """The newest request for a yes to this quote, decided or not."""
    newest = select(Approval).where(Approval.quote_id == quote_id).order_by(Approval.id.desc())
    return db.scalar(newest.limit(1))


def approval(db: Session, approval_id: int) -> Approval | None:
    return db.scalar(select(Approval).options(joinedload(Approval.quote)).where(Approval.id == approval_id))


def approval_limit(db: Session, company_id: int, currency: str) -> int | None:
    """Above how many minor units the company's orders need a yes; None: they never do."""
    row = db.get(ApprovalLimit, (company_id, currency))
    return row.minor if row else None


def approval_limits(db: Session, company_id: int) -> list[ApprovalLimit]:
    """The company's limits that are in force, by currency."""
    mine = select(ApprovalLimit).where(ApprovalLimit.company_id == company_id, ApprovalLimit.minor.is_not(None))
    return list(db.scalars(mine.order_by(ApprovalLimit.currency)))


def with_open(db: Session, contract_ids: Sequence[int]) -> set[int]:
    """Those of the contracts that have an open order."""
    wanted = select(Order.contract_id).where(Order.contract_id.in_(list(contract_ids)), Order.state.in_(OPEN))
    return set(db.scalars(wanted))


def latest_for(db: Session, contract_ids: Iterable[int]) -> dict[int, Order]:
    """The newest order of each contract that has one, by contract id, in one statement."""
    newest = (
        select(func.max(Order.id)).where(Order.contract_id.in_(list(contract_ids))).group_by(Order.contract_id)
    )
    return {order.contract_id: order for order in db.scalars(select(Order).where(Order.id.in_(newest)))}


def of_contract(db: Session, contract_id: int) -> Sequence[Order]:
    """All orders of a contract, newest first, with their quotes."""
    wanted = select(Order).options(joinedload(Order.quote)).where(Order.contract_id == contract_id)
    return db.scalars(wanted.order_by(Order.placed_at.desc(), Order.id.desc()).limit(MOST)).all()


def overdue(db: Session, at: datetime, limit: int = 50) -> Sequence[str]:
    """Numbers of orders that nobody paid in time, longest first."""
    waits = (OrderState.AWAITING_PAYMENT, OrderState.AWAITING_TRANSFER)
    due = select(Order.number).where(Order.state.in_(waits), Order.expires_at <= at)
    return db.scalars(due.order_by(Order.expires_at).limit(limit)).all()


def search(db: Session, filters: Filters, after: Cursor | None = None, limit: int = 50) -> Sequence[Order]:
    """Up to `limit` orders beyond the cursor, nearest to it first (without one: the newest), with company,
    contract and quote loaded, in one statement."""
    wanted = _whole().where(*_conditions(filters))
    return db.scalars(beyond(wanted, Order.placed_at, Order.id, after, min(limit, MOST))).all()


def _whole() -> Select[Order]:
    return (
        select(Order)
        .join(Order.company)
        .options(joinedload(Order.quote), joinedload(Order.contract), joinedload(Order.company))
    )


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    given: list[ColumnElement[bool]] = []
    if filters.text.strip():
        given.append(_matches(filters.text.strip()))
    if filters.states:
        given.append(Order.state.in_(filters.states))
    if filters.currency:
        given.append(Order.currency == filters.currency)
    if filters.since:
        given.append(Order.placed_at >= filters.since)
    if filters.before:
        given.append(Order.placed_at < filters.before)
    if filters.company_id is not None:
        given.append(Order.company_id == filters.company_id)
    return given


def _matches(text: str) -> ColumnElement[bool]:
    """A whole number or address is looked up by its index; anything else is a piece of a name or number."""
    if "@" in text:
        return Order.placed_email == text.lower()
    if text.upper().startswith("RNW-") and len(text) >= len("RNW-2026-000001"):
        return Order.number == text.upper()
    return or_(Company.name.icontains(text, autoescape=True), Order.number.icontains(text, autoescape=True))
