"""Find contracts, with their terms and lines, in few statements."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from flask import current_app
from sqlalchemy import ColumnElement, Row, Select, cast, exists, func, null, select, union_all
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from portal.accounts import queries as accounts
from portal.accounts.models import Company, Person
from portal.contracts import rules
from portal.contracts.models import Contract, ContractTag, Product, Tag, Term, TermLine
from portal.contracts.rules import TermPlan
from portal.kit import clock, search
from portal.kit.db import BigId
from portal.kit.listing import Branch, Cursor, Page, Sorting, any_of, paged

# Wiring puts a function here that says which contracts have an open order: orders stand above this room.
OPEN_ORDERS = "contracts_with_open_orders"
OpenOrders = Callable[[Session, Sequence[int]], set[int]]
# And one that says whose next price starts from what they cost now.
KEPT_PRICES = "contracts_with_kept_prices"
KeptPrices = Callable[[Session, Sequence[int]], set[int]]


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


def term_of_order(db: Session, order_number: str) -> Term | None:
    """The term that an order bought, whether it stands or was reversed, with its lines."""
    lines = selectinload(Term.lines).joinedload(TermLine.product)
    return db.scalar(select(Term).where(Term.order_number == order_number).options(lines))


def last_term(contract: Contract) -> Term:
    """The contract's latest term."""
    return max(contract.terms, key=lambda term: term.starts_on)


def with_orders(db: Session, contracts: Sequence[Contract]) -> set[int]:
    """Ids of those contracts that were renewed by an order here, or have one open."""
    ordered = {c.id for c in contracts if any(term.order_number for term in c.terms)}
    rest = [contract.id for contract in contracts if contract.id not in ordered]
    ask: OpenOrders | None = current_app.extensions.get(OPEN_ORDERS)
    return ordered | ask(db, rest) if ask and rest else ordered


def with_kept_prices(db: Session, ids: Sequence[int]) -> set[int]:
    """Ids of those contracts whose next price starts from what they cost now."""
    ask: KeptPrices | None = current_app.extensions.get(KEPT_PRICES)
    return ask(db, ids) if ask and ids else set()


def products(db: Session) -> list[Product]:
    """All products, by code."""
    return list(db.scalars(select(Product).order_by(Product.code)))


def tags(db: Session) -> Sequence[Tag]:
    """All tags, the oldest first."""
    return db.scalars(select(Tag).order_by(Tag.id)).all()


def tags_beside(db: Session, contract_id: int) -> list[tuple[Tag, bool]]:
    """All tags, the oldest first, and whether the contract has each; one statement."""
    has = exists().where(ContractTag.contract_id == contract_id, ContractTag.tag_id == Tag.id)
    return [(tag, bool(mine)) for tag, mine in db.execute(select(Tag, has).order_by(Tag.id))]


def tag_ids(db: Session, contract_id: int) -> set[int]:
    """Ids of the tags that a contract has."""
    return set(db.scalars(select(ContractTag.tag_id).where(ContractTag.contract_id == contract_id)))


def tag_counts(db: Session) -> dict[int, int]:
    """How many contracts have each tag; tags that none has are left out."""
    counted = select(ContractTag.tag_id, func.count()).group_by(ContractTag.tag_id)
    return {row[0]: row[1] for row in db.execute(counted)}


def product_codes(db: Session) -> set[str]:
    """The codes of all products that the price book knows."""
    return set(db.scalars(select(Product.code)))


def companies_named(db: Session, name: str) -> list[Company]:
    """The companies with exactly this name."""
    return list(db.scalars(select(Company).where(Company.name == name).order_by(Company.id)))


PAGE_SIZE = 50


def choices(db: Session) -> tuple[list[tuple[int, str]], list[str]]:
    """What the list's filters offer: who can own a contract, and the currencies that contracts have. One
    statement."""
    owners = accounts.owners().subquery()
    currencies = search.values(Contract.currency).subquery()
    told = db.execute(
        union_all(select(owners.c.id, owners.c.name), select(cast(null(), BigId), currencies.c.value))
    ).all()
    by_name = sorted(
        ((row_id, name) for row_id, name in told if row_id is not None), key=lambda one: (one[1], one[0])
    )
    return by_name, sorted(code for row_id, code in told if row_id is None)


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
class Listed:
    """A contract in a list, without its terms: the first day of its first and of its latest one are enough to say
    where it stands."""

    contract: Contract
    first_start: date
    last_start: date

    def terms(self) -> list[TermPlan]:
        """Stand-ins for the terms, good for standing and renewability alone."""
        return outline(self.first_start, self.last_start, self.contract.ends_on)


