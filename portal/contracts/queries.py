"""Find contracts, with their terms and lines, in few statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import current_app
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from portal.contracts import rules
from portal.contracts.models import Contract, Product, Term, TermLine
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
    """The contract called `number`, whole."""
    return db.scalars(select(Contract).where(Contract.number == number).options(*whole())).one_or_none()


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
