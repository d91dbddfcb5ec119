"""Parts of terms and years, by actual days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.money import Money
from portal.contracts import rules as contracts
from portal.contracts.rules import TermPlan
from portal.pricing import rules

DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


def test_the_first_day_is_the_whole_and_the_last_day_one_day() -> None:
    term = date(2026, 1, 15), date(2027, 1, 14)
    assert rules.prorated(cny(36_500), *term, since=term[0]) == cny(36_500)
    assert rules.prorated(cny(36_500), *term, since=term[1]) == cny(100)


@pytest.mark.parametrize("since", [date(2026, 1, 14), date(2027, 1, 15)])
def test_no_day_outside_the_term(since: date) -> None:
    with pytest.raises(ValueError, match="not a day of the term"):
        rules.prorated(cny(1), date(2026, 1, 15), date(2027, 1, 14), since)


def test_a_year_is_the_twelve_months_that_begin_with_the_days() -> None:
    assert rules.until(cny(36_600), date(2027, 3, 1), date(2027, 3, 1)) == cny(100)  # 29 February 2028 is in it
    assert rules.until(cny(36_500), date(2026, 3, 1), date(2027, 2, 28)) == cny(36_500)
    for ends_on in (date(2027, 3, 1), date(2026, 2, 28)):
        with pytest.raises(ValueError, match="not a part of a year"):
            rules.until(cny(1), date(2026, 3, 1), ends_on)


def plan(starts_on: date, months: int) -> TermPlan:
    return TermPlan(starts_on, contracts.end_of(starts_on, months), months, starts_on, months)


def test_years_end_where_the_term_ends() -> None:
    """A contract from 29 February finds back to that day, and so does its last year."""
    last = TermPlan(date(2024, 2, 29), date(2025, 2, 27), 12, date(2024, 2, 29), 12)
    term = contracts.next_term(last, 36, date(2025, 2, 1))
    years = rules.by_year(cny(300), term)
    assert term.ends_on == date(2028, 2, 28)
    assert [year.starts_on for year in years] == [date(2025, 2, 28), date(2026, 2, 28), date(2027, 2, 28)]
    assert years[-1].ends_on == term.ends_on


@pytest.mark.parametrize(
    ("months", "amounts"),
    [(12, [100]), (24, [50, 50]), (36, [34, 33, 33]), (30, [40, 40, 20]), (7, [100]), (13, [92, 8])],
)
def test_years_add_up(months: int, amounts: list[int]) -> None:
    years = rules.by_year(cny(100), plan(date(2026, 12, 13), months))
    assert [year.amount.minor for year in years] == amounts


def test_years_follow_each_other() -> None:
    first, second, third = rules.by_year(cny(100), plan(date(2024, 2, 29), 30))
    assert (first.starts_on, first.ends_on) == (date(2024, 2, 29), date(2025, 2, 27))
    assert (second.starts_on, second.ends_on) == (date(2025, 2, 28), date(2026, 2, 27))
    assert (third.starts_on, third.ends_on) == (date(2026, 2, 28), date(2026, 8, 28))


def test_what_cards_take_in_tens_is_shared_in_tens() -> None:
    years = rules.by_year(Money(1_000, "KWD"), plan(date(2026, 1, 1), 36))
    assert [year.amount.minor for year in years] == [340, 330, 330]
    assert rules.prorated(Money(1_000, "KWD"), date(2026, 1, 1), date(2026, 1, 3), date(2026, 1, 3)).minor == 330


@given(start=DAYS, length=st.integers(1, 1100), minor=st.integers(0, 10**12), data=st.data())
def test_a_later_day_costs_no_more(start: date, length: int, minor: int, data: st.DataObject) -> None:
    end = start + timedelta(days=length - 1)
    one = data.draw(st.integers(0, length - 1))
    other = data.draw(st.integers(one, length - 1))
    since = [start + timedelta(days=days) for days in (one, other)]
    first, second = (rules.prorated(cny(minor), start, end, day).minor for day in since)
    assert 0 <= second <= first <= minor


@given(total=st.integers(0, 10**14), months=st.integers(1, 120), start=DAYS)
def test_no_year_loses_a_unit(total: int, months: int, start: date) -> None:
    years = rules.by_year(cny(total), plan(start, months))
    assert sum(year.amount.minor for year in years) == total
    assert len(years) == -(-months // 12)
    assert years[0].starts_on == start
