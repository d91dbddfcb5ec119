"""A renewal in all its parts, for tests of its money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.charges import queries as attempts
from payments.charges.models import AttemptState, PaymentAttempt
from payments.ledger import queries as ledger
from payments.ledger.models import Account
from payments.money import Money
from payments.reconcile.models import FinanceException
from payments.refunds import queries as refunds
from payments.refunds.models import Refund
from portal.accounts.models import CompanyRole
from portal.checkout import flows, selfcheck
from portal.contracts import queries as contracts
from portal.contracts.models import Term
from portal.kit import clock, mail, outbox
from portal.kit.db import reading, transaction
from portal.orders import actions as orders
from portal.orders import queries as order_queries
from portal.orders.models import Order
from portal.pricing import actions as pricing
from tests import factories
from tests.fakes.gateway import SIGNATURE, FakeGateway

COUNTRY = {"CNY": "CN", "JPY": "JP", "USD": "US", "KWD": "KW"}


@dataclass(frozen=True)
class Renewal:
    """What a test starts from."""

    number: str
    contract_number: str
    contract_id: int
    company_id: int
    quote_id: str
    payer: str


def renewal(
    currency: str = "CNY", months: int = 24, ends_on: date = date(2026, 12, 12), at: datetime | None = None
) -> Renewal:
    """A placed order of a company with an owner who pays."""
    at = at or clock.now()
    with transaction() as db:
        factories.book(db) if not _has_book(db) else None
        company = factories.company(db, country=COUNTRY[currency])
        owner = factories.member(db, company, CompanyRole.OWNER)
        unit = factories.UNIT[currency]
        contract = factories.contract(
            db, company, ends_on=ends_on, currency=currency, lines=(("insight", 20, unit), ("backup", 5, unit))
        )
        by = f"person:{owner.id}"
        quote = pricing.seal(db, contract, months, None, by, at)
        order = orders.place(db, quote, by, owner.email, None, "2026-01", at)
        return Renewal(order.number, contract.number, contract.id, company.id, quote.id, by)


def _has_book(db: Session) -> bool:
    from portal.pricing.models import TermDiscount  # noqa: PLC0415

    return db.query(TermDiscount).first() is not None


def use(app: Flask, **facts: Any) -> FakeGateway:
    """A fresh provider in the app."""
    gateway = FakeGateway(**facts)
    app.extensions["gateway"] = gateway
    return gateway


def open_page(made: Renewal) -> str:
    """Start paying; the session's id."""
    flows.pay(made.number, made.payer, clock.now())
    return str(attempts_of(made.number)[-1].session_id)


def settle(made: Renewal) -> AttemptState:
    """Settle the newest attempt."""
    return flows.settle(attempts_of(made.number)[-1].id)


def tell(gateway: FakeGateway, type_: str, object_id: str, event_id: str | None = None) -> None:
    """The provider tells of something."""
    flows.receive(gateway.event(type_, object_id, event_id), SIGNATURE)


def handle() -> None:
    """Handle all events that are due."""
    while flows.handle_events():
        pass


def run_jobs() -> None:
    """Do all that hangs on what was told."""
    while outbox.run_due():
        pass


def order_of(number: str) -> Order:
    with reading() as db:
        order = order_queries.by_number(db, number)
        assert order is not None
        return order


def attempts_of(number: str) -> list[PaymentAttempt]:
    with reading() as db:
        return list(attempts.of_subject(db, f"order:{number}"))


def terms_of(contract_id: int) -> list[Term]:
    with reading() as db:
        return list(contracts.lock(db, contract_id).terms)


def balances() -> dict[tuple[Account, str], int]:
    with reading() as db:
        return {key: money.minor for key, money in ledger.balances(db).items() if money.minor}


def kinds(number: str) -> list[str]:
    with reading() as db:
        return [entry.kind.value for entry in ledger.for_subject(db, f"order:{number}")]


def broken() -> list[str]:
    """What selfcheck finds."""
    with reading() as db:
        return selfcheck.run(db)


def mails() -> list[tuple[str, str]]:
    with reading() as db:
        return [(row.kind, row.title) for row in db.query(mail.Mail).order_by(mail.Mail.id)]


def paid(gateway: FakeGateway, **changes: Any) -> Renewal:
    """A renewal that is paid."""
    made = renewal(**changes)
    gateway.pay(open_page(made))
    settle(made)
    return made


def payment(made: Renewal) -> str:
    """The source of an order's newest payment."""
    attempt = attempts_of(made.number)[-1]
    return f"stripe:{attempt.charge_id}"


def ask_back(made: Renewal, minor: int, by: str = "person:901", source: str | None = None) -> int:
    """Ask for money of an order to go back; the refund's id."""
    money = Money(minor, order_of(made.number).currency)
    return flows.request_refund(source or payment(made), money, "because", by)


def give_back(made: Renewal, minor: int, source: str | None = None) -> int:
    """Money of an order goes back, with two people's yes; the refund's id."""
    refund_id = ask_back(made, minor, source=source)
    for person in ("person:902", "person:903"):
        flows.agree(refund_id, person)
    return refund_id


def refund_of(refund_id: int) -> Refund:
    with reading() as db:
        return refunds.get(db, refund_id)


def exceptions_of(subject: str | None = None) -> dict[str, str | None]:
    """Kinds of exceptions about a subject (or all), with their resolution; None while open."""
    with reading() as db:
        found = db.scalars(select(FinanceException).order_by(FinanceException.id))
        return {each.kind.value: each.resolution for each in found if subject in (None, each.subject)}


def hear(gateway: FakeGateway) -> None:
    """Everything that happened at the provider arrives by webhook, and is handled."""
    for event in gateway.told:
        flows.receive(gateway.body(event), SIGNATURE)
    handle()
