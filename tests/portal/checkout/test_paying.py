from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from payments.charges.models import AttemptState
from portal.checkout import flows
from portal.checkout.errors import AlreadyPaid, OrderNotPayable, PaymentUnavailable
from portal.kit import clock
from portal.orders.models import CancelledBy, OrderState
from tests.conftest import NOW
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import attempts_of, broken, order_of, renewal


def pay(number: str) -> str:
    return flows.pay(number, "person:1", clock.now())


def test_pay_opens_a_page_for_exactly_the_quote(gateway: FakeGateway) -> None:
    made = renewal()
    url = pay(made.number)
    order = order_of(made.number)
    assert url == gateway.newest.url
    assert (gateway.newest.amount, gateway.newest.currency) == (order.total_minor, "CNY")
    assert gateway.newest.reference == made.number
    assert gateway.newest.quote_id == made.quote_id


def test_t1_two_tabs_double_click_and_reload_share_one_page(gateway: FakeGateway) -> None:
    made = renewal()
    urls = {pay(made.number) for _click in range(4)}
    assert len(urls) == 1
    assert len(gateway.sessions) == 1
    assert len(attempts_of(made.number)) == 1


def test_t1_a_second_click_while_the_first_one_is_at_the_provider_gets_the_same_page(gateway: FakeGateway) -> None:
    made = renewal()
    second: list[str] = []

    def click(call: str) -> None:
        if call == "open_session" and not second:
            second.append("")
            second[0] = pay(made.number)

    gateway.before = click
    assert pay(made.number) == second[0]
    assert len(gateway.sessions) == 1


def test_t1_retry_after_a_lost_answer_asks_for_the_same_page(gateway: FakeGateway) -> None:
    made = renewal()
    gateway.customers["cus_known"] = None  # type: ignore[assignment]
    with pytest.raises(PaymentUnavailable):
        gateway.after = lambda call: gateway.lose_answer() if call == "create_customer" else None
        pay(made.number)
    assert [row.state for row in attempts_of(made.number)] == [AttemptState.CREATED]
    assert order_of(made.number).state is OrderState.AWAITING_PAYMENT
    gateway.after = lambda _call: None
    assert pay(made.number) == gateway.newest.url
    assert len(gateway.sessions) == 1
    assert len(attempts_of(made.number)) == 1


@pytest.mark.parametrize("times", [1, 3])
def test_provider_away_leaves_the_order_payable(gateway: FakeGateway, times: int) -> None:
    made = renewal()
    gateway.go_down(times)
    for _try in range(times):
        with pytest.raises(PaymentUnavailable) as refusal:
            pay(made.number)
        assert refusal.value.reason == "unreachable"
    assert pay(made.number)
    assert len(gateway.sessions) == 1


def test_a_key_that_repeats_a_failure_is_given_up(gateway: FakeGateway) -> None:
    made = renewal()
    pay(made.number)
    flows.cancel(made.number, "person:1", CancelledBy.CUSTOMER)
    made = renewal()
    gateway.after = lambda call: gateway.go_down(replayed=True) if call == "create_customer" else None
    assert pay(made.number)
    assert [row.state for row in attempts_of(made.number)] == [AttemptState.FAILED, AttemptState.OPEN]
    assert broken() == []


def test_an_attempt_older_than_its_key_is_looked_up_before_a_new_one_is_made(gateway: FakeGateway) -> None:
    made = renewal()
    gateway.after = lambda call: gateway.lose_answer() if call == "create_customer" else None
    with pytest.raises(PaymentUnavailable):
        pay(made.number)
    gateway.after = lambda _call: None
    with time_machine.travel(NOW + timedelta(hours=23, minutes=30), tick=False):
        gateway.forget_keys()
        assert pay(made.number) == gateway.newest.url
    assert len(gateway.sessions) == 1


def test_an_old_attempt_that_never_reached_the_provider_is_replaced(gateway: FakeGateway) -> None:
    made = renewal()
    gateway.after = lambda call: gateway.go_down() if call == "create_customer" else None
    with pytest.raises(PaymentUnavailable):
        pay(made.number)
    gateway.after = lambda _call: None
    with time_machine.travel(NOW + timedelta(hours=25), tick=False):
        assert pay(made.number) == gateway.newest.url
    states = [(row.state, row.failure_code) for row in attempts_of(made.number)]
    assert states == [(AttemptState.FAILED, "never_opened"), (AttemptState.OPEN, None)]


