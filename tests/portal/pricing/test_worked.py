"""Every worked number of the domain guide, section 2, reached by the product's own rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from payments.money import Money
from portal.contracts.rules import expiry
from portal.pricing import rules
from portal.pricing.rules import IndexRow, Method, Pick, PromotionKind, PromotionRow, RenewalRow
from tests.portal.pricing.make import ON, book, contract

CPI_3_2 = IndexRow("CPI", date(2026, 6, 1), 320)
# The lesser of the index and two points, and of five per cent.
LESSER = RenewalRow(None, Method.UPLIFT, rate=500, series="CPI", points=200, month=6, pick=Pick.LESSER)


def coupon(**given: Any) -> PromotionRow:
    facts: dict[str, Any] = {"basis_points": 0, "amount_minor": 50_000, "currency": "CNY"}
    return PromotionRow(
        id=9, kind=PromotionKind.COUPON, names={"en": "Fair"}, least=1, product_code=None,
        valid_from=date(2026, 1, 1), valid_to=None, code="FAIR26", **(facts | given),
    )  # fmt: skip


def early(basis_points: int = 300) -> PromotionRow:
    return PromotionRow(1, PromotionKind.EARLY, {"en": "Early"}, basis_points, 10, None, date(2026, 1, 1), None)


def test_last_1000_list_1150_cpi_and_two_points_but_five_per_cent_at_most() -> None:
    given = replace(
        book(prices=[("insight", 115_000, date(2026, 1, 1), None)]), renewals=(LESSER,), indexes=(CPI_3_2,)
    )
    found = rules.offer(given, contract(("insight", 1, 100_000)), 12, None, ON)
    assert found.total == Money(105_000, "CNY")
    assert [step.code for step in found.priced.steps] == ["last_price", "uplift", "seats"]


def test_twenty_seats_two_years_eight_three_and_five_hundred_off() -> None:
    given = replace(book(), promotions=(early(), coupon()))
    found = rules.offer(given, contract(("insight", 20, 100_000)), 24, None, ON)
    assert [step.result_minor for step in found.priced.steps] == [
        105_000, 4_200_000, 3_864_000, 3_748_080, 3_698_080,
    ]  # fmt: skip
    assert (found.total.minor, found.net.minor, found.tax.minor) == (3_698_080, 3_488_755, 209_325)


def test_three_lines_of_33_33_per_line_wins() -> None:
    codes = ("insight", "backup", "field")
    given = book(prices=[(code, 3_333, date(2026, 1, 1), None) for code in codes])
    found = rules.offer(given, contract(*((code, 1, 3_333) for code in codes)), 12, None, ON)
    assert [line.tax_minor for line in found.priced.lines] == [189, 189, 189]
    assert found.tax.minor == 567
    assert rules.offer(
        book(prices=[("insight", 9_999, date(2026, 1, 1), None)]), contract(("insight", 1, 1)), 12, None, ON
    ).tax.minor == 566  # fmt: skip


def test_17_50_at_seven_per_cent_is_half_up() -> None:
    given = book(prices=[("insight", 1_750, date(2026, 1, 1), None)], taxes=[(None, rules.Tax("vat", 700, False))])
    assert rules.offer(given, contract(("insight", 1, 1)), 12, None, ON).tax.minor == 123


def test_a_hundred_off_three_lines_of_a_hundred() -> None:
    codes = ("insight", "backup", "field")
    given = replace(
        book(prices=[(code, 10_000, date(2026, 1, 1), None) for code in codes]),
        promotions=(coupon(amount_minor=10_000),),
    )
    found = rules.offer(given, contract(*((code, 1, 10_000) for code in codes)), 12, None, ON)
    assert [-step.change_minor for step in found.priced.steps if step.code == "coupon_offer"] == [
        3_334, 3_333, 3_333,
    ]  # fmt: skip
    assert found.total.minor == 20_000


def test_five_seats_more_in_may() -> None:
    whole = Money(5 * 105_000, "CNY")
    term = date(2026, 1, 15), date(2027, 1, 14)
    assert rules.prorated(whole, *term, since=date(2026, 5, 10)) == Money(359_589, "CNY")


def test_ending_together_in_november() -> None:
    assert rules.until(Money(7_300_000, "CNY"), date(2026, 7, 1), date(2026, 11, 15)) == Money(2_760_000, "CNY")


def test_a_leap_term() -> None:
    whole = Money(366_000, "CNY")
    assert rules.prorated(whole, date(2028, 1, 1), date(2028, 12, 31), date(2028, 3, 1)) == Money(306_000, "CNY")


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        ("Asia/Shanghai", "2026-03-31T16:00:00+00:00"),
        ("Europe/London", "2026-03-31T23:00:00+00:00"),
        ("America/Los_Angeles", "2026-04-01T07:00:00+00:00"),
    ],
)
def test_a_term_is_over_at_the_next_midnight_of_its_place(zone: str, instant: str) -> None:
    assert expiry(date(2026, 3, 31), zone).isoformat() == instant
