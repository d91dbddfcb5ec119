"""Offers: when one fits, which of several is taken, and what the price then says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.pricing import rules
from portal.pricing.rules import Occasion, PromotionKind, PromotionRow
from tests.portal.pricing.make import ON, Term, book, contract

ENDS = date(2026, 12, 12)  # 20 days after ON
SINCE = date(2023, 12, 13)  # three whole years at ENDS
NAMES = {"en": "Autumn", "zh_Hans_CN": "秋季优惠"}
EARLY = PromotionRow(1, PromotionKind.EARLY, NAMES, 300, 20, None, date(2026, 9, 1), date(2026, 12, 1))
LONG = PromotionRow(2, PromotionKind.MULTI_YEAR, NAMES, 1000, 24, None, date(2026, 9, 1), None)
LOYAL = PromotionRow(3, PromotionKind.LOYALTY, NAMES, 500, 3, None, date(2026, 9, 1), None)
CODE = PromotionRow(5, PromotionKind.COUPON, NAMES, 1000, 1, None, date(2026, 9, 1), None, code="SPRING26")
BACK = PromotionRow(4, PromotionKind.WIN_BACK, NAMES, 1500, 60, None, date(2026, 9, 1), None)


def offer(*rows: PromotionRow, months: int = 24, on: date = ON) -> rules.Offer:
    given = replace(book(), promotions=rows)
    return rules.offer(given, contract(("insight", 20, 99_000)), months, None, on)


def codes(of: rules.Offer) -> list[str]:
    return [step["code"] for step in of.document["steps"]]


@pytest.mark.parametrize(
    ("row", "on", "months", "fit"),
    [
        (EARLY, date(2026, 11, 22), 12, True),  # exactly 20 days before the end
        (EARLY, date(2026, 11, 23), 12, False),
        (EARLY, date(2026, 9, 1), 12, True),
        (EARLY, date(2026, 8, 31), 12, False),
        (replace(EARLY, least=1), date(2026, 11, 30), 12, True),
        (replace(EARLY, least=1), date(2026, 12, 1), 12, False),  # the first day without it
        (replace(EARLY, least=1, valid_to=None), date(2026, 12, 11), 12, True),
        (replace(EARLY, least=1, valid_to=None), date(2026, 12, 12), 12, False),
        (replace(EARLY, least=1, valid_to=None), date(2027, 3, 1), 12, False),  # after the end nothing is early
        (LONG, ON, 23, False),
        (LONG, ON, 24, True),
        (LONG, ON, 36, True),
        (replace(LOYAL, least=2), ON, 12, True),  # two years and eleven months
        (LOYAL, ON, 12, False),
        (LOYAL, date(2026, 12, 12), 12, False),
        (LOYAL, date(2026, 12, 13), 12, True),  # the day after the third year
        (LOYAL, date(2027, 1, 11), 12, True),  # the last day of grace
        (replace(LOYAL, least=4), date(2027, 1, 11), 12, False),
        (LOYAL, date(2027, 1, 12), 12, False),  # who lapsed has not stayed
        (BACK, ON, 12, False),
        (replace(BACK, least=1), date(2027, 1, 11), 12, False),  # in grace nobody has left
        (replace(BACK, least=1), date(2027, 1, 12), 12, True),
        (BACK, date(2027, 2, 9), 12, False),
        (BACK, date(2027, 2, 10), 12, True),  # 60 days after the end
        (CODE, ON, 12, True),
        (CODE, date(2027, 3, 1), 12, True),
        (replace(CODE, used_up=True), ON, 12, False),
        (replace(CODE, valid_to=ON), ON, 12, False),
        (replace(LONG, used_up=True), ON, 36, False),
        (replace(LONG, product_code="insight"), ON, 24, True),
        (replace(LONG, product_code="backup"), ON, 24, False),
    ],
)
def test_when_an_offer_fits(row: PromotionRow, on: date, months: int, fit: bool) -> None:
    assert rules.fits(row, "insight", "CNY", Occasion(months, ENDS, on, SINCE)) is fit


def test_the_better_of_book_and_offer_for_the_term_then_the_early_one() -> None:
    """20 seats × 1,050 × 2 years: 42,000, less 10 % (better than the book's 8 %), less 3 %."""
    found = offer(EARLY, LONG)
    assert codes(found) == ["list_price", "seats", "multi_year_offer", "early_offer"]
    assert [step["result_minor"] for step in found.document["steps"][2:]] == [3_780_000, 3_666_600]
    assert found.promotions == {1, 2}


@pytest.mark.parametrize(
    ("since", "until", "years"),
    [
        (date(2024, 2, 29), date(2025, 2, 28), 0),
        (date(2024, 2, 29), date(2025, 3, 1), 1),
        (date(2024, 2, 29), date(2028, 2, 29), 4),
        (date(2023, 12, 13), date(2026, 12, 12), 2),
        (date(2023, 12, 13), date(2026, 12, 13), 3),
        (date(2026, 1, 1), date(2026, 1, 1), 0),
    ],
)
def test_years_are_counted_by_anniversaries(since: date, until: date, years: int) -> None:
    assert rules.whole_years(since, until) == years


def test_only_terms_without_a_gap_count_as_staying() -> None:
    def terms(*periods: tuple[date, date]) -> Any:
        return replace(contract(), terms=[Term(first, last, ()) for first, last in periods])

    def year(number: int) -> tuple[date, date]:
        return date(number, 1, 1), date(number, 12, 31)

    assert rules.running_since(terms(year(2025), year(2023), year(2024))) == date(2023, 1, 1)
    assert rules.running_since(terms(year(2025), year(2023))) == date(2025, 1, 1)
    assert rules.running_since(terms(year(2025))) == date(2025, 1, 1)


def test_loyalty_comes_after_term_and_early_and_only_the_better_of_its_group() -> None:
    """20 seats × 1,050 × 2 years: 42,000, less 8 %, less 3 %, less 5 %, each rounded."""
    found = offer(EARLY, replace(LOYAL, least=0), replace(LOYAL, id=9, least=0, basis_points=400))
    assert codes(found) == ["list_price", "seats", "term_discount", "early_offer", "loyalty_offer"]
    assert [step["result_minor"] for step in found.document["steps"][2:]] == [3_864_000, 3_748_080, 3_560_676]
    assert found.promotions == {1, 3}


def test_a_coupon_comes_last() -> None:
    """Domain guide, section 2: 42,000, less 8 %, less 3 %, and then the coupon, here 10 % of what is left."""
    found = offer(CODE, EARLY)
    assert codes(found) == ["list_price", "seats", "term_discount", "early_offer", "coupon_offer"]
    assert [step["result_minor"] for step in found.document["steps"][2:]] == [3_864_000, 3_748_080, 3_373_272]
    assert found.document["steps"][-1]["facts"]["code"] == "SPRING26"
    assert found.coupon
    assert not offer(EARLY).coupon


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("spring26", "SPRING26"),
        (" Spring-26 ", "SPRING26"),
        ("ＳＰＲＩＮＧ２６", "SPRING26"),
        ("abc", ""),
        ("A" * 24, "A" * 24),
        ("A" * 25, ""),
        ("春天优惠", ""),
        ("", ""),
        ("'; --", ""),
    ],
)
def test_a_code_is_one_however_it_is_spelled(typed: str, code: str) -> None:
    assert rules.normal_code(typed) == code