def test_an_expired_page_is_replaced(gateway: FakeGateway) -> None:
    made = renewal()
    first = pay(made.number)
    gateway.expire(gateway.newest.id)
    assert pay(made.number) != first
    assert [row.state for row in attempts_of(made.number)] == [AttemptState.EXPIRED, AttemptState.OPEN]


def test_paying_again_what_is_paid_settles_instead(gateway: FakeGateway) -> None:
    made = renewal()
    pay(made.number)
    gateway.pay(gateway.newest.id)
    with pytest.raises(AlreadyPaid):
        pay(made.number)
    assert order_of(made.number).state is OrderState.PAID
    with pytest.raises(AlreadyPaid):
        pay(made.number)
    assert len(gateway.sessions) == 1


def test_money_on_its_way_cannot_be_paid_again(gateway: FakeGateway) -> None:
    made = renewal()
    pay(made.number)
    gateway.complete_unpaid(gateway.newest.id)
    for _click in range(2):
        with pytest.raises(OrderNotPayable) as refusal:
            pay(made.number)
        assert refusal.value.state is OrderState.PROCESSING


def test_a_closed_or_overdue_order_cannot_be_paid(gateway: FakeGateway) -> None:
    made = renewal()
    with time_machine.travel(order_of(made.number).expires_at, tick=False), pytest.raises(OrderNotPayable):
        pay(made.number)
    flows.cancel(made.number, made.payer, CancelledBy.CUSTOMER)
    with pytest.raises(OrderNotPayable) as refusal:
        pay(made.number)
    assert refusal.value.state is OrderState.CANCELLED
    with pytest.raises(LookupError):
        pay("RNW-2026-999999")


def test_a_refused_amount_says_so_and_can_be_tried_again(gateway: FakeGateway) -> None:
    made = renewal()
    gateway.after = lambda call: gateway.refuse("amount_too_large") if call == "create_customer" else None
    with pytest.raises(PaymentUnavailable) as refusal:
        pay(made.number)
    assert (refusal.value.reason, refusal.value.code) == ("refused", "amount_too_large")
    assert [row.state for row in attempts_of(made.number)] == [AttemptState.FAILED]
    gateway.refuse("account_closed")
    with pytest.raises(PaymentUnavailable) as refusal:
        pay(made.number)
    assert refusal.value.code == "account_closed"


def test_a_customer_whom_the_provider_forgot_is_made_anew(gateway: FakeGateway) -> None:
    made = renewal()
    pay(made.number)
    gateway.expire(gateway.newest.id)
    gateway.customers.clear()
    assert pay(made.number) == gateway.newest.url
    assert attempts_of(made.number)[1].failure_code == "customer_gone"


def test_nobody_is_sent_to_a_strange_address(gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    made = renewal()
    evil = property(lambda _session: "https://checkout.stripe.com.evil.example/pay")
    monkeypatch.setattr("tests.fakes.gateway.FakeSession.url", evil)
    with pytest.raises(PaymentUnavailable) as refusal:
        pay(made.number)
    assert refusal.value.code == "strange_address"


def test_without_a_provider_nothing_can_be_paid(gateway: FakeGateway) -> None:
    from flask import current_app  # noqa: PLC0415

    made = renewal()
    current_app.extensions["gateway"] = None
    with pytest.raises(PaymentUnavailable):
        pay(made.number)


def test_t8_a_price_change_does_not_touch_a_placed_order(gateway: FakeGateway) -> None:
    from portal.kit.db import transaction  # noqa: PLC0415
    from portal.pricing.models import Price  # noqa: PLC0415

    made = renewal()
    total = order_of(made.number).total_minor
    with transaction() as db:
        for price in db.query(Price):
            price.unit_minor *= 2
    pay(made.number)
    assert gateway.newest.amount == total


def test_lines_that_do_not_sum_to_the_total_are_never_charged(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import update  # noqa: PLC0415

    from portal.kit.db import transaction  # noqa: PLC0415
    from portal.orders.models import Order  # noqa: PLC0415

    made = renewal()
    with transaction() as db:
        db.execute(update(Order).values(total_minor=1))
    with pytest.raises(PaymentUnavailable) as refusal:
        pay(made.number)
    assert refusal.value.code == "lines_differ"
    assert gateway.sessions == {}
