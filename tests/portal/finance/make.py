"""Orders and their money for the desks' tests, by the rooms' own actions."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from payments.charges.models import AttemptState, PaymentAttempt
from payments.gateway.base import BalanceFacts
from payments.ledger import actions as ledger
from payments.money import Money
from payments.statements import actions as statements
from portal.accounts.models import Company
from portal.orders import actions as orders
from portal.orders.models import Order
from portal.pricing import actions as pricing
from tests import factories
from tests.conftest import NOW

_serial = itertools.count(1)
UNIT = {"CNY": 100_000, "USD": 14_000, "JPY": 20_000}


def placed(
    db: Session, company: Company | None = None, currency: str = "CNY", at: datetime = NOW, **changes: Any
) -> Order:
    """An order that waits for its payment; its company's owner accepted it. Needs `factories.book`."""
    company = company or factories.company(db, country={"USD": "US", "JPY": "JP"}.get(currency, "CN"))
    contract = factories.contract(
        db, company, currency=currency, lines=[("insight", changes.pop("seats", 20), UNIT[currency])]
    )
    owner = factories.member(db, company)
    quote = pricing.seal(db, contract, changes.pop("months", 12), None, f"person:{owner.id}", at)
    given = {"by": f"person:{owner.id}", "email": owner.email, "po_number": None, "terms_version": "2026-03"}
    return orders.place(db, quote, at=at, **(given | changes))


def attempt(db: Session, subject: str, amount: Money, at: datetime = NOW, **changes: Any) -> PaymentAttempt:
    """A try to pay as checkout keeps it; open at the provider."""
    number = next(_serial)
    given = {
        "state": AttemptState.OPEN, "session_id": f"cs_{number:04}", "intent_id": f"pi_{number:04}",
        "created_at": at, "checked_at": at,
    }  # fmt: skip
    row = PaymentAttempt(
        subject=subject, provider="stripe", amount_minor=amount.minor, currency=amount.currency, request={},
        idempotency_key=f"key-{number}", session_expires_at=at + timedelta(hours=1), **(given | changes),
    )  # fmt: skip
    db.add(row)
    db.flush()
    return row


def captured(
    db: Session, order: Order, at: datetime = NOW, charge: str | None = None, amount: Money | None = None
) -> PaymentAttempt:
    """The provider took `amount` (default: the order's total) for `order`; nothing is booked yet."""
    amount = amount or order.total
    return attempt(
        db, order.subject, order.total, at, state=AttemptState.SUCCEEDED,
        charge_id=charge or f"ch_{next(_serial):04}",
        captured_minor=amount.minor, captured_currency=amount.currency, method="card visa 4242", closed_at=at,
    )  # fmt: skip


def paid(db: Session, order: Order, at: datetime = NOW, fee: int | None = 100, charge: str | None = None) -> str:
    """`order` is paid and booked; with `fee` (minor units) the provider has told it. Returns the charge's id."""
    row = captured(db, order, at, charge)
    source = f"stripe:{row.charge_id}"
    ledger.sale(db, order.subject, order.quote.net, order.quote.tax, at, at)
    ledger.charge(db, source, order.subject, order.total, at, at)
    orders.mark_paid(db, order, row.method, at)
    if fee is not None:
        told(db, row.charge_id or "", order.total, fee, at, order.subject)
    return row.charge_id or ""


def told(
    db: Session, charge: str, settled: Money, fee: int, at: datetime = NOW, subject: str | None = None
) -> BalanceFacts:
    """The provider told what a charge became on its balance."""
    facts = BalanceFacts(
        id=f"txn_{charge}",
        source_id=charge,
        type="charge",
        reporting_category="charge",
        gross_minor=settled.minor,
        fee_minor=fee,
        net_minor=settled.minor - fee,
        currency=settled.currency,
        created_at=at,
        available_on=at,
    )
    statements.keep(db, facts, "stripe", subject, at)
    return facts


def suspended(db: Session, subject: str, amount: Money, at: datetime = NOW, charge: str | None = None) -> str:
    """Money that matched nothing. Returns the charge's id."""
    charge = charge or f"ch_{next(_serial):04}"
    ledger.suspense(db, f"stripe:{charge}", subject, amount, at, at)
    return charge
