"""The sealed quote: check, invoice details, accept; and what becomes of one that no longer holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from portal.accounts.models import Company, CompanyRole
from portal.contracts import queries as contracts
from portal.home.rules import TERMS_VERSION
from portal.kit.db import reading, transaction
from portal.orders.models import OrderState
from portal.pricing.models import Price, Quote
from tests import factories
from tests.conftest import NOW
from tests.portal.home.conftest import Home
from tests.portal.home.pages import read
from tests.web import post_form

GOOD = {
    "invoice_title": "极光科技（上海）有限公司",
    "tax_id": "91110000600037341l",
    "invoice_address": "1 Road\nShanghai",
}


def details(home: Home) -> dict[str, str]:
    with reading() as db:
        return dict(db.get_one(Company, home.company.id).invoice_details)


def test_the_quote_says_everything_before_paying(home: Home, statements: Callable[[], list[str]]) -> None:
    contract = home.contract()
    url = home.quote(contract)
    statements()
    answer = home.browser.get(url)
    assert len(statements()) <= 6
    page = read(answer)
    assert page.fact("quote-total", attr="data-minor") == "3680000"
    assert page.fact("quote-total", attr="data-currency") == "CNY"
    assert page.fact("quote-id") == url.removeprefix("/quotes/")
    for text in ("Pay CN¥36,800.00", "13 December 2026 to 12 December 2028, 24 months",
                 "Held until 22 December 2026",
                 "No. We will ask you again before 12 December 2028.",
                 "nothing is charged before you confirm"):  # fmt: skip
        assert text in answer.text
    change = page.action("change-quote")
    assert change is not None
    assert change["href"].endswith("/renew?term_months=24&seats=20")
    assert page.action("accept-quote") is not None
    assert answer.text.count("btn-primary") == 1


def test_three_screens_lead_to_the_provider(home: Home) -> None:
    contract = home.contract()
    url = home.quote(contract)
    answer = post_form(home.browser, url, **GOOD, po_number=" PO-1 ")
    assert answer.status_code == 303
    assert answer.location == home.gateway.newest.url
    order = home.order(contract)
    assert order.state is OrderState.AWAITING_PAYMENT
    assert (order.po_number, order.terms_version) == ("PO-1", TERMS_VERSION)
    assert order.placed_email == "owner@aurora.example"
    page = home.browser.get(f"/orders/{order.number}").text  # whoever comes back to pay reads why
    assert all(text in page for text in ("Why this price", "20 seats × 2 years", "24-month term, −8%"))
    assert order.invoice_details == details(home)
    assert details(home) == {
        "title": "极光科技（上海）有限公司",
        "tax_id": "91110000600037341L",
        "address": "1 Road\nShanghai",
    }


def test_invoice_details_are_asked_once(home: Home) -> None:
    first, second = home.contract(), home.contract()
    asked = home.browser.get(home.quote(first))
    assert "<details" not in asked.text.split("<main")[1]
    post_form(home.browser, home.quote(first), **GOOD)
    kept = home.browser.get(home.quote(second))
    assert "极光科技（上海）有限公司" in kept.text
    assert "91110000600037341L" in kept.text
    assert "Change the invoice details" in kept.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"invoice_title": " "}, "Type the name that the invoice shall carry"),
        ({"tax_id": "91110000600037341"}, "The tax number has 17 characters; it needs 18"),
        ({"tax_id": "91110000600037341A"}, "cannot be right"),
        ({"po_number": "x" * 61}, "Use at most 60 characters"),
        ({"invoice_title": "x" * 201}, "Use at most 200 characters"),
    ],
)
def test_bad_details_are_told_and_kept(home: Home, typed: dict[str, str], sentence: str) -> None:
    contract = home.contract()
    answer = post_form(home.browser, home.quote(contract), **(GOOD | typed))
    assert answer.status_code == 422
    assert read(answer).title.startswith("Error: ")
    assert sentence in answer.text
    assert "Nothing was ordered or charged." in answer.text
    assert "1 Road" in answer.text
    assert details(home) == {}
    assert home.gateway.calls == []


def test_accepting_twice_is_one_order_and_one_page(home: Home) -> None:
    contract = home.contract()
    url = home.quote(contract)
    first, second = post_form(home.browser, url, **GOOD), post_form(home.browser, url, **GOOD)
    assert first.location == second.location
    assert len(home.gateway.sessions) == 1
    assert home.browser.get(url).location == f"/orders/{home.order(contract).number}"


def test_a_second_quote_finds_the_open_order(home: Home) -> None:
    contract = home.contract()
    one, two = home.quote(contract, 12), home.quote(contract, 36)
    post_form(home.browser, one, **GOOD)
    order = home.order(contract)
    answer = post_form(home.browser, two, **GOOD)
    assert answer.location == f"/orders/{order.number}"
    assert "Nothing was ordered twice" in home.browser.get(answer.location).text
    assert home.order(contract).id == order.id


def test_an_unreachable_provider_leaves_the_order_and_says_so(home: Home) -> None:
    contract = home.contract()
    home.gateway.go_down(times=9)
    answer = post_form(home.browser, home.quote(contract), **GOOD)
    order = home.order(contract)
    assert answer.location == f"/orders/{order.number}"
    page = home.browser.get(answer.location)
    assert "We cannot reach Stripe. No payment was started" in page.text
    assert read(page).action("pay") is not None


def test_a_refusing_provider_is_told_apart(home: Home) -> None:
    contract = home.contract()
    url = home.quote(contract)
    home.gateway.refuse("amount_too_large")
    answer = post_form(home.browser, url, **GOOD)
    assert "Stripe cannot take this amount. No payment was started" in home.browser.get(answer.location).text


def test_an_expired_quote_shows_todays_price_and_never_takes_it_silently(home: Home) -> None:
    contract = home.contract()
    url = home.quote(contract)
    with transaction() as db:
        db.query(Price).filter(Price.product_code == "insight", Price.currency == "CNY").update(
            {"unit_minor": 110_000}
        )
    with time_machine.travel(NOW + timedelta(days=31), tick=False):
        factories.sign_in(home.browser, home.owner, NOW + timedelta(days=31))
        answer = home.browser.get(url)
        page = read(answer)
        assert page.heading == "This price no longer holds"
        assert "held until 22 December 2026" in answer.text
        assert "+CN¥3,680.00" in answer.text
        assert page.fact("quote-total", attr="data-minor") == "4048000"
        assert page.action("reprice") is not None
        assert page.action("accept-quote") is None
        refused = post_form(home.browser, url, **GOOD)
        assert refused.location == url
        assert "Nothing was ordered" in home.browser.get(url).text
        new = post_form(home.browser, url + "/reprice")
        assert new.status_code == 303
        assert new.location != url
        assert read(home.browser.get(new.location)).fact("quote-total", attr="data-minor") == "4048000"
    assert home.gateway.calls == []


def test_a_changed_contract_outdates_the_quote(home: Home) -> None:
    contract = home.contract()
    url = home.quote(contract)
    with transaction() as db:
        contracts.lock(db, contract.id).rev += 1
    answer = home.browser.get(url)
    assert (
        "The contract, or what was agreed about its price, changed after this price was worked out" in answer.text
    )
    assert post_form(home.browser, url, **GOOD).location == url


def test_a_quote_for_other_lines_is_worked_out_for_those_there_are(home: Home) -> None:
    contract = home.contract()
    url = home.quote(contract)
    with transaction() as db:
        again = contracts.lock(db, contract.id)
        factories.term(
            db, again, contract.ends_on + timedelta(days=1), contract.ends_on + timedelta(days=20), 12,
            (("insight", 20, 100_000), ("backup", 5, 100_000)),
        )  # fmt: skip
        again.rev += 1
    with time_machine.travel(NOW + timedelta(days=22), tick=False):
        factories.sign_in(home.browser, home.owner, NOW + timedelta(days=22))
        new = post_form(home.browser, url + "/reprice")
        assert new.location.startswith("/quotes/")
        assert "Cloud Backup, Team" in home.browser.get(new.location).text


def test_nothing_to_offer_today_is_said(home: Home) -> None:
    contract = home.contract()
    url = home.quote(contract)
    with transaction() as db:
        db.query(Price).delete()
        contracts.lock(db, contract.id).rev += 1
    assert "There is no price for the same choice today." in home.browser.get(url).text
    assert post_form(home.browser, url + "/reprice").location == f"/contracts/{contract.number}/renew"


def test_a_quote_of_a_renewed_contract_leads_on(home: Home) -> None:
    contract = home.contract()
    other = home.quote(contract, 12)
    home.pay(contract, 24)
    answer = home.browser.get(other)
    assert read(answer).heading == "This contract is already renewed until 12 December 2028"
    assert read(answer).action("accept-quote") is None


def test_a_declined_contract_cannot_be_ordered(home: Home) -> None:
    contract = home.contract()
    url = home.quote(contract)
    post_form(home.browser, f"/contracts/{contract.number}/decline")
    answer = post_form(home.browser, url, **GOOD)
    assert answer.status_code == 303
    assert home.gateway.calls == []


def test_after_cancelling_a_new_price_can_be_held_the_same_day(home: Home) -> None:
    contract = home.contract()
    order = home.place(contract)
    post_form(home.browser, f"/orders/{order.number}/cancel")
    assert home.order(contract).state is OrderState.CANCELLED
    again = home.place(contract)
    assert again.number != order.number
    assert again.state is OrderState.AWAITING_PAYMENT


def test_a_renewer_places_and_somebody_else_pays(home: Home) -> None:
    contract = home.contract()
    browser = home.member(CompanyRole.RENEWER)
    url = home.quote(contract)
    page = browser.get(url)
    assert "Place the order" in page.text
    assert 'name="invoice_title"' not in page.text
    answer = post_form(browser, url, invoice_title="Stolen Ltd")
    assert answer.location == f"/orders/{home.order(contract).number}"
    assert details(home) == {}
    shown = browser.get(answer.location)
    assert "Somebody of your company who may pay" in shown.text
    assert read(shown).action("pay") is None
    assert home.gateway.calls == []


def test_a_payer_sees_the_quote_but_does_not_accept_it(home: Home) -> None:
    url = home.quote(home.contract())
    payer = home.member(CompanyRole.PAYER)
    assert read(payer.get(url)).action("accept-quote") is None
    assert post_form(payer, url, **GOOD).status_code == 403


def test_another_companys_quote_does_not_exist(home: Home) -> None:
    url = home.quote(home.contract())
    with transaction() as db:
        stranger = factories.member(db, factories.company(db, "Other"))
    browser = home.browse(stranger)
    assert browser.get(url).status_code == 404
    assert post_form(browser, url, **GOOD).status_code == 404
    assert post_form(browser, url + "/reprice").status_code == 404
    assert home.browser.get("/quotes/Q-0000-000000").status_code == 404


def test_signed_out_while_accepting_leads_back_to_the_quote(home: Home) -> None:
    url = home.quote(home.contract())
    stranger = home.app.test_client()
    with stranger.session_transaction():
        pass
    answer = post_form(stranger, url, **GOOD)
    assert answer.status_code == 302
    assert "sign-in" in answer.location
    with reading() as db:
        assert db.get_one(Quote, url.removeprefix("/quotes/")).voided_at is None
