"""R20 and T12 (killbill #743, #445; lago-api PR 662): 100,000 generated (zone, date, term) cases against an oracle
that is written another way: it walks a calendar day by day and a clock minute by minute; the rules compute."""

from __future__ import annotations

import random
from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo, available_timezones

import pytest

from portal.contracts import rules
from portal.contracts.rules import TermPlan

CASES = 100_000
SEED = 20261122
FIRST, LAST = date(1996, 1, 1), date(2062, 12, 31)

# Every day there is, and the same by months: a walk, no month arithmetic.
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
MONTHS = [list(days) for _month, days in groupby(DAYS, key=lambda day: (day.year, day.month))]
STARTS = [month[0] for month in MONTHS]
ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("SystemV"))
# Zones with days that have no midnight, two of them, or that were skipped, come up more often.
ODD = ["America/Sao_Paulo", "Africa/Cairo", "America/St_Johns", "America/Havana", "Pacific/Apia", "Asia/Beirut",
       "Pacific/Kiritimati", "Etc/GMT+12", "Asia/Tehran", "America/Asuncion", "Atlantic/Azores"]  # fmt: skip


def start_of(anchor: date, months: int) -> date:
    """First day of the term `months` after `anchor`: the day with the anchor's number, else the month's last."""
    here = bisect_left(STARTS, anchor + timedelta(days=1)) - 1
    return next((day for day in MONTHS[here + months] if day.day == anchor.day), MONTHS[here + months][-1])


def over_at(ends_on: date, zone: ZoneInfo) -> datetime:
    """The minute after the last one that still belongs to `ends_on` or an earlier day in `zone`."""
    noon = int(datetime(ends_on.year, ends_on.month, ends_on.day, 12, tzinfo=UTC).timestamp())
    hour = noon + 25 * 3600
    while datetime.fromtimestamp(hour, zone).date() > ends_on:
        hour -= 3600
    minute = hour + 3600
    while datetime.fromtimestamp(minute, zone).date() > ends_on:
        minute -= 60
    return datetime.fromtimestamp(minute + 60, UTC)


@pytest.mark.slow
def test_ends_and_expiries_agree_with_the_oracle() -> None:
    dice = random.Random(SEED)
    zones = [ZoneInfo(name) for name in ZONES + ODD * 10]
    for _case in range(CASES):
        zone = dice.choice(zones)
        anchor = dice.choice(DAYS[: 40 * 365])
        months = dice.choice((1, 3, 6, 12, 24, 36)) * dice.randint(1, 6)
        ends_on = rules.end_of(anchor, months)
        assert ends_on + timedelta(days=1) == start_of(anchor, months), (anchor, months)
        assert rules.expiry(ends_on, zone.key) == over_at(ends_on, zone), (ends_on, zone.key)


def test_the_days_around_each_jump_of_the_clock_agree_with_the_oracle() -> None:
    for name in ODD:
        zone = ZoneInfo(name)
        for day in DAYS[: 45 * 365 : 1]:
            offsets = {
                datetime(day.year, day.month, day.day, tzinfo=zone).utcoffset(),
                datetime(day.year, day.month, day.day, 23, 59, tzinfo=zone).utcoffset(),
            }
            if len(offsets) > 1:
                for ends_on in (day - timedelta(days=1), day):
                    assert rules.expiry(ends_on, name) == over_at(ends_on, zone), (ends_on, name)


def test_no_drift_over_ten_years_of_renewals() -> None:
    dice = random.Random(SEED)
    month_ends = [day for day in DAYS[: 30 * 365] if day.day >= 28]
    for anchor in dice.sample(month_ends, 600):
        for step in (1, 3, 12, 24):
            term = TermPlan(anchor, rules.end_of(anchor, step), step, anchor, step)
            for total in range(2 * step, 121, step):
                placed = term.ends_on + timedelta(days=dice.randint(-180, rules.GRACE_DAYS))
                paid = placed + timedelta(days=dice.randint(0, 60))
                before, term = term, rules.next_term(term, step, placed, paid)
                assert term.starts_on == before.ends_on + timedelta(days=1), (anchor, step, total)
                assert term.ends_on + timedelta(days=1) == start_of(anchor, total), (anchor, step, total)
