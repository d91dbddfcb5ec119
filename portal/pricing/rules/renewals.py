"""What a contract agreed about its next price: today's book, the price it has, or that price with an uplift."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from portal.pricing.errors import PriceUnavailable
from portal.pricing.rules.facts import Uplift


class Method(StrEnum):
    """Where the next price of a line starts: LIST: from the price book. SAME: from what the line costs now.
    UPLIFT: from what it costs now, and so much more."""

    LIST = "list"
    SAME = "same"
    UPLIFT = "uplift"


class Pick(StrEnum):
    """Which of a fixed rate and an index counts: the LESSER or the GREATER of the two."""

    LESSER = "lesser"
    GREATER = "greater"


@dataclass(frozen=True, slots=True)
class RenewalRow:
    """How a contract's next price is found, for one product or (None) all without a row of their own.

    Of an UPLIFT, in basis points: `rate`, a fixed one; `series` and `points`, a price index and what is added to
    its yearly change; `pick` when both are given; `cap`, the most it may come to. `month` (1 to 12): the month
    whose index counts, None for the newest one."""

    product_code: str | None
    method: Method
    rate: int | None = None
    series: str | None = None
    points: int = 0
    month: int | None = None
    pick: Pick = Pick.LESSER
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class IndexRow:
    """The change of a price index against the same month a year before, in basis points; `month` is the first day
    of its month."""

    series: str
    month: date
    basis_points: int


# An index older than this is not the one that was agreed on: somebody has forgotten to enter the new one.
OLDEST_INDEX_MONTHS: Final = 15
MOST_UPLIFT: Final = 10_000


def renewal_of(rows: Iterable[RenewalRow], product_code: str) -> RenewalRow:
    """What holds for a product: its own row, else the contract's, else today's price book."""
    found = {row.product_code: row for row in rows}
    return found.get(product_code) or found.get(None) or RenewalRow(None, Method.LIST)


def uplift(row: RenewalRow, indexes: Iterable[IndexRow], on: date) -> Uplift:
    """What a price rises by that is renewed on `on` (domain guide, section 2, step 3); never less than nothing.
    Raises PriceUnavailable when the index is not known."""
    index = _index(row, indexes, on) if row.series else None
    rates = [] if row.rate is None else [row.rate]
    if index is not None:
        rates.append(index.basis_points + row.points)
    rate = min(rates) if row.pick is Pick.LESSER else max(rates)
    if row.cap is not None:
        rate = min(rate, row.cap)
    told = {
        "basis_points": max(0, rate), "rate": row.rate, "series": row.series, "points": row.points,
        "pick": row.pick.value, "cap": row.cap,
        "index_basis_points": index.basis_points if index else None,
        "index_month": index.month.isoformat() if index else None,
    }  # fmt: skip
    return Uplift(max(0, rate), told)


def _index(row: RenewalRow, indexes: Iterable[IndexRow], on: date) -> IndexRow:
    wanted = [
        each for each in indexes if each.series == row.series and row.month in (None, each.month.month)
        and 0 <= _months(each.month, on) < OLDEST_INDEX_MONTHS
    ]  # fmt: skip
    if not wanted:
        raise PriceUnavailable(what="index", series=row.series, on=on.isoformat())
    return max(wanted, key=lambda each: each.month)


def _months(earlier: date, later: date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month
