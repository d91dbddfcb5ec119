"""The statement of account, page and paper, to the minor unit."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from payments.money import Money
from portal.accounts.models import CompanyRole, Person
from portal.checkout.actions import suspense
from portal.checkout.flows.ground import seller
from portal.documents import rules
from portal.documents.rules import Entry, EntryKind
from portal.kit.db import transaction
from tests import factories
from tests.conftest import NOW
from tests.portal.home.conftest import Home
from tests.portal.home.pages import read

YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def entry(on: date, kind: EntryKind, minor: int, currency: str = "CNY") -> Entry:
    return Entry(on, kind, "RNW-1", Money(minor, currency))


def test_opening_and_movements_make_closing_and_currencies_stay_apart() -> None:
    found = rules.statement(
        [
            entry(date(2027, 1, 1), EntryKind.CHARGE, 9),
            entry(date(2026, 3, 1), EntryKind.PAYMENT, 1_000),
            entry(date(2026, 3, 1), EntryKind.CHARGE, 1_000),
            entry(date(2025, 12, 31), EntryKind.CHARGE, 70),
            entry(date(2026, 4, 1), EntryKind.HELD, 5_000, "JPY"),
        ],
        *YEAR,
    )
    assert [(each.currency, each.opening.minor, each.closing.minor) for each in found] == [
        ("CNY", 70, 70),
        ("JPY", 0, -5_000),
    ]
    assert [each.kind for each in found[0].entries] == [EntryKind.CHARGE, EntryKind.PAYMENT]
    assert [each.minor for each in found[0].balances] == [1_070, 70]


@given(
    st.lists(
        st.builds(
            entry,
            st.dates(date(2025, 6, 1), date(2027, 6, 1)),
            st.sampled_from(EntryKind),
            st.integers(0, 10**12),
            st.sampled_from(["CNY", "USD", "JPY"]),
        )
    )
)
def test_years_join_without_loss(entries: list[Entry]) -> None:
    this = {each.currency: each.closing for each in rules.statement(entries, *YEAR)}
    following = rules.statement(entries, date(2027, 1, 1), date(2027, 12, 31))
    for account in following:
        assert account.opening == this.get(account.currency, Money(0, account.currency))
        moved = sum(each.change.minor for each in account.entries)
        assert account.opening.minor + moved == account.closing.minor


def text_of(data: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def test_a_paid_renewal_leaves_nothing_open(home: Home, statements: Callable[[], list[str]]) -> None:
    order = home.pay(home.contract())
    statements()
    answer = home.browser.get("/documents/statement")
    assert len(statements()) <= 7
    page = read(answer)
    assert page.fact("closing", attr="data-minor") == "0"
    for text in ("Statement of account 2026", f"Renewal, order {order.number}", "+36,800.00", "−36,800.00",
                 "Nothing is open", "Terms that were agreed elsewhere are not in it."):  # fmt: skip
        assert text in answer.text, text
    told = text_of(home.browser.get("/documents/statement.pdf").data)
    for text in ("Statement of account 2026", order.number, "+36,800.00", "−36,800.00"):
        assert text in told, text


@pytest.mark.parametrize(("currency", "figure"), [("USD", "2,800.00"), ("JPY", "400,000")])
def test_other_currencies(home: Home, currency: str, figure: str) -> None:
    home.pay(home.contract(currency=currency), 12)
    assert figure in home.browser.get("/documents/statement").text


def test_money_that_renews_nothing_is_held_for_the_customer(home: Home) -> None:
    order = home.place(home.contract())
    collected = home.gateway.newest
    collected.amount += 100
    home.gateway.pay(collected.id)
    home.browser.get(f"/orders/{order.number}/return")
    answer = home.browser.get("/documents/statement")
    assert "we hold it for you" in answer.text
    assert "We hold CN¥36,801.00 for you" in answer.text
    assert read(answer).fact("closing", attr="data-minor") == "-3680100"


def test_money_that_was_assigned_is_the_payment_of_the_order_that_it_pays(home: Home) -> None:
    """It came for one order, which could not take it, and pays another."""
    first = home.place(home.contract(), 12)
    collected = home.gateway.newest
    collected.amount = 3_680_000
    home.gateway.pay(collected.id)
    home.browser.get(f"/orders/{first.number}/return")
    second = home.place(home.contract(), 24)
    with transaction() as db:
        suspense.assign(db, f"stripe:{collected.charge_id}", second.number, seller(), "person:1", NOW)
    answer = home.browser.get("/documents/statement")
    assert f"Payment for order {second.number}" in answer.text
    assert "we hold it for you" not in answer.text
    assert read(answer).fact("closing", attr="data-minor") == "0"


def test_an_empty_year_and_what_is_not_ours(home: Home) -> None:
    home.pay(home.contract())
    assert "Nothing was renewed or paid here." in home.browser.get("/documents/statement?year=2020").text
    with transaction() as db:
        other = factories.company(db, "Other")
    answer = home.browser.get(f"/documents/statement?company={other.id}&year=1066")
    assert answer.status_code == 200
    assert answer.text.count("left it out") == 2
    assert "Other" not in read(answer).heading
    assert home.browser.get(f"/documents/statement.pdf?company={other.id}").status_code == 404
    assert home.member(CompanyRole.VIEWER).get("/documents/statement").status_code == 403
    stranger = home.browse(home_stranger())
    assert "36,800" not in stranger.get("/documents/statement").text


def home_stranger() -> Person:
    with transaction() as db:
        return factories.member(db, factories.company(db, "Stranger"), created_at=NOW)
