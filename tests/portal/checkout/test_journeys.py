"""The whole way through the real SDK: against our sandbox, and against an emulator that knows nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from payments.charges.models import AttemptState
from payments.sandbox.app import Sandbox
from portal.checkout import flows, queries
from portal.checkout.errors import AlreadyPaid, PaymentUnavailable
from portal.kit import clock
from portal.kit.db import reading
from portal.orders.models import CancelledBy, OrderState
from tests.conftest import NOW
from tests.fakes.emulator import Emulator
from tests.portal.checkout.provider import SECRET, portal_served, send, talking_to
from tests.portal.checkout.support import (
    Renewal,
    attempts_of,
    broken,
    kinds,
    order_of,
    renewal,
    terms_of,
)


def pay(made: Renewal) -> str:
    return flows.pay(made.number, made.payer, clock.now())


def settled(made: Renewal) -> None:
    assert order_of(made.number).state is OrderState.PAID
    assert kinds(made.number) == ["sale", "charge", "fee"]
    assert len(terms_of(made.contract_id)) == 2
    assert broken() == []


def handle() -> None:
    while flows.handle_events():
        pass


# --- a stranger's emulator ------------------------------------------------------------------------------------


@pytest.fixture
def emulator(app: Flask) -> Iterator[Emulator]:
    made = Emulator()
    with made.serving() as base, talking_to(app, base):
        yield made


def test_any_emulator_that_keeps_to_the_api_will_do(app: Flask, emulator: Emulator) -> None:
    made = renewal()
    with portal_served(app) as door:
        emulator.hook = (door, SECRET)
        url = pay(made)
        assert pay(made) == url
        assert send(url, karte="4000000000000002") == url.removeprefix(emulator.base)  # declined: stays there
        handle()
        assert order_of(made.number).last_failure == "lost_card"
        back = send(url, karte="4242424242424242")
        assert back.startswith(f"http://localhost/orders/{made.number}/return?session_id=ses-")
        handle()
    assert order_of(made.number).paid_with == "card mastercard 4242"
    settled(made)
    with reading() as db:
        assert {event.state for event in queries.events(db, made.number)} == {"done"}


def test_without_any_webhook_the_sweep_settles(app: Flask, emulator: Emulator) -> None:
    made = renewal()
    send(pay(made), karte="4242424242424242")
    with time_machine.travel(NOW + timedelta(seconds=30), tick=False):
        flows.sweep()
    settled(made)


def test_cancelling_at_a_strangers_emulator(app: Flask, emulator: Emulator) -> None:
    made = renewal()
    url = pay(made)
    flows.cancel(made.number, made.payer, CancelledBy.CUSTOMER)
    assert order_of(made.number).state is OrderState.CANCELLED
    send(url, karte="4242424242424242")  # the page is closed
    assert flows.settle_order(made.number)
    assert attempts_of(made.number)[0].state is AttemptState.EXPIRED


# --- our sandbox ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("currency", ["CNY", "JPY", "USD", "KWD"])
def test_r21_a_renewal_at_the_sandbox(app: Flask, sandbox: Sandbox, currency: str) -> None:
    made = renewal(currency=currency)
    url = pay(made)
    assert send(url, outcome="succeed").endswith(str(attempts_of(made.number)[0].session_id))
    assert flows.settle_order(made.number)
    settled(made)
    assert order_of(made.number).paid_with == "card visa 4242"


def test_webhooks_of_the_sandbox_arrive_signed(app: Flask, sandbox: Sandbox) -> None:
    made = renewal()
    with portal_served(app) as door:
        sandbox.target(door, SECRET)
        url = pay(made)
        send(url, outcome="insufficient_funds")
        send(url, outcome="succeed")
        sandbox.deliver()
    handle()
    settled(made)
    with reading() as db:
        told = [event.type for event in queries.events(db, made.number)]
    assert "checkout.session.completed" in told
    assert "payment_intent.payment_failed" in told


@pytest.mark.parametrize(("outcome", "paid"), [("pending_then_succeed", True), ("pending_then_fail", False)])
def test_a_delayed_payment_at_the_sandbox(app: Flask, sandbox: Sandbox, outcome: str, paid: bool) -> None:
    made = renewal()
    send(pay(made), outcome=outcome)
    flows.settle_order(made.number)
    assert order_of(made.number).state is OrderState.PROCESSING
    sandbox.advance(10)
    flows.settle_order(made.number)
    if paid:
        settled(made)
        return
    assert order_of(made.number).state is OrderState.AWAITING_PAYMENT
    assert order_of(made.number).last_failure
    send(pay(made), outcome="succeed")
    flows.settle_order(made.number)
    settled(made)


def test_a_decline_at_the_sandbox(app: Flask, sandbox: Sandbox) -> None:
    made = renewal()
    url = pay(made)
    send(url, outcome="insufficient_funds")
    flows.settle_order(made.number)
    assert order_of(made.number).last_failure == "insufficient_funds"
    assert pay(made) == url


@pytest.mark.parametrize("fault", [{"status": 500}, {"status": 429}, {"status": "cut"}])
def test_the_sandbox_misbehaves_while_a_page_is_opened(
    app: Flask, sandbox: Sandbox, fault: dict[str, Any]
) -> None:
    """F5: whatever happens to the answer, one page and one payment."""
    made = renewal()
    sandbox.misbehave(fault | {"path_prefix": "/v1/checkout/sessions", "method": "POST", "count": 40})
    with pytest.raises(PaymentUnavailable):
        pay(made)
    assert order_of(made.number).state is OrderState.AWAITING_PAYMENT
    sandbox.misbehave()
    send(pay(made), outcome="succeed")
    flows.settle_order(made.number)
    settled(made)
    paid = [session for session in sandbox.summary()["objects"].items() if session[0] == "charge"]
    assert paid == [("charge", 1)]


def test_a_sandbox_that_forgot_everything(app: Flask, sandbox: Sandbox) -> None:
    made = renewal()
    pay(made)
    sandbox.reset()
    send(pay(made), outcome="succeed")
    with pytest.raises(AlreadyPaid):
        pay(made)
    settled(made)
