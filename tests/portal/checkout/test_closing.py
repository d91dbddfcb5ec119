from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from payments.charges.models import AttemptState
from payments.errors import GatewayUnreachable
from portal.checkout import flows
from portal.checkout.errors import AlreadyPaid, OrderNotPayable, PaymentUnavailable
from portal.checkout.flows import closing
from portal.kit import clock, outbox
from portal.orders.errors import OrderNotOpen
from portal.orders.models import CancelledBy, OrderState
from tests.conftest import NOW
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import (
    Renewal,
    attempts_of,
    broken,
    mails,
    order_of,
    renewal,
    terms_of,
)


def open_page(made: Renewal) -> str:
    flows.pay(made.number, made.payer, clock.now())
    return str(attempts_of(made.number)[-1].session_id)


def cancel(made: Renewal) -> None:
    flows.cancel(made.number, made.payer, CancelledBy.CUSTOMER)


def test_cancelling_closes_the_providers_page_first(gateway: FakeGateway) -> None:
    made = renewal()
    session = open_page(made)
    cancel(made)
    order = order_of(made.number)
    assert (order.state, order.cancelled_by) == (OrderState.CANCELLED, CancelledBy.CUSTOMER)
    assert gateway.sessions[session].status == "expired"
    while outbox.run_due():
        pass
    assert [kind for kind, _title in mails()] == ["order.cancelled"]
    with pytest.raises(OrderNotOpen):
        cancel(made)
    assert broken() == []


def test_cancelling_without_a_page_asks_nobody(gateway: FakeGateway) -> None:
    made = renewal()
    flows.cancel(made.number, "person:9", CancelledBy.STAFF)
    assert order_of(made.number).cancelled_by is CancelledBy.STAFF
    assert gateway.calls == []


def test_an_order_that_turns_out_paid_is_settled_instead_of_cancelled(gateway: FakeGateway) -> None:
    made = renewal()
    gateway.pay(open_page(made))
    with pytest.raises(AlreadyPaid):
        cancel(made)
    assert order_of(made.number).state is OrderState.PAID
    assert len(terms_of(made.contract_id)) == 2
    with pytest.raises(AlreadyPaid):
        cancel(made)


def test_money_on_its_way_keeps_an_order_from_being_cancelled(gateway: FakeGateway) -> None:
    made = renewal()
    gateway.complete_unpaid(open_page(made))
    with pytest.raises(OrderNotPayable):
        cancel(made)
    assert order_of(made.number).state is OrderState.PROCESSING


def test_nothing_is_cancelled_while_the_provider_is_away(gateway: FakeGateway) -> None:
    made = renewal()
    open_page(made)
    gateway.go_down()
    with pytest.raises(GatewayUnreachable):
        cancel(made)
    assert order_of(made.number).state is OrderState.AWAITING_PAYMENT
    cancel(made)
    assert order_of(made.number).state is OrderState.CANCELLED


def test_cancelling_while_the_page_is_being_opened_leaves_no_page_behind(gateway: FakeGateway) -> None:
    made = renewal()

    def meanwhile(call: str) -> None:
        if call == "open_session" and len(gateway.calls) == 2:
            cancel(made)

    gateway.after = meanwhile
    with pytest.raises(OrderNotPayable):
        open_page(made)
    assert [session.status for session in gateway.sessions.values()] == ["expired"]
    assert order_of(made.number).state is OrderState.CANCELLED
    assert broken() == []


def test_a_page_opened_for_a_closed_attempt_is_closed_again(gateway: FakeGateway) -> None:
    """The provider answers the second time with a page that nobody knows of: it must not stay open."""
    from payments.charges import actions as charges  # noqa: PLC0415
    from payments.charges import queries as attempts  # noqa: PLC0415
    from portal.kit.db import transaction  # noqa: PLC0415

    made = renewal()

    def meanwhile(call: str) -> None:
        if call == "open_session":
            with transaction() as db:
                attempt = attempts.lock(db, attempts_of(made.number)[0].id)
                charges.close(attempt, AttemptState.CANCELLED, None, NOW)
            gateway.after = lambda _call: None

    gateway.after = meanwhile
    assert open_page(made)
    assert [session.status.value for session in gateway.sessions.values()] == ["expired", "open"]


def test_a_customer_who_always_opens_another_page_keeps_the_order(gateway: FakeGateway) -> None:
    made = renewal()
    open_page(made)
    busy: list[int] = []

    def meanwhile(call: str) -> None:
        if call == "fetch_session" and not busy:
            busy.append(1)
            open_page(made)
            busy.pop()

    gateway.after = meanwhile
    with pytest.raises(OrderNotOpen):
        cancel(made)
    assert order_of(made.number).state is OrderState.AWAITING_PAYMENT


def test_unknown_orders_are_an_error(gateway: FakeGateway) -> None:
    with pytest.raises(LookupError):
        flows.cancel("RNW-2026-000404", "person:1", CancelledBy.STAFF)


