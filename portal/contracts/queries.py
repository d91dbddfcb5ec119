"""Find contracts, with their terms and lines, in few statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from portal.accounts.models import Company, Membership, MemberState, Person
from portal.contracts import rules
from portal.contracts.models import Contract, Product, Term, TermLine
from portal.contracts.rules import TermPlan
from portal.kit import clock

# Wiring puts a function here that says which contracts have an open order: orders stand above this room.
OPEN_ORDERS = "contracts_with_open_orders"
OpenOrders = Callable[[Session, Sequence[int]], set[int]]


def whole() -> list[ORMOption]:
    """What a contract is loaded with: company, owner, terms, lines, products. Two statements in all."""
    lines = selectinload(Contract.terms).joinedload(Term.lines).joinedload(TermLine.product)
    return [joinedload(Contract.company), joinedload(Contract.owner), lines]


def of_companies(db: Session, company_ids: Sequence[int], at: datetime | None = None) -> list[Contract]:
    """All contracts of these companies: with `at` the most urgent first, else by end date."""
    if not company_ids:
        return []
    wanted = select(Contract).where(Contract.company_id.in_(company_ids)).order_by(Contract.ends_on, Contract.id)
    found = list(db.scalars(wanted.options(*whole())))
    return by_urgency(found, at) if at else found


def by_urgency(contracts: Sequence[Contract], at: datetime) -> list[Contract]:
    """The contracts, what needs somebody first in front; each judged by the day in its own zone."""

    def place(contract: Contract) -> tuple[int, int]:
        on = clock.day(at, contract.zone)
        return rules.urgency(contract.terms, on, contract.declined_at is not None)

    return sorted(contracts, key=place)


def by_number(db: Session, number: str) -> Contract | None:
    """The contract called `number`, whole, in one statement: a single contract's terms are few."""
    terms = joinedload(Contract.terms).joinedload(Term.lines).joinedload(TermLine.product)
    wanted = select(Contract).where(Contract.number == number)
    found = db.scalars(wanted.options(joinedload(Contract.company), joinedload(Contract.owner), terms))
    return found.unique().one_or_none()


def by_numbers(db: Session, numbers: Sequence[str]) -> dict[str, Contract]:
    """The contracts with these numbers, whole; unknown numbers are left out."""
    wanted = select(Contract).where(Contract.number.in_(numbers)).options(*whole())
    return {contract.number: contract for contract in db.scalars(wanted)}


def locked(wanted: Select[Contract]) -> Select[Contract]:
    """`wanted`, whole, read afresh and held until the transaction ends."""
    fresh = wanted.options(*whole()).execution_options(populate_existing=True)
    return fresh.order_by(Contract.id).with_for_update(of=Contract)


def lock(db: Session, contract_id: int) -> Contract:
    """The contract, whole, as it is now, and nobody else changes it until the caller's transaction ends."""
    return db.scalars(locked(select(Contract).where(Contract.id == contract_id))).one()


def last_term(contract: Contract) -> Term:
    """The contract's latest term."""
    return max(contract.terms, key=lambda term: term.starts_on)


def with_orders(db: Session, contracts: Sequence[Contract]) -> set[int]:
    """Ids of those contracts that were renewed by an order here, or have one open."""
    ordered = {c.id for c in contracts if any(term.order_number for term in c.terms)}
    rest = [contract.id for contract in contracts if contract.id not in ordered]
    ask: OpenOrders | None = current_app.extensions.get(OPEN_ORDERS)
    return ordered | ask(db, rest) if ask and rest else ordered


def products(db: Session) -> list[Product]:
    """All products, by code."""
    return list(db.scalars(select(Product).order_by(Product.code)))


def product_codes(db: Session) -> set[str]:
    """The codes of all products that the price book knows."""
    return set(db.scalars(select(Product.code)))


def companies_named(db: Session, name: str) -> list[Company]:
    """The companies with exactly this name."""
    return list(db.scalars(select(Company).where(Company.name == name).order_by(Company.id)))


PAGE_SIZE = 50


class Window(StrEnum):
    """Which part of the time line a list shows, by the last day of the latest term."""

    DAYS_30 = "30"
    DAYS_60 = "60"
    DAYS_90 = "90"
    GRACE = "grace"
    LAPSED = "lapsed"

    def bounds(self, today: date) -> tuple[date, date]:
        """First and last day that it shows."""
        grace = today - timedelta(days=rules.GRACE_DAYS)
        if self is Window.GRACE:
            return grace, today - timedelta(days=1)
        if self is Window.LAPSED:
            return date.min, grace - timedelta(days=1)
        return today, today + timedelta(days=int(self.value))


