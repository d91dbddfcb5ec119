"""Prices that a contract keeps: the same, with an uplift, by an index; floors, fixed amounts, special prices, no
tax."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.pricing import rules
from portal.pricing.errors import NothingToPay, PriceUnavailable
from portal.pricing.rules import (
    BaseKind,
    ExemptReason,
    ExemptRow,
    IndexRow,
    Method,
    Pick,
    PriceRow,
    PromotionKind,
    PromotionRow,
    RenewalRow,
    SpecialRow,
)
from tests.portal.pricing.make import ON, book, contract

JUNE = IndexRow("CPI", date(2026, 6, 1), 320)
SINCE = date(2026, 1, 1)


def codes(found: rules.Offer) -> list[str]:
    return [step.code for step in found.priced.steps]


def offer(agreed: RenewalRow, *indexes: IndexRow, months: int = 12, **changes: Any) -> rules.Offer:
    table = replace(book(), renewals=(agreed,), indexes=indexes, **changes)
    return rules.offer(table, contract(("insight", 20, 100_000)), months, None, ON)


def test_the_same_price_whatever_the_book_says() -> None:
    found = offer(RenewalRow(None, Method.SAME))
    assert (found.total.minor, codes(found)) == (2_000_000, ["last_price", "seats"])
    assert found.priced.steps[0].facts["valid_from"] == "2025-12-13"
    assert found.document["lines"][0]["unit_minor"] == 100_000
    # a gap in the book does not matter to it
    assert offer(RenewalRow(None, Method.SAME), prices=()).total.minor == 2_000_000


def test_longer_terms_and_offers_come_after_it() -> None:
    found = offer(RenewalRow(None, Method.UPLIFT, rate=300), months=24)
    assert codes(found) == ["last_price", "uplift", "seats", "term_discount"]
    assert found.total.minor == 3_790_400  # 1,030.00 × 20 × 2 − 8 %
    assert found.document["lines"][0]["unit_minor"] == 103_000


@pytest.mark.parametrize(
    ("agreed", "points"),
    [
        (RenewalRow(None, Method.UPLIFT, rate=0), 0),
        (RenewalRow(None, Method.UPLIFT, rate=250), 250),
        (RenewalRow(None, Method.UPLIFT, series="CPI"), 320),
        (RenewalRow(None, Method.UPLIFT, series="CPI", points=200), 520),
        (RenewalRow(None, Method.UPLIFT, series="CPI", points=-400), 0),  # never less than nothing
        (RenewalRow(None, Method.UPLIFT, rate=500, series="CPI", points=200, pick=Pick.LESSER), 500),
        (RenewalRow(None, Method.UPLIFT, rate=500, series="CPI", pick=Pick.LESSER), 320),
        (RenewalRow(None, Method.UPLIFT, rate=500, series="CPI", pick=Pick.GREATER), 500),
        (RenewalRow(None, Method.UPLIFT, rate=300, series="CPI", pick=Pick.GREATER), 320),
        (RenewalRow(None, Method.UPLIFT, rate=900, series="CPI", pick=Pick.GREATER, cap=800), 800),
        (RenewalRow(None, Method.UPLIFT, rate=700, cap=800), 700),
        (RenewalRow(None, Method.UPLIFT, rate=700, cap=0), 0),
    ],
)
def test_which_rate_counts(agreed: RenewalRow, points: int) -> None:
    assert rules.uplift(agreed, [JUNE], ON).basis_points == points
    assert rules.uplift(agreed, [JUNE], ON).facts["basis_points"] == points


@pytest.mark.parametrize(
    ("month", "on", "index"),
    [
        (6, date(2026, 6, 1), date(2026, 6, 1)),
        (6, date(2026, 5, 31), date(2025, 6, 1)),  # this year's June is not there yet
        (None, ON, date(2026, 9, 1)),  # the newest one
        (None, date(2026, 8, 31), date(2026, 6, 1)),
        (6, date(2027, 8, 31), date(2026, 6, 1)),  # 14 months old
        (6, date(2027, 9, 1), None),  # 15: somebody forgot the new one
        (7, ON, None),
    ],
)
def test_the_month_that_was_agreed(month: int | None, on: date, index: date | None) -> None:
    known = [
        IndexRow("CPI", date(2025, 6, 1), 210), JUNE, IndexRow("CPI", date(2026, 9, 1), 290),
        IndexRow("PPI", date(2026, 10, 1), 900),
    ]  # fmt: skip
    agreed = RenewalRow(None, Method.UPLIFT, series="CPI", month=month)
    if index is None:
        with pytest.raises(PriceUnavailable) as refused:
            rules.uplift(agreed, known, on)
        assert refused.value.facts == {"what": "index", "series": "CPI", "on": on.isoformat()}
    else:
        assert rules.uplift(agreed, known, on).facts["index_month"] == index.isoformat()


def test_a_products_own_agreement_comes_first() -> None:
    rows = [RenewalRow(None, Method.SAME), RenewalRow("insight", Method.LIST)]
    assert rules.renewal_of(rows, "insight").method is Method.LIST
    assert rules.renewal_of(rows, "backup").method is Method.SAME
    assert rules.renewal_of([], "backup").method is Method.LIST


def test_a_price_that_nobody_knows_cannot_be_kept() -> None:
    table = replace(book(), renewals=(RenewalRow(None, Method.SAME),))
    with pytest.raises(PriceUnavailable) as refused:
        rules.offer(table, contract(("insight", 20, 0)), 12, None, ON)
    assert refused.value.facts["what"] == "last"


def special(points: int, until: date = date(2026, 12, 1)) -> SpecialRow:
    return SpecialRow(7, points, until)


def test_a_special_price_is_the_last_percentage() -> None:
    found = rules.offer(
        replace(book(), specials=(special(1_000),)), contract(("insight", 20, 100_000)), 24, None, ON
    )
    assert codes(found) == ["list_price", "seats", "term_discount", "special_price"]
    assert found.total.minor == 3_477_600
    assert found.priced.steps[-1].facts == {"special": 7, "basis_points": 1_000, "until": "2026-11-30"}
    over = replace(book(), specials=(special(1_000, ON),))
    assert "special_price" not in codes(rules.offer(over, contract(("insight", 20, 1)), 12, None, ON))


def coupon(amount: int, product: str | None = None, currency: str = "CNY") -> PromotionRow:
    return PromotionRow(
        9, PromotionKind.COUPON, {"en": "Fair"}, 0, 1, product, SINCE, None, code="FAIR26", amount_minor=amount,
        currency=currency,
    )  # fmt: skip


def two_lines(*promotions: PromotionRow, floor: int | None = None) -> rules.Offer:
    prices = tuple(
        PriceRow(code, unit, "2026-07", SINCE, None, BaseKind.LIST, floor)
        for code, unit in (("insight", 30_000), ("backup", 10_000))
    )
    table = replace(book(), prices=prices, promotions=promotions)
    return rules.offer(table, contract(("insight", 1, 1), ("backup", 1, 1)), 12, None, ON)


@pytest.mark.parametrize(
    ("row", "totals"),
    [
        (coupon(4_000), [27_000, 9_000]),
        (coupon(4_001), [26_999, 9_000]),  # the unit that is left over goes to the larger remainder
        (coupon(4_000, "backup"), [30_000, 6_000]),
        (coupon(12_000, "backup"), [30_000, 0]),
        (coupon(4_000, currency="USD"), [30_000, 10_000]),
    ],
)
def test_an_amount_off_is_shared_by_those_it_is_for(row: PromotionRow, totals: list[int]) -> None:
    assert [line.total_minor for line in two_lines(row).priced.lines] == totals


def test_an_amount_off_everything_gives_nothing_away() -> None:
    with pytest.raises(NothingToPay):
        two_lines(coupon(40_000))


def test_a_length_that_would_cost_nothing_is_left_out() -> None:
    table = replace(book(), promotions=(coupon(2_100_000),))
    of = contract(("insight", 20, 1))
    assert [each.months for each in rules.offers(table, of, None, ON)] == [24, 36]
    with pytest.raises(NothingToPay):
        rules.offers(table, of, [1], ON)


def test_discounts_end_at_the_floor() -> None:
    found = two_lines(coupon(20_000), floor=9_500)
    assert [line.total_minor for line in found.priced.lines] == [15_000, 9_500]
    last = found.priced.steps[-1]
    assert (last.line, last.code, last.facts, last.change_minor) == (
        1,
        "floor_price",
        {"floor_minor": 9_500},
        4_500,
    )


def test_a_floor_raises_no_price_that_was_lower_without_discounts() -> None:
    table = replace(
        book(), renewals=(RenewalRow(None, Method.SAME),),
        prices=(PriceRow("insight", 105_000, "2026-07", SINCE, None, BaseKind.LIST, 98_000),),
    )  # fmt: skip
    of = contract(("insight", 20, 90_000))
    assert codes(rules.offer(table, of, 12, None, ON)) == ["last_price", "seats"]
    two = rules.offer(table, of, 24, None, ON)
    assert (two.total.minor, codes(two)[-1]) == (3_600_000, "floor_price")


@pytest.mark.parametrize(
    ("tax", "total", "change"),
    [
        (rules.Tax("vat", 600, True), 1_981_132, -118_868),
        (rules.Tax("vat", 1900, False), 2_100_000, None),
        (rules.Tax("none", 0, False), 2_100_000, None),
    ],
)
def test_who_is_exempt_pays_the_net_price(tax: rules.Tax, total: int, change: int | None) -> None:
    exemption = rules.Exemption(ExemptReason.CHARITY, "C-77")
    table = replace(book(taxes=[(None, tax)]), exemptions=(ExemptRow(exemption, SINCE, None),))
    found = rules.offer(table, contract(("insight", 20, 100_000)), 12, None, ON)
    assert (found.total.minor, found.net.minor, found.tax.minor) == (total, total, 0)
    assert found.document["tax"] == {
        "kind": "none", "basis_points": 0, "inclusive": False,
        "exempt": {"reason": "charity", "certificate": "C-77"},
    }  # fmt: skip
    assert found.document["lines"][0]["tax_bp"] == 0
    steps = [step.change_minor for step in found.priced.steps if step.code == "tax_exempt"]
    assert steps == ([] if change is None else [change])


def test_what_an_exempt_buyer_pays_a_seat_is_without_tax() -> None:
    exemption = rules.Exemption(ExemptReason.CHARITY, "C-77")
    table = replace(book(), exemptions=(ExemptRow(exemption, SINCE, None),))
    [line] = rules.offer(table, contract(("insight", 20, 100_000)), 12, None, ON).document["lines"]
    assert (line["unit_minor"], line["paid_unit_minor"], line["total_minor"]) == (105_000, 99_057, 1_981_132)


def test_an_exemption_holds_for_its_days() -> None:
    exemption = rules.Exemption(ExemptReason.RESALE, "R-1")
    for row, exempt in (
        (ExemptRow(exemption, ON, None), True),
        (ExemptRow(exemption, SINCE, ON), False),
        (ExemptRow(exemption, date(2026, 11, 23), None), False),
    ):
        found = rules.offer(replace(book(), exemptions=(row,)), contract(("insight", 1, 1)), 12, None, ON)
        assert ("exempt" in found.document["tax"]) is exempt


@given(
    last=st.integers(1, 10**9), rate=st.integers(0, 10_000), index=st.integers(-10_000, 10_000),
    points=st.integers(-2_000, 2_000), cap=st.none() | st.integers(0, 10_000), pick=st.sampled_from(Pick),
)  # fmt: skip
def test_an_uplift_never_lowers_a_price_nor_passes_its_cap(
    last: int, rate: int, index: int, points: int, cap: int | None, pick: Pick
) -> None:
    agreed = RenewalRow(None, Method.UPLIFT, rate=rate, series="CPI", points=points, pick=pick, cap=cap)
    row = replace(book(), renewals=(agreed,), indexes=(replace(JUNE, basis_points=index),))
    found = rules.offer(row, contract(("insight", 1, last)), 12, None, ON)
    uplift = found.priced.steps[1]
    assert uplift.code == "uplift"
    assert uplift.result_minor >= last
    if cap is not None:
        assert uplift.result_minor <= last + rules.portion(last, cap, 10_000)
