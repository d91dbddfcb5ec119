"""Two or more at the same instant, in threads, on each database."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask

from payments.charges.models import AttemptState
from portal.checkout import flows
from portal.checkout.errors import AlreadyPaid, OrderNotPayable, PaymentUnavailable
from portal.kit import clock
from portal.orders.errors import OrderNotOpen
from portal.orders.models import CancelledBy, OrderState
from tests.fakes.gateway import SIGNATURE, FakeGateway
from tests.portal.checkout.support import (
    Renewal,
    attempts_of,
    broken,
    kinds,
    order_of,
    renewal,
    terms_of,
    use,
)

ROUNDS = 6
EXPECTED = (AlreadyPaid, OrderNotPayable, OrderNotOpen, PaymentUnavailable)


def at_once(app: Flask, *works: Callable[[], object]) -> list[BaseException | object]:
    """Run all of them in threads that start together; what each returned or raised."""
    gate = threading.Barrier(len(works))
    results: list[BaseException | object] = [None] * len(works)

    def run(index: int, work: Callable[[], object]) -> None:
        with app.app_context():
            gate.wait()
            try:
                results[index] = work()
            except BaseException as error:
                results[index] = error

    threads = [threading.Thread(target=run, args=item) for item in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, EXPECTED):
            raise result
    return results


def pay(made: Renewal) -> str:
    return flows.pay(made.number, made.payer, clock.now())


def once(made: Renewal) -> None:
    assert order_of(made.number).state is OrderState.PAID
    assert kinds(made.number) == ["sale", "charge", "fee"]
    assert len(terms_of(made.contract_id)) == 2
    assert broken() == []


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_t1_two_clicks_at_once_share_one_page(app: Flask, gateway: FakeGateway, _round: int) -> None:
    """T1 (woo #3638, commerce-stripe #207, Attendize #748): a double click is one payment."""
    made = renewal()
    urls = at_once(app, *[lambda: pay(made)] * 4)
    assert len(set(urls)) == 1
    assert len(gateway.sessions) == 1
    assert [row.state for row in attempts_of(made.number)] == [AttemptState.OPEN]


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_t2_webhook_return_page_and_sweep_at_once(app: Flask, gateway: FakeGateway, _round: int) -> None:
    """T2 (pretix #1189, saleor #19220, woo #2536, dj-stripe #409): who comes first decides nothing."""
    made = renewal()
    pay(made)
    gateway.pay(gateway.newest.id)
    body = gateway.event("checkout.session.completed", gateway.newest.id)
    flows.receive(body, SIGNATURE)
    attempt = attempts_of(made.number)[0].id
    at_once(
        app,
        flows.handle_events,
        lambda: flows.settle_order(made.number),
        lambda: flows.settle(attempt),
        lambda: flows.settle(attempt),
    )
    once(made)


@pytest.mark.parametrize("webhook_first", [True, False])
def test_t2_in_both_orders(gateway: FakeGateway, webhook_first: bool) -> None:
    made = renewal()
    pay(made)
    gateway.pay(gateway.newest.id)
    flows.receive(gateway.event("checkout.session.completed", gateway.newest.id), SIGNATURE)
    ways: list[Callable[[], object]] = [flows.handle_events, lambda: flows.settle_order(made.number)]
    for way in ways if webhook_first else reversed(ways):
        way()
    once(made)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_cancelling_against_paying(app: Flask, gateway: FakeGateway, _round: int) -> None:
    made = renewal()
    pay(made)
    session = gateway.newest.id

    def customer_pays() -> None:
        with gateway._lock:
            if gateway.sessions[session].status == "open":
                gateway.pay(session)

    at_once(
        app, customer_pays, lambda: flows.cancel(made.number, made.payer, CancelledBy.CUSTOMER), lambda: pay(made)
    )
    flows.settle_order(made.number)
    order = order_of(made.number)
    if gateway.sessions[session].paid:
        once(made)
    else:
        assert len(terms_of(made.contract_id)) == 1
        assert order.state in {OrderState.CANCELLED, OrderState.AWAITING_PAYMENT}
    assert broken() == []


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_the_first_orders_of_a_year_settle_at_once(app: Flask, _round: int) -> None:
    """Receipt numbers begin a new series; both get one."""
    gateway = use(app)
    made = [renewal(), renewal()]
    for one in made:
        pay(one)
        gateway.pay(gateway.newest.id)
    at_once(app, *[lambda one=one: flows.settle_order(one.number) for one in made])
    for one in made:
        once(one)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_many_deliveries_of_one_event(app: Flask, gateway: FakeGateway, _round: int) -> None:
    made = renewal()
    pay(made)
    gateway.pay(gateway.newest.id)
    body = gateway.event("checkout.session.completed", gateway.newest.id, "evt_1")
    kept = at_once(app, *[lambda: flows.receive(body, SIGNATURE)] * 4)
    assert kept.count(True) == 1
    at_once(app, flows.handle_events, flows.handle_events)
    once(made)
