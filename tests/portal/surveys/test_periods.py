"""Months and quarters as addresses spell them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.surveys.rules import Period

DAYS = st.dates(date(1971, 1, 1), date(2190, 12, 31))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-11", date(2026, 11, 1), date(2026, 11, 30)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2027-Q1", date(2027, 1, 1), date(2027, 3, 31)),
    ],
)
def test_a_period_has_its_days(text: str, first: date, last: date) -> None:
    period = Period.parse(text)
    assert period is not None
    assert (period.first, period.last, str(period)) == (first, last, text)


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "2026-Q5", "2026-1", "9999-Q4", "二〇二六-11", "all"]
)
def test_what_is_no_period(text: str) -> None:
    assert Period.parse(text) is None


@given(DAYS, st.integers(-5, 5))
def test_periods_join_without_gap(day: date, by: int) -> None:
    for period in (Period.month_of(day), Period.quarter_of(day)):
        assert period.first <= day <= period.last
        moved = period.moved(by)
        assert moved.moved(1).first == moved.last + timedelta(days=1)
        assert moved.moved(-by) == period
        assert Period.parse(str(moved)) == moved
