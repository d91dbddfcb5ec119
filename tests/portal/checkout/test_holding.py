"""Money that does not fit: suspense and people, never a renewal, never dropped."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select

from payments.charges.models import AttemptState
from payments.ledger.models import Account
from portal.audit.models import AuditNote
from portal.checkout import flows, queries
from portal.kit import clock
from portal.kit.db import reading, transaction
from portal.orders import actions as orders
from portal.orders.models import CancelledBy, OrderState
from portal.orders.rules import HeldReason
from portal.pricing import actions as pricing
from tests.conftest import NOW
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import (
    Renewal,
    attempts_of,
    balances,
    broken,
    kinds,
    mails,
    open_page,
    order_of,
    renewal,
    run_jobs,
    settle,
    terms_of,
)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount": 4_000}, HeldReason.AMOUNT),
        ({"currency": "USD"}, HeldReason.CURRENCY),
        ({"quote_id": "Q-2026-999999"}, HeldReason.REFERENCE),
        ({"reference": "RNW-2026-999999"}, HeldReason.REFERENCE),
        ({"reference": None}, HeldReason.REFERENCE),
    ],
)
def test_money_that_differs_is_held_and_never_renews(
    gateway: FakeGateway, change: dict[str, object], reason: HeldReason
) -> None:
    """Invariant I6: charged = quoted, or held."""
    made = renewal()
    session = open_page(made)
    for name, value in change.items():
        setattr(gateway.sessions[session], name, value)
    gateway.pay(session)
    for _again in range(2):
        settle(made)
    order = order_of(made.number)
    assert (order.state, order.held_reason) == (OrderState.HELD, reason)
    assert len(terms_of(made.contract_id)) == 1
    assert kinds(made.number) == ["suspense", "fee"]
    currency = gateway.sessions[session].currency
    assert balances()[Account.UNAPPLIED_CASH, currency] == -gateway.sessions[session].amount
    run_jobs()
    assert "order.held" in [kind for kind, _title in mails()]
    assert broken() == []


def test_money_for_a_cancelled_order_is_held(gateway: FakeGateway) -> None:
    made = renewal()
    session = open_page(made)
    flows.cancel(made.number, made.payer, CancelledBy.CUSTOMER)
    gateway.pay(session)  # the provider closed it and took money all the same
    settle(made)
    order = order_of(made.number)
    assert (order.state, order.held_reason) == (OrderState.HELD, HeldReason.CLOSED)
    assert len(terms_of(made.contract_id)) == 1
    assert kinds(made.number)[0] == "suspense"
    assert broken() == []


def place_again(made: Renewal) -> str:
    """A new order for the same contract."""
    with transaction() as db:
        from portal.contracts import queries as contracts  # noqa: PLC0415

        contract = contracts.lock(db, made.contract_id)
        quote = pricing.seal(db, contract, 12, None, made.payer, clock.now())
        return orders.place(db, quote, made.payer, "a@b.example", None, "2026-01", clock.now()).number


def test_money_for_a_cancelled_order_beside_a_new_one_waits_in_suspense(gateway: FakeGateway) -> None:
    made = renewal()
    session = open_page(made)
    flows.cancel(made.number, made.payer, CancelledBy.CUSTOMER)
    second = place_again(made)
    gateway.pay(session)
    settle(made)
    assert order_of(made.number).state is OrderState.CANCELLED
    assert order_of(second).state is OrderState.AWAITING_PAYMENT
    assert kinds(made.number)[0] == "suspense"
    with reading() as db:
        notes = db.scalars(select(AuditNote.action).where(AuditNote.subject == f"order:{made.number}")).all()
    assert "payment.suspended" in notes
    assert broken() == []


def test_t5_a_late_success_after_another_payment_is_a_second_payment(gateway: FakeGateway) -> None:
    """T5 (killbill #1015, liberapay #1731): unknown payment, a new one, then the first succeeds."""
    made = renewal()
    first = open_page(made)
    gateway.expire(first)
    second = open_page(made)
    gateway.pay(second)
    settle(made)
    gateway.pay(first)
    flows.settle(attempts_of(made.number)[0].id)
    order = order_of(made.number)
    assert order.state is OrderState.PAID
    assert len(terms_of(made.contract_id)) == 2
    assert kinds(made.number) == ["sale", "charge", "fee", "suspense", "fee"]
    assert [row.state for row in attempts_of(made.number)] == [AttemptState.SUCCEEDED] * 2
    with reading() as db:
        facts = queries.payment_facts(db, made.number)
    assert [fact.captured for fact in facts] == [order.total, order.total]
    assert broken() == []


def test_a_late_success_while_a_new_page_is_open_renews_and_closes_the_page(gateway: FakeGateway) -> None:
    made = renewal()
    first = open_page(made)
    gateway.expire(first)
    second = open_page(made)
    gateway.pay(first)
    flows.settle(attempts_of(made.number)[0].id)
    assert order_of(made.number).state is OrderState.PAID
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        flows.sweep()
    assert gateway.sessions[second].status == "expired"
    assert attempts_of(made.number)[1].state is AttemptState.EXPIRED
    assert broken() == []


def test_a_contract_that_moved_on_is_not_extended_twice(gateway: FakeGateway) -> None:
    made = renewal()
    session = open_page(made)
    with transaction() as db:
        from portal.contracts import actions as contract_actions  # noqa: PLC0415
        from portal.contracts import queries as contracts  # noqa: PLC0415
        from portal.contracts import rules as contract_rules  # noqa: PLC0415

        contract = contracts.lock(db, made.contract_id)
        plan = contract_rules.next_term(contracts.last_term(contract), 12, date(2026, 11, 22))
        lines = [contract_rules.LineSpec("insight", 20, 100_000)]
        contract_actions.extend(db, contract, plan, lines, "RNW-2026-900000", "system", NOW)
    gateway.pay(session)
    settle(made)
    order = order_of(made.number)
    assert (order.state, order.held_reason) == (OrderState.HELD, HeldReason.ALREADY_RENEWED)
    assert len(terms_of(made.contract_id)) == 2


def test_a_held_order_that_is_paid_again_stays_held(gateway: FakeGateway) -> None:
    made = renewal()
    first = open_page(made)
    gateway.expire(first)
    second = open_page(made)
    gateway.sessions[second].amount = 7_000
    gateway.pay(second)
    settle(made)
    assert order_of(made.number).state is OrderState.HELD
    gateway.pay(first)
    flows.settle(attempts_of(made.number)[0].id)
    assert order_of(made.number).state is OrderState.HELD
    assert kinds(made.number) == ["suspense", "fee", "suspense", "fee"]
    assert broken() == []
