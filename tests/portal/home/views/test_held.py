"""A price that is held is found again: on the list, on the contract's page, and beside an open order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from portal.accounts.models import CompanyRole, StaffRole
from portal.contracts import queries as contracts
from portal.contracts.models import Contract
from portal.kit.db import transaction
from portal.pricing import actions as pricing
from portal.pricing import queries as price_queries
from tests import factories
from tests.conftest import NOW
from tests.portal.home.conftest import OPEN, Home
from tests.portal.home.pages import read
from tests.web import post_form


@pytest.fixture
def contract(home: Home) -> Contract:
    return home.contract()


def test_list_and_contract_lead_back_to_the_held_price(
    home: Home, contract: Contract, statements: Callable[[], list[str]]
) -> None:
    home.quote(contract, 12)
    held = home.quote(contract, 24)
    for path in ("/contracts", f"/contracts/{contract.number}"):
        statements()
        answer = home.browser.get(path)
        assert len(statements()) <= 6
        page = read(answer)
        resume = page.action("resume-quote")
        assert resume is not None
        assert resume["href"] == held
        assert "btn-primary" in resume["class"]
        assert answer.text.count("btn-primary") == 1
        assert "22 December 2026" in answer.text
        assert "CN¥36,800.00" in answer.text
        assert page.action("renew") is not None  # another choice stays open


def test_a_held_price_of_a_contract_that_is_not_due_stands_in_the_quiet_list(home: Home) -> None:
    early = home.contract(**OPEN)
    held = home.quote(early)
    resume = read(home.browser.get("/contracts")).action("resume-quote", f"contract:{early.number}")
    assert resume is not None
    assert resume["href"] == held


def test_who_may_not_see_prices_sees_no_held_price(home: Home, contract: Contract) -> None:
    home.quote(contract)
    viewer = home.member(CompanyRole.VIEWER)
    for path in ("/contracts", f"/contracts/{contract.number}"):
        answer = viewer.get(path)
        assert "36,800" not in answer.text
        assert read(answer).action("resume-quote") is None
    approver = home.member(CompanyRole.APPROVER)
    assert "See this price" in approver.get(f"/contracts/{contract.number}").text


def test_what_staff_worked_out_is_held_only_once_it_is_sent(home: Home, contract: Contract) -> None:
    with transaction() as db:
        staff = factories.staff(db, StaffRole.CS)
        fresh = contracts.lock(db, contract.id)
        made = pricing.seal(db, fresh, 24, None, f"person:{staff.id}", NOW)
    assert read(home.browser.get("/contracts")).action("resume-quote") is None
    with transaction() as db:
        quote = price_queries.quote(db, made.id)
        assert quote is not None
        pricing.send(db, quote, f"person:{staff.id}", NOW)
    assert read(home.browser.get("/contracts")).action("resume-quote") is not None


def test_a_price_that_no_longer_holds_is_not_shown(home: Home, contract: Contract) -> None:
    home.quote(contract)
    with time_machine.travel(NOW + timedelta(days=31), tick=False):
        factories.sign_in(home.browser, home.owner, NOW + timedelta(days=31))
        assert read(home.browser.get("/contracts")).action("resume-quote") is None


def test_a_price_of_a_contract_that_changed_is_not_shown(home: Home, contract: Contract) -> None:
    home.quote(contract)
    with transaction() as db:
        contracts.lock(db, contract.id).rev += 1
    assert read(home.browser.get(f"/contracts/{contract.number}")).action("resume-quote") is None


def test_beside_an_open_order_a_price_is_not_accepted(home: Home, contract: Contract) -> None:
    other = home.quote(contract, 12)
    order = home.place(contract)
    answer = home.browser.get(other)
    page = read(answer)
    assert page.action("accept-quote") is None
    resume = page.action("resume")
    assert resume is not None
    assert resume["href"] == f"/orders/{order.number}"
    assert "with another choice is open" in answer.text
    assert answer.text.count("btn-primary") == 1
    assert read(home.browser.get("/contracts")).action("resume-quote") is None


def test_a_price_of_a_contract_renewed_since_says_so_and_leads_to_the_order(
    home: Home, contract: Contract
) -> None:
    other = home.quote(contract, 12)
    order = home.pay(contract)
    answer = home.browser.get(other)
    assert read(answer).heading == "This contract is already renewed until 12 December 2028"
    assert f"/orders/{order.number}" in answer.text
    assert post_form(home.browser, other, invoice_title="Aurora Ltd").location == other
