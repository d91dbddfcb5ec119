"""Standing, next term, end and expiry, by the worked examples of the domain guide and its edges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.contracts import rules
from portal.contracts.rules import Standing, TermPlan

D = date.fromisoformat


@dataclass(frozen=True)
class Span:
    starts_on: date
    ends_on: date


def term(starts: str, ends: str) -> Span:
    return Span(D(starts), D(ends))


def last(starts: str, ends: str, anchor: str, months: int) -> TermPlan:
    return TermPlan(D(starts), D(ends), months, D(anchor), months)


YEAR = term("2025-12-13", "2026-12-12")
NEXT = term("2026-12-13", "2027-12-12")


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2025-12-13", Standing.UPCOMING),
        ("2026-10-13", Standing.UPCOMING),  # 60 days left
        ("2026-10-14", Standing.DUE),  # 59
        ("2026-12-11", Standing.DUE),
        ("2026-12-12", Standing.ENDS_TODAY),
        ("2026-12-13", Standing.IN_GRACE),
        ("2027-01-11", Standing.IN_GRACE),  # 30 days after
        ("2027-01-12", Standing.LAPSED),
        ("2030-01-01", Standing.LAPSED),
    ],
)
def test_standing_by_days_to_the_end(on: str, expected: Standing) -> None:
    assert rules.standing([YEAR], D(on), declined=False) is expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2026-07-01", Standing.RENEWED),
        ("2026-12-12", Standing.RENEWED),
        ("2026-12-13", Standing.UPCOMING),  # the next term has begun and is judged itself
        ("2027-12-12", Standing.ENDS_TODAY),
        ("2028-01-12", Standing.LAPSED),
    ],
)
def test_a_paid_next_term_renews_until_it_begins(on: str, expected: Standing) -> None:
    assert rules.standing([YEAR, NEXT], D(on), declined=False) is expected
    assert rules.standing([NEXT, YEAR], D(on), declined=False) is expected, "the order of terms does not matter"


@pytest.mark.parametrize("on", ["2026-06-01", "2026-12-12", "2026-12-20", "2027-06-01"])
def test_declined_stays_until_undone_or_renewed(on: str) -> None:
    assert rules.standing([YEAR], D(on), declined=True) is Standing.DECLINED
    assert rules.standing([YEAR, term("2027-12-13", "2028-12-12")], D(on), declined=True) is Standing.RENEWED


def test_a_first_term_that_has_not_begun_is_not_a_renewal() -> None:
    assert rules.standing([NEXT], D("2026-01-01"), declined=False) is Standing.UPCOMING
    assert rules.running([NEXT], D("2026-01-01")) is NEXT


def test_a_gap_after_a_win_back_is_judged_by_the_lapsed_term() -> None:
    back = term("2027-03-01", "2028-02-29")
    assert rules.running([YEAR, back], D("2027-02-28")) is YEAR
    assert rules.running([YEAR, back], D("2027-03-01")) is back


def test_a_contract_without_terms_is_an_error() -> None:
    with pytest.raises(ValueError):
        rules.running([], D("2026-01-01"))


@pytest.mark.parametrize(
    ("terms", "on", "declined", "expected"),
    [
        ([YEAR], "2026-06-14", False, False),  # 181 days before
        ([YEAR], "2026-06-15", False, True),  # 180
        ([YEAR], "2026-12-12", False, True),
        ([YEAR], "2027-01-11", False, True),
        ([YEAR], "2029-01-01", False, True),  # lapsed: a new start
        ([YEAR, NEXT], "2026-12-12", False, False),  # a paid next term waits
        ([YEAR, NEXT], "2026-12-13", False, False),
        ([YEAR, NEXT], "2027-06-15", False, True),
        ([YEAR], "2026-12-12", True, False),  # first take the decline back
        ([YEAR], "2026-12-13", True, True),  # no longer possible: renewing is the way back
    ],
)
def test_can_renew(terms: list[Span], on: str, declined: bool, expected: bool) -> None:
    assert rules.can_renew(terms, D(on), declined) is expected


@pytest.mark.parametrize(
    ("on", "may_decline", "may_undo"),
    [
        ("2026-06-01", True, True),
        ("2026-12-12", True, True),
        ("2027-01-11", True, False),
        ("2027-01-12", False, False),
    ],
)
def test_decline_until_grace_ends_and_undo_until_the_end(on: str, may_decline: bool, may_undo: bool) -> None:
    assert rules.can_decline([YEAR], D(on), declined=False) is may_decline
    assert rules.can_undo_decline([YEAR], D(on), declined=True) is may_undo
    assert not rules.can_decline([YEAR], D(on), declined=True)
    assert not rules.can_undo_decline([YEAR], D(on), declined=False)
    assert not rules.can_decline([YEAR, term("2028-01-01", "2028-12-31")], D(on), declined=False)


def starts_of(anchor: str, step: int, count: int) -> list[str]:
    """The starts of `count` terms of `step` months that follow the first one on `anchor`."""
    current = TermPlan(D(anchor), rules.end_of(D(anchor), step), step, D(anchor), step)
    found = []
    for _n in range(count):
        current = rules.next_term(current, step, current.ends_on)
        found.append(current.starts_on.isoformat())
    return found


def test_a_29_february_contract_comes_back_to_its_day() -> None:
    assert starts_of("2024-02-29", 12, 4) == ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_a_month_end_contract_comes_back_to_its_day() -> None:
    assert starts_of("2026-01-31", 1, 3) == ["2026-02-28", "2026-03-31", "2026-04-30"]


@pytest.mark.parametrize(
    ("anchor", "months", "end"),
    [
        ("2025-12-13", 12, "2026-12-12"),
        ("2025-12-13", 24, "2027-12-12"),
        ("2027-03-01", 12, "2028-02-29"),
        ("2024-02-29", 36, "2027-02-27"),
        ("2024-02-29", 48, "2028-02-28"),
        ("2026-01-01", 12, "2026-12-31"),
        ("2026-08-31", 6, "2027-02-27"),
    ],
)
def test_end_of(anchor: str, months: int, end: str) -> None:
    assert rules.end_of(D(anchor), months) == D(end)


@pytest.mark.parametrize("placed", ["2026-06-15", "2026-12-12", "2026-12-13", "2027-01-11"])
@pytest.mark.parametrize("paid", [None, "2026-12-31", "2027-05-01"])
def test_ordered_by_the_end_of_grace_joins_whenever_the_money_comes(placed: str, paid: str | None) -> None:
    before = last("2025-12-13", "2026-12-12", "2023-12-13", 36)
    plan = rules.next_term(before, 24, D(placed), D(paid) if paid else None)
    assert plan == TermPlan(D("2026-12-13"), D("2028-12-12"), 24, D("2023-12-13"), 60, on_payment=False)


def test_ordered_after_grace_starts_on_the_day_the_money_is_confirmed() -> None:
    before = last("2025-12-13", "2026-12-12", "2023-12-13", 36)
    quoted = rules.next_term(before, 12, D("2027-01-12"))
    assert quoted == TermPlan(D("2027-01-12"), D("2028-01-11"), 12, D("2027-01-12"), 12, on_payment=True)
    paid = rules.next_term(before, 12, D("2027-01-12"), D("2027-01-31"))
    assert (paid.starts_on, paid.ends_on, paid.anchor_on) == (D("2027-01-31"), D("2028-01-30"), D("2027-01-31"))
    assert paid.on_payment


def test_a_term_has_months() -> None:
    with pytest.raises(ValueError):
        rules.next_term(last("2025-12-13", "2026-12-12", "2025-12-13", 12), 0, D("2026-12-01"))


@pytest.mark.parametrize(
    ("starts", "ends", "months", "anchor", "from_anchor"),
    [
        ("2025-12-13", "2026-12-12", 12, "2025-12-13", 12),
        ("2024-02-29", "2025-02-27", 12, "2024-02-29", 12),
        ("2026-01-31", "2026-02-27", 1, "2026-01-31", 1),
        ("2026-01-15", "2026-12-31", 12, "2027-01-01", 0),  # odd: anchored on the day after
        ("2027-02-28", "2028-02-28", 12, "2028-02-29", 0),
        ("2026-05-01", "2026-05-01", 1, "2026-05-02", 0),
    ],
)
def test_typed_dates_become_a_term(starts: str, ends: str, months: int, anchor: str, from_anchor: int) -> None:
    plan = rules.plan_between(D(starts), D(ends))
    assert plan == TermPlan(D(starts), D(ends), months, D(anchor), from_anchor)
    assert rules.end_of(plan.anchor_on, plan.months_from_anchor) == D(ends)
    assert rules.next_term(plan, 12, D(ends)).starts_on == D(ends) + timedelta(days=1)


def test_reversed_dates_are_no_term() -> None:
    with pytest.raises(ValueError):
        rules.plan_between(D("2026-01-02"), D("2026-01-01"))


@pytest.mark.parametrize(
    ("ends", "zone", "instant"),
    [
        ("2026-03-31", "Asia/Shanghai", "2026-03-31T16:00"),
        ("2026-03-31", "Europe/London", "2026-03-31T23:00"),
        ("2026-03-31", "America/Los_Angeles", "2026-04-01T07:00"),
        ("2026-12-31", "Pacific/Kiritimati", "2026-12-31T10:00"),
        ("2026-12-31", "Etc/GMT+12", "2027-01-01T12:00"),
        ("2026-06-30", "Asia/Kathmandu", "2026-06-30T18:15"),
        ("2018-11-03", "America/Sao_Paulo", "2018-11-04T03:00"),  # no midnight: clocks went 00:00 → 01:00
        ("2024-04-25", "Africa/Cairo", "2024-04-25T22:00"),  # the same
        ("2018-02-17", "America/Sao_Paulo", "2018-02-18T03:00"),  # 23:00 to 24:00 came twice
        ("2010-11-06", "America/St_Johns", "2010-11-07T03:30"),  # midnight came twice: the second one
        ("2026-10-31", "America/Havana", "2026-11-01T04:00"),  # 00:00 to 01:00 came twice, both the new day
        ("2011-12-29", "Pacific/Apia", "2011-12-30T10:00"),  # the 30th was skipped
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00"),
        ("1919-03-30", "America/Toronto", "1919-03-31T04:30"),  # 23:30 → 00:30
    ],
)
def test_expiry_is_the_next_midnight_in_the_zone(ends: str, zone: str, instant: str) -> None:
    assert rules.expiry(D(ends), zone) == datetime.fromisoformat(instant).replace(tzinfo=UTC)


def test_urgency_puts_first_what_needs_somebody() -> None:
    on = D("2026-11-22")
    contracts = {
        "in grace": ([term("2025-11-14", "2026-11-13")], False),
        "ends today": ([term("2025-11-23", "2026-11-22")], False),
        "due": ([YEAR], False),
        "due later": ([term("2026-01-01", "2026-12-31")], False),
        "lapsed lately": ([term("2025-09-01", "2026-08-31")], False),
        "lapsed long ago": ([term("2020-09-01", "2021-08-31")], False),
        "declined": ([YEAR], True),
        "running": ([term("2026-07-01", "2028-06-30")], False),
        "renewed": ([YEAR, NEXT], False),
    }
    ranked = sorted(contracts, key=lambda name: rules.urgency(contracts[name][0], on, contracts[name][1]))
    assert ranked == list(contracts)


@pytest.mark.parametrize(
    ("terms", "on", "spans", "today"),
    [
        ([YEAR], "2026-11-22", (377, 23, 0, 0, 0), 377),
        ([YEAR], "2025-12-13", (0, 400, 0, 0, 0), 0),
        ([YEAR], "2025-12-01", (0, 400, 0, 0, 0), None),  # not begun
        ([YEAR], "2026-12-22", (370, 0, 10, 20, 0), 380),
        ([YEAR], "2028-01-01", (370, 0, 30, 0, 0), None),  # lapsed
        ([YEAR, NEXT], "2026-11-22", (188, 12, 0, 0, 200), 188),
        ([term("2026-11-22", "2026-11-22")], "2026-11-22", (0, 400, 0, 0, 0), 0),
    ],
)
def test_rail(terms: list[Span], on: str, spans: tuple[int, ...], today: int | None) -> None:
    rail = rules.rail(terms, D(on))
    assert (rail.past, rail.left, rail.grace_past, rail.grace, rail.new) == spans
    assert sum(spans) == rules.RAIL
    assert rail.today == today


def test_rail_counts_today_as_passed() -> None:
    rail = rules.rail([YEAR], D("2026-11-22"))
    assert (rail.passed, rail.days) == (345, 365)
    assert rail.days - rail.passed == rules.days_left(YEAR.ends_on, D("2026-11-22"))


@pytest.mark.parametrize("good", ["CT-2023-00417", "7", "A.b_c-9", "x" * 40])
def test_numbers_that_stand_in_an_address(good: str) -> None:
    assert rules.is_number(good)


@pytest.mark.parametrize(
    "bad", ["", "a/b", "..", ".", "-a", "a b", "号", "x" * 41, "new", "a?b", "a%2F", "a\n", "１２"]
)
def test_numbers_that_do_not(bad: str) -> None:
    assert not rules.is_number(bad)
