"""How a price compares with other terms and with the last one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from portal.kit import i18n
from portal.pricing import rules, words
from portal.pricing.rules import PromotionKind, PromotionRow
from tests.portal.pricing.make import ON, book, contract

NAMES = {"en": "Autumn", "zh_Hans_CN": "秋季优惠"}
EARLY = PromotionRow(1, PromotionKind.EARLY, NAMES, 300, 5, None, date(2026, 9, 1), None)


def offers(
    *rows: PromotionRow, discounts: tuple[tuple[int, int], ...] = ((12, 0), (24, 800))
) -> list[rules.Offer]:
    given = replace(book(discounts=discounts), promotions=rows)
    return rules.offers(given, contract(("insight", 20, 100_000)), None, ON)


def test_a_long_term_is_set_against_the_shortest_again_and_again(app: Flask) -> None:
    found = offers()
    assert words.saving(found[0], found) is None
    # 2 × 21,000.00 − 38,640.00
    assert words.saving(found[1], found) == "CN¥3,360.00 less than 12 months at a time, at today's price"
    with i18n.speaking("zh"):
        assert words.saving(found[1], found) == "比按当前价格每次续 12 个月共省 ¥3,360.00"


@pytest.mark.parametrize("points", [0, 1])
def test_what_saves_nothing_says_nothing(app: Flask, points: int) -> None:
    found = offers(discounts=((12, 1), (24, points)))
    assert words.saving(found[1], found) is None


def test_the_last_day_of_the_early_price(app: Flask) -> None:
    assert words.early_until(offers(EARLY)[0]) == date(2026, 12, 7)
    assert words.early_until(offers()[0]) is None


def test_each_line_beside_its_last_term(app: Flask) -> None:
    given = book(prices=(("insight", 105_000, date(2026, 1, 1), None), ("backup", 36_000, date(2026, 1, 1), None)))
    lines = contract(("insight", 20, 100_000), ("backup", 4, 0))
    found = words.line_changes(rules.offer(given, lines, 12, [25, 4], ON))
    assert [(each.name, each.seats, each.old, each.new, each.change) for each in found] == [
        ("Insight", "25 seats, 20 before", "1,000.00", "1,050.00", "+50.00"),
        ("Backup", "4 seats", "", "360.00", ""),
    ]


def test_steps_of_offers_in_words(app: Flask) -> None:
    long = PromotionRow(2, PromotionKind.MULTI_YEAR, NAMES, 1000, 24, None, date(2026, 9, 1), date(2026, 12, 25))
    told = offers(EARLY, long)[1]
    steps = words.explain(told.document["steps"], told.currency, told.document["lines"])
    assert [(step.title, step.reason, step.change) for step in steps[2:]] == [
        (
            "Term of 24 months or more, −10%",
            "Offer “Autumn”, for prices held by 24 December 2026",
            "−4,200.00",
        ),
        (
            "Renewed 5 days early or more, −3%",
            "Offer “Autumn”, for prices held by 7 December 2026",
            "−1,134.00",
        ),
    ]
    with i18n.speaking("zh"):
        steps = words.explain(told.document["steps"], told.currency, told.document["lines"])
        assert steps[3].title == "提前 5 天以上续约，−3%"
        assert "秋季优惠" in steps[3].reason
