"""Whom a new offer concerns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from portal.contracts.models import Segment
from portal.pricing import rules
from portal.pricing.rules import DueLine, NewOffer, PromotionKind

LINE = DueLine(
    1, "CT-1", "Aurora", Segment.STANDARD, date(2027, 3, 1), "CNY", "insight", 20, 100_000, date(2024, 3, 2)
)
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


def test_the_largest_ten_first() -> None:
    lines = [replace(LINE, contract_id=i, number=f"CT-{i:02}", seats=i) for i in range(1, 13)]
    found = rules.reach_of_offer(OFFER, lines)
    assert found.contracts == 12
    assert [each.line.seats for each in found.largest] == list(range(12, 2, -1))
    assert found.change_minor == {"CNY": -3_000 * sum(range(1, 13))}


def test_of_very_many_the_largest_are_kept() -> None:
    lines = (replace(LINE, contract_id=i // 2 + 1, number=f"CT-{i:05}", seats=i % 1_500 + 1) for i in range(3_000))
    found = rules.reach_of_offer(OFFER, lines)
    assert found.contracts == 1_500
    assert [each.line.seats for each in found.largest] == [
        seats for seats in range(1_500, 1_495, -1) for _each in "ab"
    ]
