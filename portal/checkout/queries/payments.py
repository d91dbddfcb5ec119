"""Find what checkout knows about an order's money, for pages that may not know payments themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from payments.charges import queries as charges
from payments.charges.models import AttemptState, PaymentAttempt
from payments.gateway.bank import NAME as BANK
from payments.inbox.models import ProviderEvent
from payments.ledger import queries as ledger
from payments.money import Money
from payments.statements import queries as statements
from portal.checkout.rules import PREFIX

# How rooms that may not know payments call these rows.
Attempt = PaymentAttempt
Event = ProviderEvent


@dataclass(frozen=True)
class PaymentFacts:
    """Money that the provider captured for an order. `fee` and `net` are None until the provider has told."""

    captured: Money
    method: str | None
    session_id: str | None
    intent_id: str | None
    charge_id: str | None
    fee: Money | None
    net: Money | None

    @property
    def fee_pending(self) -> bool:
        return self.fee is None


def attempts(db: Session, number: str) -> Sequence[Attempt]:
    """All tries to pay an order at the provider, oldest first; of transfers the audit tells. One statement."""
    return [each for each in charges.of_subject(db, PREFIX + number) if each.provider != BANK]


def events(db: Session, number: str) -> Sequence[Event]:
    """What the provider told about an order's payment pages, oldest first. One statement."""
    ours = PaymentAttempt.subject == PREFIX + number
    ids = [
        select(column).where(ours, column.is_not(None))
        for column in (PaymentAttempt.session_id, PaymentAttempt.intent_id, PaymentAttempt.charge_id)
    ]
    about = or_(*(ProviderEvent.object_id.in_(found) for found in ids))
    return db.scalars(select(ProviderEvent).where(about).order_by(ProviderEvent.id)).all()


def payment_facts(db: Session, number: str) -> list[PaymentFacts]:
    """What was captured for an order, with the provider's fee; more than one only when somebody paid twice. Two
    statements at most."""
    captured = [row for row in attempts(db, number) if row.state is AttemptState.SUCCEEDED]
    if not captured:
        return []
    booked = statements.of_charges(db, [str(row.charge_id) for row in captured])
    facts = []
    for row in captured:
        txn = booked.get(str(row.charge_id))
        facts.append(
            PaymentFacts(
                captured=Money(row.captured_minor or 0, row.captured_currency or row.currency),
                method=row.method, session_id=row.session_id, intent_id=row.intent_id, charge_id=row.charge_id,
                fee=Money(txn.fee_minor, txn.currency) if txn else None,
                net=Money(txn.net_minor, txn.currency) if txn else None,
            )
        )  # fmt: skip
    return facts


def received(db: Session, number: str) -> list[Money]:
    """What was captured for an order, payment by payment. One statement."""
    rows = [row for row in attempts(db, number) if row.state is AttemptState.SUCCEEDED]
    return [Money(row.captured_minor or 0, row.captured_currency or row.currency) for row in rows]


@dataclass(frozen=True)
class Captured:
    """Money that came for an order, and when. `sold`: it paid for the order; else it waits beside it."""

    number: str
    money: Money
    at: datetime
    method: str | None
    sold: bool


def captured(db: Session, numbers: Sequence[str]) -> list[Captured]:
    """The money that is these orders', as the books have it: a payment that was assigned to another order is that
    one's. Two statements."""
    subjects = [PREFIX + number for number in numbers]
    methods: dict[str, str | None] = {}
    for row in charges.succeeded(db, subjects):
        for name in (row.charge_id, row.session_id):
            methods[f"{row.provider}:{name}"] = row.method
    return [
        Captured(
            number=each.subject.removeprefix(PREFIX), money=each.amount, at=each.happened_at,
            method=methods.get(each.source), sold=each.sold,
        )
        for each in ledger.payments_of(db, subjects)
    ]  # fmt: skip
