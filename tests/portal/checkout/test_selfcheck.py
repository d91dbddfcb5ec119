"""Each check must see the break that it is there for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import delete, insert, update

from payments.charges.models import AttemptState, PaymentAttempt
from payments.inbox.models import EventState, ProviderEvent
from payments.ledger.models import EntryKind, LedgerEntry, LedgerLine
from payments.refunds.models import Refund, RefundState
from payments.statements.models import BalanceTransaction
from portal.audit.models import AuditNote
from portal.checkout import flows
from portal.contracts.models import Contract, Term, TermLine
from portal.documents.models import Receipt
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.outbox import JobState, OutboxRow
from portal.orders.models import Order, OrderState
from portal.pricing.models import Quote
from tests.conftest import NOW
from tests.fakes.gateway import SIGNATURE, FakeGateway
from tests.portal.checkout.support import Renewal, broken, renewal


@pytest.fixture
def paid(gateway: FakeGateway) -> Renewal:
    made = renewal()
    flows.pay(made.number, made.payer, clock.now())
    gateway.pay(gateway.newest.id)
    flows.settle_order(made.number)
    return made


def found() -> set[str]:
    return {line.partition(":")[0] for line in broken()}


def test_nothing_is_broken_after_a_renewal(paid: Renewal) -> None:
    assert broken() == []


TOO_MUCH = {
    "subject": "order:RNW-2026-000001", "provider": "stripe", "payment": "stripe:ch_cs_2", "charge_id": "ch_cs_2",
    "state": RefundState.PENDING, "amount_minor": 10**9, "currency": "CNY", "idempotency_key": "k", "reason": "",
    "requested_by": "person:1", "requested_at": NOW, "version": 1,
}  # fmt: skip
BREAKS: list[tuple[str, object]] = [
    ("I1", update(PaymentAttempt).values(captured_minor=1)),
    ("I1", update(PaymentAttempt).values(charge_id="ch_other", session_id="cs_other")),
    ("I1", update(PaymentAttempt).values(captured_currency="USD")),
    ("I1", update(BalanceTransaction).values(fee_minor=0)),
    ("I2", update(LedgerLine).where(LedgerLine.position == 0).values(minor=LedgerLine.minor + 1)),
    ("I3", update(Order).values(state=OrderState.AWAITING_PAYMENT)),
    ("I3", update(Term).where(Term.order_number.is_not(None)).values(months=1)),
    ("I3", update(TermLine).values(seats=999)),
    ("I3", update(TermLine).values(unit_minor=1)),
    ("I3", update(Contract).values(ends_on=date(2030, 1, 1))),
    ("I5", update(LedgerEntry).values(subject="order:RNW-1999-000001")),
    ("I5", update(PaymentAttempt).values(subject="order:RNW-1999-000001")),
    ("I5", update(Term).where(Term.order_number.is_not(None)).values(order_number="RNW-1999-000001")),
    ("I5", update(BalanceTransaction).values(source_id="ch_elsewhere")),
    ("I6", update(LedgerLine).where(LedgerLine.account == "receivable").values(currency="USD")),
    ("I6", update(Order).values(total_minor=1)),
    ("I6", update(Quote).values(total_minor=1)),
    ("I6", update(Quote).values(document={"lines": [], "steps": []})),
    ("I8", insert(Refund).values(TOO_MUCH)),
    ("I9", delete(Receipt)),
    ("I9", update(Receipt).values(number="R-2026-000099")),
    ("I9", update(Receipt).values(number="R-2020-000001")),
    ("outbox", update(OutboxRow).values(state=JobState.DEAD)),
    ("I10", update(Order).values(state=OrderState.DISPUTED)),
    ("I10", delete(AuditNote).where(AuditNote.action == "order.paid")),
]


@pytest.mark.parametrize(("name", "change"), BREAKS)
def test_a_break_is_seen(paid: Renewal, name: str, change: object) -> None:
    with transaction() as db:
        db.execute(change)  # type: ignore[call-overload]
    assert name in found()


def test_a_paid_order_without_its_term_is_seen(paid: Renewal) -> None:
    with transaction() as db:
        from sqlalchemy import select  # noqa: PLC0415

        ids = list(db.scalars(select(Term.id).where(Term.order_number == paid.number)))
        db.execute(delete(TermLine).where(TermLine.term_id.in_(ids)))
        db.execute(delete(Term).where(Term.id.in_(ids)))
    assert any(paid.number in line for line in broken())


def test_captured_money_that_nobody_acted_on_is_seen_after_a_minute(paid: Renewal) -> None:
    with transaction() as db:
        db.execute(update(Order).values(state=OrderState.PROCESSING))
    assert "I4" not in found()
    with time_machine.travel(NOW + timedelta(seconds=61), tick=False):
        assert "I4" in found()


def test_a_posting_without_an_attempt_is_seen(paid: Renewal) -> None:
    with transaction() as db:
        row = {"kind": EntryKind.CHARGE, "source": "stripe:ch_invented", "currency": "CNY", "happened_at": NOW,
               "posted_at": NOW}  # fmt: skip
        db.execute(insert(LedgerEntry).values(row))
    assert "I1" in found()


def test_an_event_that_fails_again_and_again_is_seen(gateway: FakeGateway) -> None:
    flows.receive(gateway.event("checkout.session.completed", "cs_1"), SIGNATURE)
    assert broken() == []
    with transaction() as db:
        db.execute(update(ProviderEvent).values(tries=9, error="no answer"))
    assert found() == {"I5"}
    with transaction() as db:
        db.execute(update(ProviderEvent).values(state=EventState.DONE))
    assert broken() == []


def note(was: str | None, to: str) -> Callable[[], None]:
    def write() -> None:
        with transaction() as db:
            facts = {"to": to} | ({"from": was} if was else {})
            db.add(AuditNote(at=NOW, actor="x", action="order.x", subject="order:RNW-2026-000001", facts=facts))

    return write


@pytest.mark.parametrize(
    ("was", "to"), [(None, "awaiting_payment"), ("awaiting_payment", "paid"), ("paid", "awaiting_payment")]
)
def test_illegal_moves_are_seen(paid: Renewal, was: str | None, to: str) -> None:
    note(was, to)()
    assert "I10" in found()


def test_a_captured_attempt_in_another_state_is_a_break_too(paid: Renewal) -> None:
    with transaction() as db:
        db.execute(update(PaymentAttempt).values(state=AttemptState.FAILED))
    assert "I1" in found()
