"""Whom a new price or offer concerns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from portal.contracts.models import Segment
from portal.pricing import rules
from portal.pricing.rules import BaseKind, DueLine, NewOffer, NewPrice, PriceRow, PromotionKind

NEXT_YEAR = date(2027, 1, 1)
LINE = DueLine(
    1, "CT-1", "Aurora", Segment.STANDARD, date(2027, 3, 1), "CNY", "insight", 20, 100_000, date(2024, 3, 2)
)
LIST = PriceRow("insight", 105_000, "2026", date(2026, 1, 1), None)
NEW = NewPrice(110_000, NEXT_YEAR, None)


def reach(new: NewPrice, *lines: DueLine, **rows: Any) -> rules.Reach:
    own: dict[int | Segment | None, Any] = {
        1: rows.get("own", []),
        Segment.STANDARD: rows.get("segment", []),
        None: rows.get("of_list", [LIST]),
    }
    return rules.reach_of_price(new, lines or (LINE,), own)


def test_a_list_price_changes_what_seats_cost_a_year() -> None:
    found = reach(NEW)
    assert (found.contracts, found.change_minor, found.first_time) == (1, {"CNY": 100_000}, 0)
    assert (found.largest[0].old_unit_minor, found.largest[0].new_unit_minor) == (105_000, 110_000)


@pytest.mark.parametrize(
    "new",
    [
        replace(NEW, valid_from=date(2027, 3, 2)),  # begins after the contract's last day
        replace(NEW, valid_to=date(2027, 3, 1)),  # and ends before it
        replace(NEW, unit_minor=105_000),  # the same as before
        replace(NEW, segment=Segment.SMALL),
        replace(NEW, contract_id=2),
    ],
)
def test_whom_it_does_not_concern(new: NewPrice) -> None:
    assert reach(new).contracts == 0


def test_a_closer_price_shields() -> None:
    closer = replace(LIST, kind=BaseKind.SEGMENT, unit_minor=90_000)
    assert reach(NEW, segment=[closer]).contracts == 0
    assert reach(replace(NEW, segment=Segment.STANDARD), segment=[closer]).change_minor == {"CNY": 400_000}
    assert reach(replace(NEW, contract_id=1), segment=[closer]).change_minor == {"CNY": 400_000}


def test_a_contract_without_a_price_gets_one() -> None:
    found = reach(NEW, of_list=[])
    assert (found.contracts, found.change_minor, found.first_time) == (1, {}, 1)
    assert found.largest[0].change is None


def test_the_largest_ten_first() -> None:
    lines = [replace(LINE, contract_id=i, number=f"CT-{i:02}", seats=i) for i in range(1, 13)]
    found = reach(NEW, *lines)
    assert found.contracts == 12
    assert [each.line.seats for each in found.largest] == list(range(12, 2, -1))
    assert found.change_minor == {"CNY": 5_000 * sum(range(1, 13))}


OFFER = NewOffer(PromotionKind.EARLY, 300, 30, date(2026, 11, 22), None, None, None)


@pytest.mark.parametrize(
    ("offer", "concerned"),
    [
        (OFFER, True),
        (replace(OFFER, valid_from=date(2027, 1, 30)), True),  # the last day that is 30 days early
        (replace(OFFER, valid_from=date(2027, 1, 31)), False),
        (replace(OFFER, valid_from=date(2026, 8, 1), valid_to=date(2026, 9, 2)), False),  # renewing has not opened
        (replace(OFFER, valid_from=date(2026, 8, 1), valid_to=date(2026, 9, 3)), True),
        (replace(OFFER, segment=Segment.SMALL), False),
        (replace(OFFER, product_code="backup"), False),
        (replace(OFFER, kind=PromotionKind.MULTI_YEAR, least=24, valid_from=date(2027, 3, 31)), True),
        (replace(OFFER, kind=PromotionKind.MULTI_YEAR, least=24, valid_from=date(2027, 4, 1)), False),
        (replace(OFFER, kind=PromotionKind.LOYALTY, least=3), True),  # three years on the day after the end
        (replace(OFFER, kind=PromotionKind.LOYALTY, least=4), False),
        (replace(OFFER, kind=PromotionKind.WIN_BACK, least=60), True),  # some day, without an end of the offer
        (replace(OFFER, kind=PromotionKind.WIN_BACK, least=60, valid_to=date(2027, 4, 30)), False),
        (replace(OFFER, kind=PromotionKind.WIN_BACK, least=60, valid_to=date(2027, 5, 1)), True),
        (replace(OFFER, kind=PromotionKind.WIN_BACK, least=1, valid_to=date(2027, 4, 1)), False),  # in grace
    ],
)
def test_who_could_have_an_offer(offer: NewOffer, concerned: bool) -> None:
    found = rules.reach_of_offer(offer, [LINE])
    assert bool(found.contracts) is concerned
    assert found.change_minor == ({"CNY": -60_000} if concerned else {})
