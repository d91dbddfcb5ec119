"""Which row of the book holds, and what is offered from it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.pricing import rules
from portal.pricing.errors import PriceUnavailable, SeatsMissing, UnknownTerm
from tests.portal.pricing.make import INCLUSIVE_6, ON, book, contract

JANUARY, JULY, AUGUST = date(2026, 1, 1), date(2026, 7, 1), date(2026, 8, 1)
TWO_PRICES = (("insight", 100_000, JANUARY, JULY), ("insight", 105_000, JULY, None))


@pytest.mark.parametrize(
    ("on", "unit"),
    [
        (JANUARY, 100_000),
        (date(2026, 6, 30), 100_000),
        (JULY, 105_000),
        (date(2030, 1, 1), 105_000),
    ],
)
def test_the_quote_date_picks_the_price(on: date, unit: int) -> None:
    offer = rules.offer(book(TWO_PRICES), contract(("insight", 20, 99_000)), 12, None, on)
    assert offer.document["lines"][0]["unit_minor"] == unit


@pytest.mark.parametrize("on", [date(2025, 12, 31), JULY, date(2026, 7, 31)])
def test_a_gap_is_no_price_and_never_zero(on: date) -> None:
    gap = (("insight", 100_000, JANUARY, JULY), ("insight", 105_000, AUGUST, None))
    with pytest.raises(PriceUnavailable) as refused:
        rules.offer(
            rules.Book("CNY", book(gap).prices, (rules.DiscountRow(12, 0, "b", date(2020, 1, 1), None),), ()),
            contract(("insight", 20, 99_000)), 12, None, on,
        )  # fmt: skip
    assert refused.value.facts == {
        "product_code": "insight", "currency": "CNY", "on": on.isoformat(), "what": "price"
    }  # fmt: skip


def test_no_tax_rate_is_no_price() -> None:
    with pytest.raises(PriceUnavailable) as refused:
        rules.offers(book(taxes=()), contract(("insight", 20, 99_000)), None, ON)
    assert refused.value.facts["what"] == "tax"


def test_no_term_on_sale_is_no_price() -> None:
    with pytest.raises(PriceUnavailable) as refused:
        rules.offers(book(discounts=()), contract(("insight", 20, 99_000)), None, ON)
    assert refused.value.facts["what"] == "term"


def test_a_products_own_tax_beats_the_countrys() -> None:
    software = rules.Tax("vat", 1300, True)
    found = rules.offers(
        book(
            prices=(("insight", 100, JANUARY, None), ("backup", 100, JANUARY, None)),
            taxes=((None, INCLUSIVE_6), ("backup", software)),
        ),
        contract(("insight", 1, 90), ("backup", 1, 90)), None, ON,
    )  # fmt: skip
    assert [each["tax_bp"] for each in found[0].document["lines"]] == [600, 1300]


def test_offers_for_each_term_length_shortest_first() -> None:
    found = rules.offers(book(), contract(("insight", 20, 100_000)), None, ON)
    assert [(each.months, each.total.minor) for each in found] == [
        (12, 2_100_000),
        (24, 3_864_000),
        (36, 5_418_000),
    ]
    assert {each.seats for each in found} == {20}
    assert found[1].net + found[1].tax == found[1].total
    assert found[1].currency == "CNY"


def test_offers_for_other_seats() -> None:
    found = rules.offers(book(), contract(("insight", 20, 100_000)), [25], ON)
    assert found[0].total.minor == 2_625_000
    with pytest.raises(SeatsMissing):
        rules.offers(book(), contract(("insight", 20, 100_000)), [25, 1], ON)


def test_a_term_length_without_a_row_is_not_on_sale() -> None:
    with pytest.raises(UnknownTerm) as refused:
        rules.offer(book(), contract(("insight", 20, 100_000)), 18, None, ON)
    assert refused.value.facts == {"months": 18, "on": "2026-11-22"}


DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 20))
PERIODS = st.tuples(DAYS, st.none() | DAYS).filter(lambda p: p[1] is None or p[0] < p[1])


@given(st.lists(PERIODS, max_size=6), PERIODS)
def test_overlap_finds_exactly_the_shared_days(
    kept: list[tuple[date, date | None]], new: tuple[date, date | None]
) -> None:
    rows = [rules.PriceRow("insight", 1, "b", start, end) for start, end in kept]
    mine = [rules.PriceRow("insight", 1, "b", *new)]
    days = [date(2026, 1, day) for day in range(1, 31)]
    shares_a_day = any(rules.in_force(rows, day) and rules.in_force(mine, day) for day in days)
    assert (rules.overlap(rows, *new) is not None) == shares_a_day
