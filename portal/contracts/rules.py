"""Decide where a contract stands, which term comes next, and when a term ends. Pure: dates in, dates out.

All days are days in the contract's zone. Definitions: domain guide, sections 1 ("Standing", "Next term") and 2.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, Protocol, TypeVar
from zoneinfo import ZoneInfo

GRACE_DAYS: Final = 30
OPENS_DAYS: Final = 180
# A contract with fewer days left than this is due.
DUE_DAYS: Final = 60

# Stands in addresses as it is: no slash, nothing to encode, never "." or "..".
NUMBER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
# Numbers that are addresses of their own on the desk.
RESERVED: Final = frozenset({"new"})


class Standing(StrEnum):
    """Where a contract stands on a day."""

    UPCOMING = "upcoming"
    DUE = "due"
    ENDS_TODAY = "ends_today"
    IN_GRACE = "in_grace"
    LAPSED = "lapsed"
    RENEWED = "renewed"
    DECLINED = "declined"


class Dated(Protocol):
    """Anything with a first and a last day."""

    @property
    def starts_on(self) -> date: ...
    @property
    def ends_on(self) -> date: ...


class Anchored(Dated, Protocol):
    """A term that knows the day from which its contract's months are counted."""

    @property
    def anchor_on(self) -> date: ...
    @property
    def months_from_anchor(self) -> int: ...


D = TypeVar("D", bound=Dated)


@dataclass(frozen=True, slots=True)
class TermPlan:
    """The dates of a term: `ends_on` = `anchor_on` + `months_from_anchor` − 1 day. `on_payment`: it starts on the
    day the money is confirmed, so these dates hold only if that is today."""

    starts_on: date
    ends_on: date
    months: int
    anchor_on: date
    months_from_anchor: int
    on_payment: bool = False


@dataclass(frozen=True, slots=True)
class LineSpec:
    """A product in a term: seats, and the price per seat and year in minor units of the contract's currency, as it
    is paid and (None: not known) as it was before its discounts."""

    product_code: str
    seats: int
    unit_minor: int
    undiscounted_minor: int | None = None


