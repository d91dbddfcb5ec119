"""What the pages say, where a page test would not tell the difference."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from portal.contracts.rules import Standing
from portal.home.words import contracts as words
from portal.home.words import orders as order_words
from portal.kit import i18n

ON = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def _english(app: Flask) -> None:
    """All sentences need an application."""


@pytest.mark.parametrize(
    ("needing", "pressing", "contracts", "expected"),
    [
        (0, 0, 0, "No contracts yet"),
        (0, 0, 4, "Nothing needs you now"),
        (1, 1, 4, "One contract needs you"),
        (2, 3, 4, "Two contracts need you"),
        (12, 12, 12, "12 contracts need you"),
        (0, 1, 4, "One contract is due for renewal"),
        (0, 3, 4, "Three contracts are due for renewal"),
    ],
)
def test_the_headline_is_the_answer(needing: int, pressing: int, contracts: int, expected: str) -> None:
    assert words.headline(needing, pressing, contracts) == expected


def test_chinese_counts_in_digits() -> None:
    with i18n.speaking("zh_Hans_CN"):
        assert words.counted(2) == "2"
        assert words.month(date(2026, 3, 1)) == "2026年3月"


@pytest.mark.parametrize(
    ("standing", "ends_on", "expected"),
    [
        (Standing.DUE, date(2026, 11, 23), ("1", "day left")),
        (Standing.DUE, date(2026, 12, 12), ("20", "days left")),
        (Standing.ENDS_TODAY, ON, ("Today", "last day")),
        (Standing.IN_GRACE, date(2026, 11, 13), ("21", "days of grace left")),
        (Standing.IN_GRACE, date(2026, 10, 23), ("Today", "last day of grace")),
    ],
)
def test_days_are_counted_to_what_stops(standing: Standing, ends_on: date, expected: tuple[str, str]) -> None:
    assert words.days(standing, ends_on, ON) == expected


@pytest.mark.parametrize(
    ("ends_on", "expected"),
    [
        (ON, "ends today, 22 November 2026"),
        (date(2026, 11, 23), "ends on 23 November 2026, in one day"),
        (date(2026, 11, 21), "ended on 21 November 2026, one day ago"),
        (date(2026, 11, 12), "ended on 12 November 2026, 10 days ago"),
    ],
)
def test_the_end_is_told_with_its_distance(ends_on: date, expected: str) -> None:
    assert words.when_ends(ends_on, ON) == expected


def test_mixed_taxes_have_no_rate() -> None:
    assert order_words.tax_title({"kind": "vat", "basis_points": None}) == "VAT"
    assert order_words.tax_title({"kind": "none", "basis_points": 0}) == "Tax"
    assert order_words.paid_on(ON, date(2026, 11, 23)) == (
        "Paid in full on 22 November 2026, issued on 23 November 2026"
    )


def test_nothing_renews_by_itself() -> None:
    assert "before the new term ends" in words.by_itself(date(2027, 11, 21), on_payment=True)
