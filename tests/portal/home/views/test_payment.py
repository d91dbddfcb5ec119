"""To the provider and back: pay, return, leave, cancel."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.contracts.models import Contract
from portal.home.views.payment import since
from portal.kit.db import transaction
from portal.orders import queries as orders
from portal.orders.models import Order, OrderState
from tests.conftest import NOW
from tests.portal.home.conftest import Home
from tests.portal.home.pages import read
from tests.web import post_form


@pytest.fixture
def contract(home: Home) -> Contract:
    return home.contract()


def set_state(order: Order, state: OrderState, **changes: object) -> None:
    with transaction() as db:
        row = orders.lock(db, order.number)
        row.state = state
        for name, value in changes.items():
            setattr(row, name, value)


def test_paying_again_leads_to_the_same_page(home: Home, contract: Contract) -> None:
    order = home.place(contract)
    answer = post_form(home.browser, f"/orders/{order.number}/pay")
    assert answer.status_code == 303
    assert answer.location == home.gateway.newest.url
    assert len(home.gateway.sessions) == 1


def test_coming_back_asks_the_provider_and_believes_no_redirect(home: Home, contract: Contract) -> None:
    order = home.place(contract)
    answer = home.browser.get(f"/orders/{order.number}/return?session_id=cs_forged&paid=1")
    assert answer.location == f"/orders/{order.number}"
    assert home.order(contract).state is OrderState.AWAITING_PAYMENT
    home.gateway.pay(home.gateway.newest.id)
    home.browser.get(f"/orders/{order.number}/return")
    assert home.order(contract).state is OrderState.PAID


def test_while_nothing_is_known_the_page_confirms_and_then_waits_for_the_mail(
    home: Home, contract: Contract
) -> None:
    order = home.place(contract)
    home.gateway.pay(home.gateway.newest.id)
    home.gateway.go_down(times=1)
    answer = home.browser.get(f"/orders/{order.number}/return")
    stamp = int(NOW.timestamp())
    assert answer.location == f"/orders/{order.number}?since={stamp}"
    shown = home.browser.get(answer.location)
    page = read(shown)
    assert page.heading == "Confirming your payment"
    assert f'content="3;url=/orders/{order.number}/return?since={stamp}"' in shown.text
    assert page.action("pay") is None
    late = home.browser.get(f"/orders/{order.number}?since={stamp - 61}")
    assert read(late).heading == "Still confirming your payment"
    assert "do not pay again" in late.text
    assert "http-equiv" not in late.text
    home.gateway.go_down(times=1)
    again = home.browser.get(f"/orders/{order.number}/return?since={stamp - 30}")
    assert again.location.endswith(f"?since={stamp - 30}")  # the minute goes on, it does not begin again
    home.browser.get(f"/orders/{order.number}/return?since={stamp}")
    assert home.order(contract).state is OrderState.PAID


def test_leaving_the_providers_page_is_told_only_when_proven(home: Home, contract: Contract) -> None:
    order = home.place(contract)
    answer = home.browser.get(f"/orders/{order.number}?cancelled=1")
    assert answer.location == f"/orders/{order.number}/return?cancelled=1"
    told = home.browser.get(answer.location, follow_redirects=True)
    text = "You left before paying. No money was taken, and your price is held until 22 December 2026."
    assert text in told.text
    assert read(told).action("pay") is not None
    home.gateway.go_down(times=1)
    unknown = home.browser.get(f"/orders/{order.number}/return?cancelled=1", follow_redirects=True)
    assert "No money was taken" not in unknown.text
    home.gateway.pay(home.gateway.newest.id)
    paid = home.browser.get(f"/orders/{order.number}/return?cancelled=1", follow_redirects=True)
    assert "You left" not in paid.text
    assert read(paid).fact("order-state") == "paid"


def test_cancelling_asks_first(home: Home, contract: Contract) -> None:
    order = home.place(contract)
    question = home.browser.get(f"/orders/{order.number}/cancel")
    assert read(question).heading == "Cancel the renewal of Insight Analytics, Business for CN¥36,800.00?"
    assert home.order(contract).state is OrderState.AWAITING_PAYMENT
    answer = post_form(home.browser, f"/orders/{order.number}/cancel")
    assert answer.location == f"/orders/{order.number}"
    assert home.order(contract).state is OrderState.CANCELLED
    assert home.browser.get(f"/orders/{order.number}/cancel").status_code == 303  # nothing left to ask
    post_form(home.browser, f"/orders/{order.number}/cancel")
    assert "Nothing was changed" in home.browser.get(f"/orders/{order.number}").text


def test_cancelling_what_was_just_paid_keeps_it(home: Home, contract: Contract) -> None:
    order = home.place(contract)
    home.gateway.pay(home.gateway.newest.id)
    post_form(home.browser, f"/orders/{order.number}/cancel")
    answer = home.browser.get(f"/orders/{order.number}")
    assert "your payment had already arrived" in answer.text
    assert read(answer).fact("order-state") == "paid"


def test_cancelling_without_the_provider_changes_nothing(home: Home, contract: Contract) -> None:
    order = home.place(contract)
    home.gateway.go_down(times=9)
    post_form(home.browser, f"/orders/{order.number}/cancel")
    assert "so nothing was cancelled" in home.browser.get(f"/orders/{order.number}").text
    assert home.order(contract).state is OrderState.AWAITING_PAYMENT


def test_paying_what_is_paid_or_closed_says_so(home: Home, contract: Contract) -> None:
    order = home.pay(contract)
    post_form(home.browser, f"/orders/{order.number}/pay")
    assert "already paid. Nothing more was charged." in home.browser.get(f"/orders/{order.number}").text
    set_state(order, OrderState.CANCELLED)
    post_form(home.browser, f"/orders/{order.number}/pay")
    assert "No payment was started." in home.browser.get(f"/orders/{order.number}").text


def test_signed_out_on_the_way_back_leads_to_the_order(home: Home, contract: Contract) -> None:
    order = home.place(contract)
    answer = home.app.test_client().get(f"/orders/{order.number}/return?session_id=cs_1")
    assert answer.status_code == 302
    assert "sign-in" in answer.location
    assert order.number in answer.location


@pytest.mark.parametrize("text", [None, "", "x", "-1", "１２", "99999999999", "1.5"])
def test_a_made_up_time_is_no_time(text: str | None) -> None:
    assert since(text, NOW) is None


def test_a_time_in_the_address_is_read() -> None:
    assert since(str(int(NOW.timestamp())), NOW + timedelta(hours=1)) == NOW
