"""A customer's code: typed at the offer, told as a step of the price, and counted against its limit."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from payments.money import Money
from portal.contracts import actions as contract_actions
from portal.contracts import queries as contracts
from portal.contracts.models import Contract
from portal.kit.db import reading, transaction
from portal.pricing import actions as pricing
from portal.pricing.models import Promotion, Quote
from portal.pricing.rules import PromotionKind
from tests import factories
from tests.conftest import NOW
from tests.portal.accounts.conftest import demo
from tests.portal.home.conftest import Home
from tests.web import hidden, post_form

__all__ = ["demo"]

REFUSED = "This code takes nothing off here today"


@pytest.fixture
def contract(home: Home) -> Contract:
    return home.contract()


def coupon(**changes: Any) -> None:
    given: dict[str, Any] = {
        "kind": PromotionKind.COUPON, "names": {"en": "Spring", "zh_Hans_CN": "春季"}, "basis_points": 1000,
        "least": 1, "valid_from": date(2026, 1, 1), "code": "SPRING26",
    }  # fmt: skip
    with transaction() as db:
        factories.promotion(db, **(given | changes))


def quotes() -> list[Quote]:
    with reading() as db:
        return list(db.scalars(select(Quote).order_by(Quote.created_at, Quote.id)))


def hold(home: Home, contract: Contract, code: str) -> Any:
    """Work out the price with the code, then hold what is on screen."""
    path = f"/contracts/{contract.number}/renew"
    page = home.browser.get(f"{path}?term_months=12&seats=20&code={code}")
    shown = {name: hidden(page, name) for name in ("shown_seats", "shown_totals")}
    return post_form(
        home.browser, path, term_months="12", seats="20", code=code, do="quote", **shown
    )  # fmt: skip


def test_a_code_takes_its_part_off_and_the_price_says_so(home: Home, contract: Contract) -> None:
    coupon()
    page = home.browser.get(f"/contracts/{contract.number}/renew?term_months=12&seats=20&code=spring-26")
    assert page.status_code == 200
    assert "Code SPRING26, −10%" in page.text
    assert "CN¥18,000.00" in page.text
    answer = hold(home, contract, "spring-26")
    [quote] = quotes()
    assert answer.location == f"/quotes/{quote.id}"
    assert quote.total_minor == 1_800_000
    assert "Code SPRING26, −10%" in home.browser.get(answer.location).text


def test_working_the_price_out_again_keeps_the_code(home: Home, contract: Contract) -> None:
    coupon()
    path = f"/contracts/{contract.number}/renew"
    answer = post_form(home.browser, path, term_months="24", seats="20", code="SPRING26", do="reprice")
    assert answer.location == f"{path}?term_months=24&seats=20&code=SPRING26"


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "OTHER26"},
        {"valid_to": date(2026, 11, 22)},
        {"valid_from": date(2026, 11, 23)},
        {"product_code": "backup"},
    ],
)
def test_a_code_that_takes_nothing_off_is_told_and_holds_nothing(
    home: Home, contract: Contract, changes: dict[str, Any]
) -> None:
    with transaction() as db:
        factories.products(db)
    coupon(**changes)
    page = home.browser.get(f"/contracts/{contract.number}/renew?term_months=12&seats=20&code=SPRING26")
    assert (page.status_code, REFUSED in page.text) == (422, True)
    assert "CN¥20,000.00" in page.text
    assert "for the seats of your last term" not in page.text
    assert hold(home, contract, "SPRING26").status_code == 422
    assert quotes() == []


def test_nobody_has_it_without_the_code(home: Home, contract: Contract) -> None:
    coupon()
    assert "CN¥20,000.00" in home.browser.get(f"/contracts/{contract.number}/renew").text
    assert "SPRING26" not in home.browser.get("/contracts").text


def test_one_that_is_used_up_between_look_and_hold_holds_nothing(home: Home, contract: Contract) -> None:
    """Bad input of the issue: the last place is taken by another while the page is open."""
    coupon(limit_total=1)
    path = f"/contracts/{contract.number}/renew"
    page = home.browser.get(f"{path}?term_months=12&seats=20&code=SPRING26")
    shown = {name: hidden(page, name) for name in ("shown_seats", "shown_totals")}
    other = home.contract()
    with transaction() as db:
        pricing.seal(db, db.get_one(Contract, other.id), 12, None, "person:9", NOW, "SPRING26")
    late = post_form(home.browser, path, term_months="12", seats="20", code="SPRING26", do="quote", **shown)
    assert (late.status_code, REFUSED in late.text) == (422, True)
    assert len(quotes()) == 1


def test_codes_are_not_guessed(home: Home, contract: Contract, demo: Flask) -> None:
    """In a portal that counts tries: after twenty wrong ones not even the right one is looked at, for an hour."""
    coupon()
    browser, path = demo.test_client(), f"/contracts/{contract.number}/renew?code="
    factories.sign_in(browser, home.owner)
    for number in range(20):
        assert browser.get(f"{path}GUESS{number}").status_code == 422
    late = browser.get(f"{path}SPRING26")
    assert (late.status_code, "Too many codes were tried" in late.text) == (422, True)
    assert "−10%" not in late.text


def test_a_code_that_would_leave_nothing_is_told_at_its_field(home: Home, contract: Contract) -> None:
    """CN¥2,500.00 off is fine for twenty seats and too much for one: the page stands, without the code."""
    coupon(basis_points=0, amount=Money(250_000, "CNY"))
    path = f"/contracts/{contract.number}/renew"
    fine = home.browser.get(f"{path}?term_months=12&seats=20&code=SPRING26")
    assert (fine.status_code, "CN¥17,500.00" in fine.text) == (200, True)
    page = home.browser.get(f"{path}?term_months=12&seats=1&code=SPRING26")
    # two and three years of one seat cost less than the code takes off, or not much more
    assert page.status_code == 200
    assert 'value="12"' not in page.text
    coupon(basis_points=0, amount=Money(10**9, "CNY"), code="ALLOFIT")
    page = home.browser.get(f"{path}?term_months=12&seats=1&code=ALLOFIT")
    assert (page.status_code, "would leave nothing to pay" in page.text) == (422, True)
    assert "CN¥1,000.00" in page.text
    posted = post_form(home.browser, path, term_months="12", seats="1", code="ALLOFIT", do="quote")
    assert (posted.status_code, quotes()) == (422, [])


def test_a_price_held_anew_keeps_its_code_or_says_that_it_is_over(home: Home, contract: Contract) -> None:
    coupon()
    hold(home, contract, "SPRING26")
    [quote] = quotes()
    for path in ("/contracts", f"/contracts/{contract.number}"):  # "Choose something else" begins with it
        assert "code=SPRING26" in home.browser.get(path).text
    with transaction() as db:
        contract_actions.price_changed(db, contracts.lock(db, contract.id), NOW)
    over = home.browser.get(f"/quotes/{quote.id}").text
    assert "CN¥18,000.00" in over
    assert "code=SPRING26" in over  # the way to other terms keeps it too
    assert "takes nothing off any more" not in over
    post_form(home.browser, f"/quotes/{quote.id}/reprice")
    assert [each.total_minor for each in quotes()] == [1_800_000, 1_800_000]
    with transaction() as db:
        db.execute(update(Promotion).values(valid_to=date(2026, 11, 22)))
    gone = home.browser.get(f"/quotes/{quote.id}").text
    assert "The code SPRING26 takes nothing off any more." in gone
    assert "CN¥20,000.00" in gone
