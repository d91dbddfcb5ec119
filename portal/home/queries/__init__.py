"""Find what the customer's pages join from several rooms; their papers are in papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, and_, cast, func, literal, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import Person
from portal.audit.models import AuditNote
from portal.contracts import queries as contracts
from portal.contracts.models import Contract, Term, TermLine
from portal.contracts.rules import DUE_DAYS, GRACE_DAYS
from portal.kit.mail import Mail
from portal.orders.models import OPEN, Order
from portal.pricing.models import Quote
from portal.pricing.rules import QuoteStanding, quote_standing

MAILS = 200
CONTACTS = 200
WAITING = 20


@dataclass(frozen=True)
class UnderWay:
    """By contract id: the newest order, and the newest price that is held for the customer."""

    orders: dict[int, Order] = field(default_factory=dict)
    quotes: dict[int, Quote] = field(default_factory=dict)


def told_to_customer() -> ColumnElement[bool]:
    """Was a quote made by the customer, or sent to them? What staff only worked out is not promised."""
    staff = select(literal("person:").concat(cast(Person.id, String))).where(Person.staff_role.is_not(None))
    sent = (
        select(AuditNote.id)
        .where(AuditNote.subject == literal("quote:").concat(Quote.id), AuditNote.action == "quote.sent")
        .exists()
    )
    return or_(Quote.created_by.not_in(staff), sent)


def under_way(db: Session, contracts: Sequence[Contract], at: datetime) -> UnderWay:
    """What is under way for these contracts, in one statement: every order has a quote, so both are found at once.

    A held price still holds at `at`, fits the contract as it stands, has no order, and was told to the customer.
    """
    found, revs = UnderWay(), {contract.id: contract.rev for contract in contracts}
    if not revs:
        return found
    newest = select(func.max(Order.id)).where(Order.contract_id.in_(revs)).group_by(Order.contract_id)
    held = and_(
        Order.id.is_(None),
        Quote.voided_at.is_(None),
        Quote.valid_until > at,
        told_to_customer(),
    )
    wanted = (
        select(Quote, Order)
        .outerjoin(Order, Order.quote_id == Quote.id)
        .where(Quote.contract_id.in_(revs), or_(Order.id.in_(newest), held))
        .order_by(Quote.created_at, Quote.id)
    )
    for row in db.execute(wanted):
        quote: Quote = row[0]
        order: Order | None = row[1]
        if order is not None:
            found.orders[quote.contract_id] = order
        elif quote_standing(quote, revs[quote.contract_id], at) is QuoteStanding.VALID:
            found.quotes[quote.contract_id] = quote
    return found


def waiting_for(
    db: Session, company_ids: Sequence[int], but: int, at: datetime
) -> list[tuple[Contract, Order | None]]:
    """The companies' contracts, without `but`, that end or ended so near to `at` that they may want somebody, or
    have an open order; each whole with that order, the most urgent first, at most WAITING, in one statement."""
    # A day more on each side: dates are those of each contract's zone, the caller judges by it.
    first, last = (at - timedelta(days=GRACE_DAYS + 1)).date(), (at + timedelta(days=DUE_DAYS + 1)).date()
    near = and_(Contract.ends_on.between(first, last), Contract.declined_at.is_(None))
    wanted = (
        select(Contract.id, Order.id.label("order_id"))
        .outerjoin(Order, and_(Order.contract_id == Contract.id, Order.state.in_(OPEN)))
        .where(Contract.company_id.in_(company_ids), Contract.id != but, or_(near, Order.id.is_not(None)))
        .order_by(Contract.ends_on, Contract.id)
        .limit(WAITING)
        .subquery()
    )
    lines = joinedload(Contract.terms).joinedload(Term.lines).joinedload(TermLine.product)
    rows = db.execute(
        select(Contract, Order)
        .join(wanted, wanted.c.id == Contract.id)
        .outerjoin(Order, Order.id == wanted.c.order_id)
        .options(lines)
    )
    found: dict[Contract, Order | None] = {row[0]: row[1] for row in rows.unique()}
    return [(each, found[each]) for each in contracts.by_urgency(list(found), at)]


@dataclass(frozen=True)
class Contact:
    """Who of ours looks after which of a customer's contracts."""

    name: str
    email: str
    contracts: list[str]


def contacts(db: Session, company_ids: Sequence[int]) -> list[Contact]:
    """The owners of the companies' contracts, each with the contracts' numbers, in one statement."""
    wanted = (
        select(Person.name, Person.email, Contract.number)
        .join(Contract, Contract.owner_id == Person.id)
        .where(Contract.company_id.in_(company_ids), Person.active)
        .order_by(Person.name, Person.email, Contract.number)
        .limit(CONTACTS)
    )
    found: dict[str, Contact] = {}
    for name, email, number in db.execute(wanted):
        found.setdefault(email, Contact(name, email, [])).contracts.append(number)
    return list(found.values())


def mails(db: Session) -> list[Mail]:
    """The last letters, newest first."""
    return list(db.scalars(select(Mail).order_by(Mail.id.desc()).limit(MAILS)))