def later(order_number: str) -> time_machine.travel:
    return time_machine.travel(order_of(order_number).expires_at + timedelta(minutes=1), tick=False)


def test_t6_r19_an_overdue_order_that_is_paid_is_settled_not_expired(gateway: FakeGateway) -> None:
    """T6 (woo PR 5486, ai-shifu PR 2850): the expiry job never closes what the provider says is paid. R19."""
    made = renewal()
    gateway.pay(open_page(made))
    with later(made.number):
        flows.sweep()
        flows.sweep()
    assert order_of(made.number).state is OrderState.PAID
    assert broken() == []


def test_t6_paid_in_the_instant_in_which_it_expires(gateway: FakeGateway) -> None:
    made = renewal()
    session = open_page(made)
    gateway.before = lambda call: gateway.pay(session) if call == "expire_session" else None
    with later(made.number):
        closing_error = None
        try:
            closing.expire(made.number, clock.now())
        except AlreadyPaid as error:
            closing_error = error
    assert closing_error is not None
    assert order_of(made.number).state is OrderState.PAID


def test_an_overdue_order_expires_after_its_page(gateway: FakeGateway) -> None:
    made = renewal()
    session = open_page(made)
    with later(made.number):
        gateway.go_down(3)
        flows.sweep()
        assert order_of(made.number).state is OrderState.AWAITING_PAYMENT
        gateway._faults.clear()
        flows.sweep()
        assert order_of(made.number).state is OrderState.EXPIRED
        while outbox.run_due():
            pass
    assert gateway.sessions[session].status == "expired"
    assert "order.expired" in [kind for kind, _title in mails()]
    assert broken() == []


def test_an_overdue_order_with_money_on_its_way_waits(gateway: FakeGateway) -> None:
    made = renewal()
    session = open_page(made)
    gateway.complete_unpaid(session)
    with later(made.number):
        flows.sweep()
        assert order_of(made.number).state is OrderState.PROCESSING
        gateway.fail_later(session)
    with time_machine.travel(order_of(made.number).expires_at + timedelta(minutes=2), tick=False):
        flows.sweep()
    with time_machine.travel(order_of(made.number).expires_at - timedelta(minutes=1), tick=False):
        flows.sweep()
        assert order_of(made.number).state is OrderState.AWAITING_PAYMENT


def test_a_second_chance_given_meanwhile_keeps_the_order(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = renewal()
    closing.expire(made.number, NOW)
    assert order_of(made.number).state is OrderState.AWAITING_PAYMENT


def test_the_sweep_opens_or_ends_what_a_crash_left(gateway: FakeGateway) -> None:
    made = renewal()
    gateway.after = lambda call: gateway.lose_answer() if call == "create_customer" else None
    with pytest.raises(PaymentUnavailable):
        open_page(made)
    gateway.after = lambda _call: None
    gateway.pay(gateway.newest.id)
    with time_machine.travel(NOW + timedelta(seconds=30), tick=False):
        flows.sweep()
    assert order_of(made.number).state is OrderState.PAID
    assert broken() == []


def test_one_broken_attempt_does_not_keep_the_others_waiting(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.checkout.flows import settling, sweeping  # noqa: PLC0415

    first, second = renewal(), renewal()
    open_page(first)
    gateway.pay(open_page(second))
    real = settling.settle
    broken_id = attempts_of(first.number)[0].id

    def breaking(attempt_id: int) -> AttemptState:
        if attempt_id == broken_id:
            raise ValueError("broken")
        return real(attempt_id)

    monkeypatch.setattr(sweeping, "settle", breaking)
    with time_machine.travel(NOW + timedelta(seconds=30), tick=False):
        flows.sweep()
    assert order_of(second.number).state is OrderState.PAID


def test_r10_a_lost_webhook_is_settled_within_a_minute(gateway: FakeGateway) -> None:
    made = renewal()
    gateway.pay(open_page(made))
    with time_machine.travel(NOW + timedelta(seconds=55), tick=False):
        flows.sweep()
    assert order_of(made.number).state is OrderState.PAID


def test_the_sweep_asks_about_a_page_at_most_once_in_its_round(gateway: FakeGateway) -> None:
    made = renewal()
    open_page(made)
    with time_machine.travel(NOW + timedelta(seconds=30), tick=False):
        flows.sweep()
        asked = gateway.calls.count("fetch_session")
        flows.sweep()
    assert gateway.calls.count("fetch_session") == asked == 1


def test_an_order_cancelled_while_its_customer_is_made_gets_no_page(gateway: FakeGateway) -> None:
    made = renewal()
    gateway.before = lambda call: cancel(made) if call == "create_customer" else None
    with pytest.raises(OrderNotPayable):
        open_page(made)
    assert attempts_of(made.number) == []
    assert gateway.sessions == {}