def test_an_offer_that_is_no_better_than_the_book_is_left_for_others() -> None:
    found = offer(replace(LONG, basis_points=800))
    assert codes(found) == ["list_price", "seats", "term_discount"]
    assert found.promotions == frozenset()


def test_of_two_offers_of_a_group_the_better_one() -> None:
    worse = replace(EARLY, id=7, basis_points=299)
    assert offer(worse, EARLY, months=12).promotions == {1}


def test_an_offer_for_one_product_leaves_the_others_alone() -> None:
    given = replace(
        book(prices=(("insight", 100_000, date(2026, 1, 1), None), ("backup", 50_000, date(2026, 1, 1), None))),
        promotions=(replace(EARLY, product_code="backup"),),
    )
    found = rules.offer(given, contract(("insight", 1, 90), ("backup", 1, 90)), 12, None, ON)
    assert [(step["line"], step["code"]) for step in found.document["steps"] if step["change_minor"]] == [
        (1, "early_offer")
    ]
    assert found.total.minor == 100_000 + 48_500


@pytest.mark.parametrize(
    ("row", "until"),
    [
        (EARLY, "2026-11-22"),  # its days before the end come sooner than its own end
        (replace(EARLY, least=5), "2026-11-30"),
        (replace(EARLY, valid_to=None), "2026-11-22"),
    ],
)
def test_the_step_says_until_when_the_early_price_can_be_had(row: PromotionRow, until: str) -> None:
    step = offer(row, months=12).document["steps"][-1]
    assert step["facts"] == {
        "promotion": 1, "names": NAMES, "basis_points": 300, "least": row.least, "until": until
    }  # fmt: skip


@given(
    st.lists(
        st.builds(
            PromotionRow,
            id=st.integers(1, 99),
            kind=st.sampled_from(PromotionKind),
            names=st.just(NAMES),
            basis_points=st.integers(1, 9_000),
            least=st.integers(1, 40),
            product_code=st.sampled_from([None, "insight", "backup"]),
            valid_from=st.dates(date(2026, 11, 1), date(2026, 12, 1)),
            valid_to=st.none() | st.dates(date(2026, 12, 2), date(2026, 12, 31)),
            used_up=st.booleans(),
        ),
        max_size=6,
        unique_by=lambda row: row.id,
    ),
    st.sampled_from([12, 24, 36]),
)
def test_offers_never_cost_more_and_their_order_does_not_matter(rows: list[PromotionRow], months: int) -> None:
    plain, taken = offer(months=months), offer(*rows, months=months)
    assert taken.total <= plain.total
    assert taken.document == offer(*reversed(rows), months=months).document
    discounts = [step for step in taken.document["steps"] if step["change_minor"]]
    assert len(discounts) <= len(rules.Group)
