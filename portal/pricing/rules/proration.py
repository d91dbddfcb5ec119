"""Parts of a year and of a term, by actual days: seats that join in between, terms that end together, the years of
a longer term."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from payments.money import Money, grain
from portal.contracts.rules import TermPlan, add_months
from portal.pricing.rules.rounding import portion


@dataclass(frozen=True, slots=True)
class Year:
    """One year of a longer term, or what is left of it at its end, and what it costs."""

    starts_on: date
    ends_on: date
    amount: Money


def prorated(whole: Money, starts_on: date, ends_on: date, since: date) -> Money:
    """The part of `whole`, the price of the days from `starts_on` to `ends_on`, that falls on `since` and later;
    both ends count (domain guide, section 2, "Proration"). Half-up to what can be charged. Raises ValueError when
    `since` is not one of the days."""
    if not starts_on <= since <= ends_on:
        raise ValueError("not a day of the term")
    return _part(whole, (ends_on - since).days + 1, (ends_on - starts_on).days + 1)


def until(yearly: Money, starts_on: date, ends_on: date) -> Money:
    """What the days from `starts_on` to `ends_on` cost at `yearly` for the twelve months that begin with them, so
    that a term ends together with another. Raises ValueError when they are more than a year."""
    year = (add_months(starts_on, 12) - starts_on).days
    days = (ends_on - starts_on).days + 1
    if not 1 <= days <= year:
        raise ValueError("not a part of a year")
    return _part(yearly, days, year)


def by_year(total: Money, plan: TermPlan) -> list[Year]:
    """What each year of a term costs: the total shared by months, largest remainder first, so that the years add
    up to it. Years count from the anchor, as the term does: they end where it ends."""
    before, steps = plan.months_from_anchor - plan.months, range(0, plan.months, 12)
    lengths = [min(12, plan.months - begun) for begun in steps]
    begins = [plan.starts_on, *(add_months(plan.anchor_on, before + begun) for begun in steps[1:])]
    ends = [*begins[1:], plan.ends_on + timedelta(days=1)]
    return [
        Year(begin, end - timedelta(days=1), amount)
        for begin, end, amount in zip(begins, ends, shared(total, lengths), strict=True)
    ]


def shared(total: Money, weights: list[int]) -> list[Money]:
    """`total` shared by `weights`, largest remainder first and left-over units to the earliest, each share one
    that can be charged."""
    step = grain(total.currency)
    shares = Money(total.minor // step, total.currency).split(weights)
    return [share * step for share in shares]


def _part(whole: Money, days: int, of: int) -> Money:
    step = grain(whole.currency)
    return Money(step * portion(whole.minor, days, of * step), whole.currency)