def add_months(day: date, months: int) -> date:
    """`day` in the month that is `months` later, on the month's last day where the day does not exist."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def end_of(anchor_on: date, months: int) -> date:
    """Last day of the term that ends `months` after the anchor. Counted from the anchor, never from the term
    before: so 31 January gives 28 February and then 31 March."""
    return add_months(anchor_on, months) - timedelta(days=1)


def plan_between(starts_on: date, ends_on: date) -> TermPlan:
    """The term between two days that somebody typed.

    Whole months count from its start. A term of odd length (15 January to 31 December) is anchored on the day
    after it, so that the next term joins it without a gap and keeps that day. Raises ValueError if reversed.
    """
    if ends_on < starts_on:
        raise ValueError("a term ends before it starts")
    after = ends_on + timedelta(days=1)
    months = (after.year - starts_on.year) * 12 + after.month - starts_on.month
    if months > 0 and add_months(starts_on, months) == after:
        return TermPlan(starts_on, ends_on, months, starts_on, months)
    about = max(1, round((after - starts_on).days * 12 / 365.25))
    return TermPlan(starts_on, ends_on, about, after, 0)


def next_term(last: Anchored, months: int, placed_on: date, paid_on: date | None = None) -> TermPlan:
    """The term that follows `last` when `months` are ordered on `placed_on`.

    Ordered up to the last day of grace: it starts the day after `last` and keeps the anchor, whenever the money
    arrives. Ordered later: it starts on the day the money is confirmed (`paid_on`; until then `placed_on` stands
    in) and that day is the new anchor. Raises ValueError for less than one month.
    """
    if months < 1:
        raise ValueError("a term has at least one month")
    if placed_on <= grace_ends(last.ends_on):
        total = last.months_from_anchor + months
        starts_on = last.ends_on + timedelta(days=1)
        return TermPlan(starts_on, end_of(last.anchor_on, total), months, last.anchor_on, total)
    starts_on = paid_on or placed_on
    return TermPlan(starts_on, end_of(starts_on, months), months, starts_on, months, on_payment=True)


def grace_ends(ends_on: date) -> date:
    """Last day on which an order still joins the term that ended on `ends_on`."""
    return ends_on + timedelta(days=GRACE_DAYS)


def opens_on(ends_on: date) -> date:
    """First day on which a term that ends on `ends_on` can be renewed."""
    return ends_on - timedelta(days=OPENS_DAYS)


def days_left(ends_on: date, on: date) -> int:
    """Days from `on` to the last day: 0 on the last day itself, negative after it."""
    return (ends_on - on).days


def running(terms: Sequence[D], on: date) -> D:
    """The term by which a contract is judged on `on`: the latest that has begun, else the first to come.

    Raises ValueError for a contract without terms.
    """
    begun = [term for term in terms if term.starts_on <= on]
    if begun:
        return max(begun, key=lambda term: term.starts_on)
    return min(terms, key=lambda term: term.starts_on)


def waiting(terms: Sequence[D], on: date) -> D | None:
    """The paid next term that has not begun on `on`, if there is one."""
    now = running(terms, on)
    later = [term for term in terms if term.starts_on > now.starts_on]
    return min(later, key=lambda term: term.starts_on) if later else None


def standing(terms: Sequence[Dated], on: date, declined: bool) -> Standing:
    """Where a contract with these terms stands on `on`. `declined`: the customer said so, and neither undid it nor
    renewed since."""
    if waiting(terms, on) is not None:
        return Standing.RENEWED
    if declined:
        return Standing.DECLINED
    return by_days(days_left(running(terms, on).ends_on, on))


def by_days(left: int) -> Standing:
    """Standing of a term that nobody renewed or declined, with `left` days to its last day."""
    if left >= DUE_DAYS:
        return Standing.UPCOMING
    if left > 0:
        return Standing.DUE
    if left == 0:
        return Standing.ENDS_TODAY
    return Standing.IN_GRACE if left >= -GRACE_DAYS else Standing.LAPSED


def can_undo_decline(terms: Sequence[Dated], on: date, declined: bool) -> bool:
    """May a decline be taken back on `on`? Up to the end date."""
    return declined and on <= running(terms, on).ends_on


def can_decline(terms: Sequence[Dated], on: date, declined: bool) -> bool:
    """May the customer say on `on` that they will not renew? Until grace ends, and not once renewed."""
    if declined or waiting(terms, on) is not None:
        return False
    return on <= grace_ends(running(terms, on).ends_on)


def can_renew(terms: Sequence[Dated], on: date, declined: bool) -> bool:
    """May the contract be renewed on `on`?

    From OPENS_DAYS before the end and for ever after it (then as a new start), but not while a paid next term
    waits. A declined one is first taken back; when that is no longer possible, renewing itself is the way back.
    """
    if waiting(terms, on) is not None or can_undo_decline(terms, on, declined):
        return False
    return on >= opens_on(running(terms, on).ends_on)


def urgency(terms: Sequence[Dated], on: date, declined: bool) -> tuple[int, int]:
    """Sorts what a customer needs first to the front.

    Ended and still in grace, ending today and due by the last day; then the lapsed, youngest first; then what
    needs nothing yet; then what is renewed.
    """
    left = days_left(running(terms, on).ends_on, on)
    now = standing(terms, on, declined)
    if now in {Standing.IN_GRACE, Standing.ENDS_TODAY, Standing.DUE}:
        return 0, left
    if now is Standing.LAPSED:
        return 1, -left
    return (3 if now is Standing.RENEWED else 2), left


def expiry(ends_on: date, zone: str) -> datetime:
    """The instant (UTC) at which a term that ends on `ends_on` is over: the next midnight in `zone`.

    Where clocks jump over midnight it is the jump; where midnight comes twice because they fall back into the old
    day, the second one.
    """
    place = ZoneInfo(zone)
    midnight = datetime.combine(ends_on + timedelta(days=1), time(), place)
    first, second = midnight.astimezone(UTC), midnight.replace(fold=1).astimezone(UTC)
    if first == second:
        return first
    if first > second:
        return _first_after(ends_on, place, second, first)
    before = (second - timedelta(seconds=1)).astimezone(place).date()
    return second if before <= ends_on else first


def _first_after(day: date, place: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first whole second in (low, high] whose local date is later than `day`; at `high` it is."""
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(place).date() > day:
            high = middle
        else:
            low = middle
    return low if low.astimezone(place).date() > day else high


@dataclass(frozen=True, slots=True)
class Rail:
    """A term as a line RAIL units long: spans in the order past, left, grace_past, grace, new.

    `today` is a place on it or None; `passed` counts the days of the term up to and with today."""

    past: int
    left: int
    grace_past: int
    grace: int
    new: int
    today: int | None
    starts_on: date
    ends_on: date
    new_ends_on: date | None
    days: int
    passed: int


RAIL: Final = 400


def rail(terms: Sequence[Dated], on: date) -> Rail:
    """The running term on `on` as a line, with its grace once it has ended, or with the paid next term."""
    term, new = running(terms, on), waiting(terms, on)
    days = days_left(term.ends_on, term.starts_on) + 1
    over = max(0, -days_left(term.ends_on, on))
    gone = min(days, max(0, -days_left(term.starts_on, on)))
    used = min(over, GRACE_DAYS) if new is None else 0
    open_grace = GRACE_DAYS - used if used else 0
    new_days = days_left(new.ends_on, new.starts_on) + 1 if new else 0
    spans = (gone, days - gone, used, open_grace, new_days)
    edges = [round(RAIL * sum(spans[:count]) / sum(spans)) for count in range(len(spans) + 1)]
    past, left, grace_past, grace, new_wide = (edges[i + 1] - edges[i] for i in range(len(spans)))
    lost = on < term.starts_on or over > GRACE_DAYS
    return Rail(
        past, left, grace_past, grace, new_wide, None if lost else past + grace_past,
        term.starts_on, term.ends_on, new.ends_on if new else None, days,
        passed=min(days, max(0, days - days_left(term.ends_on, on))) if on >= term.starts_on else 0,
    )  # fmt: skip


def is_number(text: str) -> bool:
    """Can `text` be a contract's number: up to 40 letters, digits, dots, dashes and underscores, a letter or digit
    first?"""
    return NUMBER.fullmatch(text) is not None and text not in RESERVED
