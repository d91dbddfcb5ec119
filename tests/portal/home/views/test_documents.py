"""Receipts: the list, and one to read and print."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest

from portal.accounts.models import Company, CompanyRole
from portal.home.views import documents
from portal.kit.db import transaction
from tests import factories
from tests.portal.home.conftest import Home
from tests.portal.home.pages import read


def test_before_the_first_renewal_it_says_what_will_be_here(home: Home) -> None:
    answer = home.browser.get("/documents")
    assert read(answer).heading == "No documents yet"
    assert "minutes after you renew" in answer.text


def test_receipts_stand_newest_first(home: Home, statements: Callable[[], list[str]]) -> None:
    first, second = home.pay(home.contract()), home.pay(home.contract(), 12)
    statements()
    answer = home.browser.get("/documents")
    assert len(statements()) <= 6
    page = read(answer)
    assert page.heading == "Your documents"
    # the clock stands still here: of one instant, receipts come before quotes
    assert page.rows == [
        f"order:{second.number}", f"order:{first.number}", f"quote:{second.quote_id}", f"quote:{first.quote_id}"
    ]  # fmt: skip
    assert "36,800.00" in answer.text
    assert f"/orders/{first.number}/receipt" in answer.text


def test_a_receipt_names_seller_buyer_lines_tax_and_method(
    home: Home, statements: Callable[[], list[str]]
) -> None:
    order = home.pay(home.contract())
    statements()
    answer = home.browser.get(f"/orders/{order.number}/receipt")
    assert len(statements()) <= 6
    page = read(answer)
    assert page.fact("receipt-number") in page.heading
    assert page.fact("quote-total", attr="data-minor") == "3680000"
    for text in ("Tidewell", "1 Harbour Road, Shanghai", "Tax number 91110000600037341L", "Aurora Ltd", "VAT, 6%",
                 "34,716.98", "2,083.02", "CN¥36,800.00", "Visa ending 4242", "CN¥920.00 × 20 seats × 2 years",
                 "Tax rate", "Amount incl. VAT",
                 "Paid in full on 22 November 2026", "13 December 2026 to 12 December 2028"):  # fmt: skip
        assert text in answer.text, text


def test_a_receipt_does_not_change_with_the_company(home: Home) -> None:
    order = home.pay(home.contract())
    with transaction() as db:
        db.get_one(Company, home.company.id).invoice_details = {"title": "Renamed Ltd"}
    assert "Aurora Ltd" in home.browser.get(f"/orders/{order.number}/receipt").text


def test_there_is_no_receipt_before_the_money(home: Home) -> None:
    order = home.place(home.contract())
    assert home.browser.get(f"/orders/{order.number}/receipt").status_code == 404
    assert home.browser.get("/orders/RNW-0000-000000/receipt").status_code == 404


def test_tax_free_receipts_say_so(home: Home) -> None:
    with transaction() as db:
        company = factories.company(db, "Harbor Freight Systems", country="US")
    home.browser = home.member(CompanyRole.OWNER, of=company)
    order = home.pay(home.contract(of=company, currency="USD"), 12)
    answer = home.browser.get(f"/orders/{order.number}/receipt")
    assert "No tax is charged." in answer.text
    assert "$2,800.00" in answer.text


def test_only_those_who_see_prices(home: Home) -> None:
    home.pay(home.contract())
    assert home.member(CompanyRole.VIEWER).get("/documents").status_code == 403
    with transaction() as db:
        stranger = factories.member(db, factories.company(db, "Other"))
    assert read(home.browse(stranger).get("/documents")).rows == []


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("", ["order", "quote"]),
        ("?kind=receipt", ["order"]),
        ("?kind=quote", ["quote"]),
        ("?year=2026", ["order", "quote"]),
        ("?year=2025", []),
        ("?kind=invoice&colour=red", ["order", "quote"]),
    ],
)
def test_filters_and_gone_bookmarks(home: Home, query: str, kinds: list[str]) -> None:
    home.pay(home.contract())
    answer = home.browser.get(f"/documents{query}")
    assert [row.partition(":")[0] for row in read(answer).rows] == kinds
    assert ("No document matches" in answer.text) is (not kinds)
    assert answer.text.count("left it out") == (2 if "invoice" in query else 0)


def test_a_held_quote_stands_there_before_it_is_accepted(home: Home) -> None:
    url = home.quote(home.contract())
    answer = home.browser.get("/documents")
    assert read(answer).rows == [f"quote:{url.rpartition('/')[2]}"]
    assert "Price held" in answer.text
    assert f"{url}/quote.pdf" in answer.text


def test_pages_meet(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "PAGE_ROWS", 2)
    for _each in range(3):
        home.pay(home.contract())
    seen, url = [], "/documents"
    while url:
        answer = home.browser.get(url)
        seen += read(answer).rows
        older = re.search(r'href="([^"]*older=[^"]*)"', answer.text)
        url = unescape(older[1]) if older else ""
    assert len(seen) == len(set(seen)) == 6


def test_a_page_beyond_the_end_does_not_say_that_there_is_nothing(home: Home) -> None:
    home.pay(home.contract())
    text = home.browser.get("/documents?older=20200101T000000.000000Z-1").text
    assert "No documents yet" not in text
    assert "All documents" in text