@dataclass(frozen=True)
class Wish:
    """What a list of contracts should hold. `owner_id` 0 means: nobody."""

    text: str = ""
    window: Window | None = None
    currency: str = ""
    owner_id: int | None = None


@dataclass(frozen=True)
class Spot:
    """A place in the list, which is sorted by last day and id; `back` looks towards earlier days."""

    ends_on: date
    id: int
    back: bool = False

    def __str__(self) -> str:
        return f"{self.ends_on.isoformat()}_{self.id}"

    @classmethod
    def parse(cls, text: str, back: bool) -> Spot | None:
        """The place that `text` spells, or None when it spells none."""
        day, _sep, row_id = text.partition("_")
        try:
            return cls(date.fromisoformat(day), int(row_id), back) if len(row_id) <= 18 else None
        except ValueError:
            return None


@dataclass(frozen=True)
class Listed:
    """A contract in a list, without its terms: the first day of its first and of its latest one are enough to say
    where it stands."""

    contract: Contract
    first_start: date
    last_start: date

    def terms(self) -> list[TermPlan]:
        """Stand-ins for the terms, good for standing and renewability alone."""
        last = rules.plan_between(self.last_start, self.contract.ends_on)
        if self.first_start == self.last_start:
            return [last]
        return [rules.plan_between(self.first_start, self.last_start - timedelta(days=1)), last]


@dataclass(frozen=True)
class Page:
    """Contracts by last day, and the places from which the neighbouring pages go on; None at an end."""

    rows: Sequence[Listed]
    earlier: Spot | None
    later: Spot | None


def page(db: Session, wish: Wish, today: date, spot: Spot | None, size: int = PAGE_SIZE) -> Page:
    """One page of the contracts that `wish` asks for, in one statement.

    Without a place to go on from, the list begins with the first contract that has not lapsed; what lapsed lies
    before it, the youngest nearest.
    """
    border = Spot(today - timedelta(days=rules.GRACE_DAYS), 0, back=wish.window is Window.LAPSED)
    begun_inside = spot is not None or (wish.window is None and not wish.text)
    start = spot or (border if begun_inside or border.back else Spot(date.min, 0))
    found = [Listed(*row) for row in db.execute(_beyond(_wanted(wish, today), start).limit(size + 1))]
    more, rows = len(found) > size, found[:size]
    if start.back:
        rows.reverse()
    if not rows:
        return Page([], replace(start, back=True) if begun_inside and not start.back else None, None)
    first, last = rows[0].contract, rows[-1].contract
    has_earlier, has_later = (more, spot is not None) if start.back else (begun_inside, more)
    return Page(
        rows,
        Spot(first.ends_on, first.id, back=True) if has_earlier else None,
        Spot(last.ends_on, last.id) if has_later else None,
    )


def _wanted(wish: Wish, today: date) -> Select[Contract, date, date]:
    starts = Term.starts_on
    first = select(func.min(starts)).where(Term.contract_id == Contract.id).scalar_subquery()
    latest = select(func.max(starts)).where(Term.contract_id == Contract.id).scalar_subquery()
    wanted = select(Contract, first, latest).join(Contract.company)
    wanted = wanted.options(contains_eager(Contract.company), joinedload(Contract.owner))
    if wish.window is not None:
        wanted = wanted.where(Contract.ends_on.between(*wish.window.bounds(today)))
    if wish.currency:
        wanted = wanted.where(Contract.currency == wish.currency)
    if wish.owner_id is not None:
        wanted = wanted.where(Contract.owner_id == (wish.owner_id or None))
    return wanted.where(_matches(wish.text)) if wish.text else wanted


def _matches(text: str) -> ColumnElement[bool]:
    """Number or company's name with `text` in it, an order's number, or (with an @) a member's e-mail."""
    ordered = exists().where(Term.contract_id == Contract.id, Term.order_number == text)
    member = exists().where(
        Membership.company_id == Contract.company_id,
        Membership.person_id == Person.id,
        Membership.state != MemberState.LEFT,
        Person.email.contains(text.lower(), autoescape=True),
    )
    named = or_(Contract.number.icontains(text, autoescape=True), Company.name.icontains(text, autoescape=True))
    return or_(named, member) if "@" in text else or_(named, ordered)


def _beyond(wanted: Select[Contract, date, date], spot: Spot) -> Select[Contract, date, date]:
    day, row_id = Contract.ends_on, Contract.id
    if spot.back:
        further = and_(day <= spot.ends_on, or_(day < spot.ends_on, row_id < spot.id))
        return wanted.where(further).order_by(day.desc(), row_id.desc())
    return wanted.where(and_(day >= spot.ends_on, or_(day > spot.ends_on, row_id > spot.id))).order_by(day, row_id)