def outline(first_start: date, last_start: date, ends_on: date) -> list[TermPlan]:
    """Stand-ins for a contract's terms, good for standing and renewability alone."""
    last = rules.plan_between(last_start, ends_on)
    if first_start == last_start:
        return [last]
    return [rules.plan_between(first_start, last_start - timedelta(days=1)), last]


BY_END: Final = Sorting(Contract.ends_on, Contract.id, rising=True)


def page(
    db: Session, wish: Wish, found: search.Found | None, today: date, cursor: Cursor | None, size: int = PAGE_SIZE
) -> Page[Listed]:
    """One page of the contracts that `wish` asks for and a search found (None: without one), in one statement.

    Without a place to go on from, the list begins with the first contract that has not lapsed; what lapsed lies
    before it, the youngest nearest.
    """
    start, ends = _start(wish, today, cursor)
    near = BY_END.among(_branches(wish, found, today), start, size + 1)
    asked = BY_END.beyond(_listed().where(near), start, size + 1)
    asked = asked.options(contains_eager(Contract.company), joinedload(Contract.owner))
    rows = [Listed(*row) for row in db.execute(asked)]
    if rows or ends or start is None:
        return paged(rows, lambda row: (row.contract.ends_on, row.contract.id), start, size, ends=ends)
    # Nothing on this side of the start: the other side may hold something.
    return Page([], None if start.backwards else replace(start, backwards=True), None)


def _start(wish: Wish, today: date, cursor: Cursor | None) -> tuple[Cursor | None, bool]:
    """Where the page begins, and whether that is an end of the list."""
    if cursor is not None:
        return cursor, False
    border = Cursor(today - timedelta(days=rules.GRACE_DAYS), 0)
    if wish.window is Window.LAPSED:
        return replace(border, backwards=True), True
    return (border, False) if wish.window is None and not wish.text else (None, True)


def every_contract(
    db: Session, wish: Wish, found: search.Found | None, today: date
) -> Generator[Row[*tuple[Any, ...]], None, None]:
    """What an export tells of each contract, by last day, some at a time, in one statement."""
    told = _listed(
        Contract.number, Company.name.label("company"), Contract.segment, Contract.currency, Contract.zone,
        Contract.ends_on, Contract.declined_at, Person.name.label("owner"),
    ).outerjoin(Person, Person.id == Contract.owner_id)  # fmt: skip
    told = BY_END.beyond(told.where(any_of(_branches(wish, found, today))), None, None)
    with db.execute(told.execution_options(yield_per=search.BATCH)) as rows:
        yield from rows


def find(db: Session, text: str) -> search.Found | None:
    """What the search of the list finds, in one statement: contracts by the beginning of their number or by an
    order's whole number, companies by their name or a member's e-mail. None: nothing is searched for."""
    if not text:
        return None
    contracts: list[Select[int]] = [
        select(Contract.id)
        .where(search.begins(Contract.number, spelled))
        .order_by(search.bytewise(Contract.number))
        for spelled in search.spellings(text)
    ]
    contracts.append(select(Term.contract_id).where(Term.order_number == text))
    return search.find(db, {"contract": contracts, "company": accounts.company_ways(text)})


def _listed(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Contracts (or these columns) with the first days of their first and their latest term."""
    starts = Term.starts_on
    ours = select(Term.id).where(Term.contract_id == Contract.id, Term.live)
    first = ours.with_only_columns(func.min(starts)).scalar_subquery()
    latest = ours.with_only_columns(func.max(starts)).scalar_subquery()
    chosen = select(*(columns or (Contract,)), first.label("first_start"), latest.label("last_start"))
    return chosen.join(Company, Company.id == Contract.company_id)


def _branches(wish: Wish, found: search.Found | None, today: date) -> list[Branch]:
    """One walk of an index for each kind of thing that the search found."""
    common: list[ColumnElement[bool]] = []
    if wish.window is not None:
        common.append(Contract.ends_on.between(*wish.window.bounds(today)))
    if wish.currency:
        common.append(Contract.currency == wish.currency)
    if wish.owner_id is not None:
        common.append(Contract.owner_id == (wish.owner_id or None))
    kinds = {"contract": Contract.id, "company": Contract.company_id}
    sought = [[]] if found is None else [[each] for each in found.conditions(kinds)]
    # Nobody's contracts are found by NULL, which PostgreSQL does not take for one value in an index's order.
    lead = (Contract.owner_id,) if wish.owner_id == 0 and found is None else ()
    return [Branch([*common, *each], lead) for each in sought]
