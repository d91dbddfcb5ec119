"""The offer: terms, seats, why, and all the reasons for which there is none."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from portal.accounts.models import CompanyRole
from portal.contracts.models import Contract
from portal.kit.db import reading, transaction
from portal.pricing import actions as pricing
from portal.pricing.models import Price
from portal.pricing.queries import latest_quotes
from tests import factories
from tests.conftest import NOW
from tests.portal.home.conftest import GRACE, LAPSED, RUNNING, Home
from tests.portal.home.pages import read
from tests.web import post_form


def url(contract: Contract) -> str:
    return f"/contracts/{contract.number}/renew"


def quotes(contract: Contract) -> list[Any]:
    with reading() as db:
        return list(latest_quotes(db, contract.id))


def test_the_offer_prices_each_term_and_explains_it(home: Home, statements: Callable[[], list[str]]) -> None:
    contract = home.contract()
    statements()
    answer = home.browser.get(url(contract))
    assert len(statements()) <= 6
    page = read(answer)
    assert page.heading == "Renew Insight Analytics, Business"
    for text in (
        "CN¥20,000.00",
        "CN¥36,800.00",
        "CN¥51,600.00",
        "CN¥920.00 per seat per year",
        "20 seats × 1 year",
    ):
        assert text in answer.text
    assert page.fact("quote-total", attr="data-minor") == "2000000"  # as long as last time: 12 months
    assert page.fact("quote-total", attr="data-currency") == "CNY"
    for action in ("choose-term", "get-quote", "decline"):
        assert page.action(action) is not None
    assert quotes(contract) == []


def test_working_out_again_keeps_the_choice_in_the_address(home: Home) -> None:
    contract = home.contract()
    answer = post_form(home.browser, url(contract), term_months="36", seats="25", do="reprice")
    assert answer.status_code == 303
    page = read(home.browser.get(answer.location))
    assert page.fact("quote-total", attr="data-minor") == "6450000"
    again = home.browser.get(answer.location)
    assert 'value="25"' in again.text
    assert "20 seats in your last term" in again.text
    assert "more than in your last term" in again.text
    assert quotes(contract) == []


def test_holding_the_price_seals_a_quote(home: Home) -> None:
    contract = home.contract()
    location = home.quote(contract, 24, seats="21")
    (quote,) = quotes(contract)
    assert location == f"/quotes/{quote.id}"
    assert quote.total_minor == 3_864_000
    assert quote.created_by == f"person:{home.owner.id}"
    assert home.quote(contract, 24, seats="21") == location  # the same wish, the same quote


def shown(home: Home, contract: Contract, query: str = "") -> dict[str, str]:
    """What the page says that it shows, as its form carries it."""
    text = home.browser.get(url(contract) + query).text
    return dict(re.findall(r'name="(shown_\w+)"\s+value="([^"]*)"', text))


def test_choosing_another_term_that_was_on_screen_holds_it_at_once(home: Home) -> None:
    contract = home.contract()
    home.quote(contract, 36, **shown(home, contract))
    (quote,) = quotes(contract)
    assert quote.total_minor == 5_160_000


def test_a_price_that_was_not_on_screen_is_shown_before_it_is_held(home: Home) -> None:
    contract = home.contract()
    location = home.quote(contract, 36, seats="30", **shown(home, contract))
    assert quotes(contract) == []
    answer = home.browser.get(location)
    assert "The price now fits your choice. Look at it, then hold it." in answer.text
    assert read(answer).fact("quote-total", attr="data-minor") == "7740000"
    query = location.partition("?")[2]
    assert home.quote(contract, 36, seats="30", **shown(home, contract, "?" + query)).startswith("/quotes/")


def test_a_price_that_changed_since_the_screen_is_shown_before_it_is_held(home: Home) -> None:
    contract = home.contract()
    seen = shown(home, contract)
    with transaction() as db:
        db.query(Price).filter(Price.product_code == "insight").update({"unit_minor": 110_000})
    location = home.quote(contract, 24, **seen)
    assert location.startswith(url(contract))
    assert quotes(contract) == []
    told = "Our price has changed since you opened this page: CN¥40,480.00 now, CN¥36,800.00 before."
    assert told in home.browser.get(location).text


def test_a_rounded_price_of_a_seat_says_about(home: Home) -> None:
    contract = home.contract(lines=(("insight", 7, 100_000),))
    with transaction() as db:
        db.query(Price).filter(Price.product_code == "insight", Price.currency == "CNY").update(
            {"unit_minor": 100_001}
        )
    answer = home.browser.get(url(contract) + "?term_months=24&seats=7")
    assert "about CN¥920.01 per seat per year" in answer.text


def test_tampered_fields_are_not_read(home: Home) -> None:
    contract, other = home.contract(), home.contract()
    home.quote(contract, 12, price="1", total_minor="1", contract_id=str(other.id), unit_minor="1", currency="JPY")
    (quote,) = quotes(contract)
    assert (quote.total_minor, quote.currency, quote.contract_id) == (2_000_000, "CNY", contract.id)


def test_several_products_have_a_field_each(home: Home) -> None:
    contract = home.contract(lines=(("insight", 20, 100_000), ("backup", 15, 90_000)))
    page = home.browser.get(url(contract))
    assert page.text.count('name="seats"') == 2
    assert "Seats for Cloud Backup, Team" in page.text
    home.quote(contract, 12, seats=["10", "5"])
    (quote,) = quotes(contract)
    assert [line["seats"] for line in quote.document["lines"]] == [10, 5]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"seats": "abc"}, "Type a whole number"),
        ({"seats": ""}, "Type a whole number"),
        ({"seats": "1.5"}, "Type a whole number"),
        ({"seats": "0"}, "At least one"),
        ({"seats": "-3"}, "At least one"),
        ({"seats": "9" * 50}, "At most 1,000,000"),
        ({"seats": "1000001"}, "At most 1,000,000"),
        ({"term_months": "13"}, "Choose one of the terms"),
        ({"term_months": "x"}, "Choose one of the terms"),
    ],
)
def test_bad_input_is_told_and_kept(home: Home, typed: dict[str, str], sentence: str) -> None:
    contract = home.contract()
    answer = post_form(
        home.browser, url(contract), **({"term_months": "12", "seats": "20", "do": "quote"} | typed)
    )
    assert answer.status_code == 422
    assert read(answer).title.startswith("Error: ")
    assert sentence in answer.text
    assert "Nothing was charged." in answer.text
    if "seats" in typed:
        assert f'value="{typed["seats"]}"' in answer.text
    assert quotes(contract) == []


def test_a_bad_address_is_told_too(home: Home) -> None:
    answer = home.browser.get(url(home.contract()) + "?term_months=24&seats=lots")
    assert answer.status_code == 422
    assert 'value="lots"' in answer.text


def test_a_missing_line_keeps_last_terms_seats(home: Home) -> None:
    contract = home.contract(lines=(("insight", 20, 100_000), ("backup", 15, 90_000)))
    home.quote(contract, 12, seats="10")
    (quote,) = quotes(contract)
    assert [line["seats"] for line in quote.document["lines"]] == [10, 15]


def test_a_lapsed_contract_starts_anew_with_the_payment(home: Home) -> None:
    answer = home.browser.get(url(home.contract(**LAPSED)))
    assert "from the day you pay" in answer.text


def test_in_grace_the_new_term_joins(home: Home) -> None:
    answer = home.browser.get(url(home.contract(**GRACE)))
    assert "14 Nov 2026" in answer.text


def test_too_early_says_when(home: Home) -> None:
    answer = home.browser.get(url(home.contract(**RUNNING)))
    page = read(answer)
    assert page.heading == "It is too early to renew this contract"
    assert "2 January 2028" in answer.text
    assert page.action("get-quote") is None


def test_already_renewed_says_until_when(home: Home) -> None:
    contract = home.contract()
    home.pay(contract)
    assert "already renewed until 12 December 2028" in read(home.browser.get(url(contract))).heading


def test_declined_says_how_to_come_back(home: Home) -> None:
    contract = home.contract()
    post_form(home.browser, f"/contracts/{contract.number}/decline")
    assert "decided not to renew" in read(home.browser.get(url(contract))).heading


def test_an_open_order_leads_to_it(home: Home) -> None:
    contract = home.contract()
    order = home.place(contract)
    for answer in (home.browser.get(url(contract)), post_form(home.browser, url(contract), do="quote")):
        resume = read(answer).action("resume")
        assert resume is not None
        assert resume["href"] == f"/orders/{order.number}"


def test_no_price_is_never_zero(home: Home) -> None:
    for currency in ("EUR", "CNY"):
        contract = home.contract(currency="EUR") if currency == "EUR" else _without_tax(home)
        answer = home.browser.get(url(contract))
        assert "We have no price for this yet. Ask us; you are not charged." in answer.text
        assert read(answer).action("get-quote") is None


def _without_tax(home: Home) -> Contract:
    """A contract of a country without tax rates."""
    with transaction() as db:
        company = factories.company(db, "Nowhere Ltd", country="AQ")
        contract = factories.contract(db, company)
    home.browser = home.member(CompanyRole.OWNER, of=company)
    return contract


def test_a_price_that_vanished_meanwhile_is_told_and_not_held(home: Home) -> None:
    contract = home.contract()
    form = {"term_months": "12", "seats": "20", "do": "quote"}
    with transaction() as db:
        db.query(Price).delete()
    answer = post_form(home.browser, url(contract), **form)
    assert "We have no price for this yet" in answer.text
    assert quotes(contract) == []


def test_an_approver_sees_the_price_but_cannot_hold_it(home: Home) -> None:
    contract = home.contract()
    browser = home.member(CompanyRole.APPROVER)
    page = read(browser.get(url(contract)))
    assert page.action("get-quote") is None
    form = {"term_months": "12", "seats": "20"}
    assert post_form(browser, url(contract), **form, do="reprice").status_code == 303
    assert post_form(browser, url(contract), **form, do="quote").status_code == 403


def test_nobody_holds_a_price_for_another_company(home: Home) -> None:
    with transaction() as db:
        foreign = factories.contract(db, factories.company(db, "Other"))
    form = {"term_months": "12", "seats": "20", "do": "quote"}
    assert post_form(home.browser, url(foreign), **form).status_code == 404


@pytest.mark.parametrize("currency", ["JPY", "KWD", "USD"])
def test_other_currencies_keep_their_decimals(home: Home, currency: str) -> None:
    contract = home.contract(currency=currency)
    page = read(home.browser.get(url(contract)))
    expected = {"JPY": 400_000, "KWD": 860_000, "USD": 280_000}[currency]
    assert page.fact("quote-total", attr="data-minor") == str(expected)


def test_what_each_year_costs_and_what_comes(home: Home) -> None:
    """A term of several years is told year by year; a price that is in the book, before it begins."""
    contract = home.contract()
    with transaction() as db:
        pricing.add_price(
            db, product_code="insight", currency="CNY", unit_minor=120_000, valid_from=date(2027, 1, 1),
            book="2027", instead=True, by="person:1", at=NOW,
        )  # fmt: skip
    one = home.browser.get(url(contract) + "?term_months=12&seats=20").text
    assert "Year by year" not in one
    assert "From 1 January 2027 on, this would be CN¥24,000.00." in one
    three = home.browser.get(url(contract) + "?term_months=36&seats=20").text
    assert "Year by year" in three
    years = three.partition("Year by year")[2].partition("</details>")[0]
    assert years.count("CN¥17,200.00") == 3
    assert "13 Dec 2026 to 12 Dec 2027" in years
