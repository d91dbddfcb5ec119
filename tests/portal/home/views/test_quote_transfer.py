"""Bank transfer is chosen where the price is accepted; what the order's page then says."""

from __future__ import annotations

import pytest

from portal.accounts.models import CompanyRole
from portal.contracts.models import Contract
from portal.kit import clock
from portal.kit.db import transaction
from portal.orders.models import OrderState
from tests import factories
from tests.portal.checkout.support import attempts_of, order_of
from tests.portal.checkout.test_transfers import account
from tests.portal.home.conftest import Home
from tests.portal.home.pages import read
from tests.portal.home.views.test_quotes import GOOD
from tests.web import post_form


def accepted(home: Home) -> tuple[Contract, str]:
    """A price that was accepted by bank transfer; where the browser was sent."""
    account()
    contract = home.contract()
    answer = post_form(home.browser, home.quote(contract), **GOOD, method="transfer")
    assert answer.status_code == 303
    return contract, str(answer.location)


def test_the_quote_offers_it_beside_the_provider(home: Home) -> None:
    contract = home.contract()
    url = home.quote(contract)
    assert read(home.browser.get(url)).action("pay-by-transfer") is None
    account()
    answer = home.browser.get(url)
    chosen = read(answer).action("pay-by-transfer")
    assert chosen is not None
    assert (chosen["name"], chosen["value"]) == ("method", "transfer")
    assert "hold this price until 22 December 2026" in answer.text
    assert answer.text.count("btn-primary") == 1


def test_accepting_leads_to_what_to_write_where(home: Home) -> None:
    contract, location = accepted(home)
    order = home.order(contract)
    assert order.state is OrderState.AWAITING_TRANSFER
    assert location == f"/orders/{order.number}"
    assert home.gateway.calls == []
    answer = home.browser.get(location)
    page = read(answer)
    assert page.fact("order-state") == "awaiting_transfer"
    assert page.fact("transfer-amount") == str(order.total_minor)
    assert page.fact("transfer-reference") == order.number
    assert page.fact("transfer-account") == "6222 0000 1111"
    for text in ("Transfer until", "22 December 2026", "as soon as we have found it on our account"):
        assert text in answer.text, text
    assert "within a minute of your payment" not in answer.text


def test_without_an_account_the_order_is_placed_and_can_be_paid(home: Home) -> None:
    contract = home.contract()
    answer = post_form(home.browser, home.quote(contract), **GOOD, method="transfer")
    order = home.order(contract)
    assert (answer.status_code, answer.location) == (303, f"/orders/{order.number}")
    assert order.state is OrderState.AWAITING_PAYMENT
    assert "not offered for this currency" in home.browser.get(f"/orders/{order.number}").text


def test_who_may_not_pay_does_not_choose_how(home: Home) -> None:
    account()
    contract = home.contract()
    url = home.quote(contract)
    with transaction() as db:
        who = factories.member(db, home.company, CompanyRole.RENEWER)
    factories.sign_in(home.browser, who, clock.now())
    assert read(home.browser.get(url)).action("pay-by-transfer") is None
    post_form(home.browser, url, method="transfer")
    order = home.order(contract)
    assert order.state is OrderState.AWAITING_PAYMENT
    assert attempts_of(order.number) == []


@pytest.mark.parametrize("method", ["", "card", "TRANSFER", "transfer " * 500])
def test_any_other_word_leads_to_the_provider(home: Home, method: str) -> None:
    account()
    contract = home.contract()
    answer = post_form(home.browser, home.quote(contract), **GOOD, method=method)
    assert answer.location == home.gateway.newest.url
    assert order_of(home.order(contract).number).state is OrderState.AWAITING_PAYMENT


def test_the_day_on_the_order_does_not_move_by_choosing_again(home: Home) -> None:
    contract, location = accepted(home)
    number = home.order(contract).number
    post_form(home.browser, f"{location}/transfer/back")
    assert "hold this price until 22 December 2026" in home.browser.get(location).text
    post_form(home.browser, f"{location}/transfer")
    page = read(home.browser.get(location))
    assert page.fact("transfer-reference") == f"{number}-2"
