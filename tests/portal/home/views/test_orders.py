"""One page for every state of an order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from portal.accounts.models import CompanyRole
from portal.contracts.models import Contract
from portal.kit.db import transaction
from portal.orders import queries as orders
from portal.orders.models import Order, OrderState
from tests import factories
from tests.portal.home.conftest import GRACE, LAPSED, RUNNING, Home
from tests.portal.home.pages import Page, read
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


def test_an_unpaid_order_offers_paying_and_cancelling(
    home: Home, contract: Contract, statements: Callable[[], list[str]]
) -> None:
    order = home.place(contract)
    statements()
    answer = home.browser.get(f"/orders/{order.number}")
    assert len(statements()) <= 6
    page = read(answer)
    assert page.heading == "Pay CN¥36,800.00 to renew"
    assert "We have not received a payment yet. We hold this price until 22 December 2026." in answer.text
    assert page.fact("order-number") == order.number
    assert page.fact("order-state") == "awaiting_payment"
    assert page.action("pay") is not None
    assert page.action("retry-payment") is None
    assert page.action("cancel-order") is not None
    assert "http-equiv" not in answer.text


def test_a_declined_card_is_told_with_where_the_money_is(home: Home, contract: Contract) -> None:
    order = home.place(contract)
    home.gateway.decline(home.gateway.newest.id, "insufficient_funds")
    answer = home.browser.get(f"/orders/{order.number}/return?cancelled=1", follow_redirects=True)
    page = read(answer)
    assert page.heading == "Your payment did not go through"
    assert "Your bank declined the payment for lack of funds. No money was taken; try another card." in answer.text
    assert page.action("pay") is not None
    assert page.action("retry-payment") is not None
    assert "You left before paying" not in answer.text


def test_paid_shows_end_receipt_and_survey(
    home: Home, contract: Contract, statements: Callable[[], list[str]]
) -> None:
    order = home.pay(contract)
    statements()
    answer = home.browser.get(f"/orders/{order.number}")
    assert len(statements()) <= 6
    page = read(answer)
    assert page.heading == "Renewed until 12 December 2028"
    assert page.fact("contract-ends-on") == "2028-12-12"
    assert page.fact("order-state") == "paid"
    assert page.fact("receipt-number").startswith("R-2026-")
    assert page.action("answer-survey") is not None
    assert page.action("pay") is None
    for text in ("We received your payment of CN¥36,800.00", "Visa ending 4242", "New end 12 Dec 2028",
                 f"/orders/{order.number}/receipt", "13 December 2026"):  # fmt: skip
        assert text in answer.text


def test_paying_a_lapsed_contract_starts_it_on_the_day(home: Home) -> None:
    contract = home.contract(**LAPSED)
    order = home.pay(contract, 12)
    page = read(home.browser.get(f"/orders/{order.number}"))
    assert page.fact("contract-ends-on") == "2027-11-21"


@pytest.mark.parametrize(
    ("state", "changes", "heading", "sentence"),
    [
        (OrderState.PROCESSING, {}, "Your payment is on its way", "do not pay again"),
        (
            OrderState.AWAITING_TRANSFER,
            {},
            "We wait for your bank transfer",
            "the reference exactly as we gave it",
        ),
        (
            OrderState.HELD,
            {"held_reason": "amount"},
            "We hold this order",
            "The amount paid differs from the quote",
        ),
        (OrderState.HELD, {"held_reason": "new_reason"}, "We hold this order", "We are checking your payment"),
        (OrderState.REFUNDED, {}, "Your payment was refunded", "The money goes back the way it came"),
        (OrderState.CANCELLED, {"cancelled_by": "staff"}, "This order was cancelled", "Our staff cancelled"),
        (OrderState.CANCELLED, {"cancelled_by": "customer"}, "This order was cancelled", "Your company cancelled"),
        (OrderState.EXPIRED, {}, "This order has expired", "We received no payment for it"),
    ],
)
def test_every_state_says_what_happened(
    home: Home, contract: Contract, state: OrderState, changes: dict[str, str], heading: str, sentence: str
) -> None:
    order = home.place(contract)
    set_state(order, state, **changes)
    answer = home.browser.get(f"/orders/{order.number}")
    page = read(answer)
    assert page.heading == heading
    assert sentence in answer.text
    assert page.fact("order-state") == state.value
    assert page.action("pay") is None


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (OrderState.PARTLY_REFUNDED, "Part of your payment went back to you."),
        (OrderState.DISPUTED, "Your bank asks about this payment"),
    ],
)
def test_a_renewal_stands_while_its_money_moves(
    home: Home, contract: Contract, state: OrderState, sentence: str
) -> None:
    order = home.pay(contract)
    set_state(order, state)
    answer = home.browser.get(f"/orders/{order.number}")
    assert read(answer).heading == "Renewed until 12 December 2028"
    assert sentence in answer.text
    assert (read(answer).action("answer-survey") is None) is (state is OrderState.DISPUTED)


def test_closed_orders_lead_to_todays_price(home: Home, contract: Contract) -> None:
    order = home.place(contract)
    set_state(order, OrderState.EXPIRED)
    renew = read(home.browser.get(f"/orders/{order.number}")).action("renew")
    assert renew is not None
    assert renew["href"] == f"/contracts/{contract.number}/renew"


def test_a_viewer_sees_the_state_and_no_price(home: Home, contract: Contract) -> None:
    order = home.place(contract)
    viewer = home.member(CompanyRole.VIEWER)
    answer = viewer.get(f"/orders/{order.number}")
    page = read(answer)
    assert page.heading == "This renewal is not paid yet"
    assert "36,800" not in answer.text
    assert page.action("pay") is None
    assert page.action("cancel-order") is None
    assert post_form(viewer, f"/orders/{order.number}/pay").status_code == 403
    assert post_form(viewer, f"/orders/{order.number}/cancel").status_code == 403
    home.gateway.pay(home.gateway.newest.id)
    paid = viewer.get(f"/orders/{order.number}/return", follow_redirects=True)
    assert "We received your payment." in paid.text
    assert "36,800" not in paid.text
    assert viewer.get(f"/orders/{order.number}/receipt").status_code == 403


def test_another_companys_order_does_not_exist(home: Home, contract: Contract) -> None:
    order = home.place(contract)
    with transaction() as db:
        stranger = factories.member(db, factories.company(db, "Other"))
    browser = home.browse(stranger)
    for path in ("", "/return", "/cancel", "/receipt", "/survey"):
        assert browser.get(f"/orders/{order.number}{path}").status_code == 404, path
    for path in ("/pay", "/cancel", "/survey"):
        assert post_form(browser, f"/orders/{order.number}{path}", score="1").status_code == 404, path
    assert home.browser.get("/orders/RNW-0000-000000").status_code == 404
    assert home.order(contract).state is OrderState.AWAITING_PAYMENT


@pytest.mark.parametrize("query", ["since=99999999999999999999", "since=0", "since=9999999999", "cancelled="])
def test_strange_addresses_do_not_break_the_page(home: Home, contract: Contract, query: str) -> None:
    order = home.place(contract)
    assert home.browser.get(f"/orders/{order.number}?{query}").status_code == 200


def test_the_order_page_speaks_chinese(home: Home, contract: Contract) -> None:
    order = home.pay(contract)
    browser = home.member(CompanyRole.OWNER, language="zh_Hans_CN")
    page = read(browser.get(f"/orders/{order.number}"))
    assert page.lang == "zh-Hans"
    assert "2028年12月12日" in page.heading


def test_every_failed_try_stands_in_the_story(home: Home, contract: Contract) -> None:
    order = home.place(contract)
    for code in ("insufficient_funds", "expired_card"):
        home.gateway.decline(home.gateway.newest.id, code)
        home.browser.get(f"/orders/{order.number}/return")
    text = home.browser.get(f"/orders/{order.number}").text
    assert text.count('class="bad"') == 2
    lead, _aside, told = text.partition("<aside")
    assert "has expired. No money was taken; try another card." in lead  # the latest reason
    assert "lack of funds." in told
    assert "try another card" not in told


def test_before_paying_the_new_days_and_the_tax_are_told(home: Home, contract: Contract) -> None:
    order = home.place(contract)
    text = home.browser.get(f"/orders/{order.number}").text
    assert "13 December 2026 to 12 December 2028, 24 months" in text
    assert "Includes 6% VAT of CN¥2,083.02" in text


def test_a_closed_order_tells_what_happened_and_nothing_to_come(home: Home, contract: Contract) -> None:
    order = home.place(contract)
    set_state(order, OrderState.CANCELLED)
    text = home.browser.get(f"/orders/{order.number}").text
    assert "What happened</h2>" in text
    assert "Still to come" not in text


def test_a_held_order_says_what_came(home: Home, contract: Contract) -> None:
    order = home.place(contract)
    session = home.gateway.newest
    home.gateway.pay(session.id)
    post_form(home.browser, f"/orders/{order.number}/cancel")
    assert home.browser.get(f"/orders/{order.number}/return").status_code == 303
    with transaction() as db:
        row = db.get_one(Order, order.id)
        row.state, row.held_reason = OrderState.HELD, "amount"
    text = home.browser.get(f"/orders/{order.number}").text
    assert "We received CN¥36,800.00." in text
    waiting = text.partition("Still to come")[2]
    assert "We look into it and call you" in waiting
    assert "Payment received" not in waiting


def test_asking_carries_the_orders_number(home: Home, contract: Contract) -> None:
    order = home.place(contract)
    assert f"/support?about={order.number}" in home.browser.get(f"/orders/{order.number}").text


def test_paid_leads_on_to_the_next_contract_that_waits(
    home: Home, contract: Contract, statements: Callable[[], list[str]]
) -> None:
    later = home.contract(starts_on=date(2026, 1, 10), ends_on=date(2027, 1, 9))
    urgent = home.contract(**GRACE)
    home.contract(**RUNNING)
    order = home.pay(contract)
    statements()
    answer = home.browser.get(f"/orders/{order.number}")
    assert len(statements()) <= 6
    assert next_of(read(answer)) == f"/contracts/{urgent.number}"
    assert answer.text.count("btn btn-primary") == 1
    assert f'class="btn btn-primary" href="/orders/{order.number}/receipt.pdf"' in " ".join(answer.text.split())
    waiting = home.place(urgent)
    assert next_of(read(home.browser.get(f"/orders/{order.number}"))) == f"/orders/{waiting.number}"
    home.gateway.pay(home.gateway.newest.id)
    home.browser.get(f"/orders/{waiting.number}/return")
    assert next_of(read(home.browser.get(f"/orders/{waiting.number}"))) == f"/contracts/{later.number}"


def test_nothing_is_next_for_those_who_cannot_act_or_when_nothing_waits(home: Home, contract: Contract) -> None:
    with transaction() as db:
        other = factories.company(db, "Other")
    home.contract(of=other, **GRACE)
    order = home.pay(contract)
    assert next_of(read(home.browser.get(f"/orders/{order.number}"))) is None
    home.contract(**GRACE)
    assert next_of(read(home.browser.get(f"/orders/{order.number}"))) is not None
    viewer = home.member(CompanyRole.VIEWER)
    assert next_of(read(viewer.get(f"/orders/{order.number}"))) is None


def next_of(page: Page) -> str | None:
    link = page.action("next-contract")
    return str(link["href"]) if link else None
