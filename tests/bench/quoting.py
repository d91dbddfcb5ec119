"""How long the rules take for one contract's offers: `python -m tests.bench.quoting`. No database.

Three lines, four term lengths, twelve offers; printed for one length and for the whole offer page, beside the time
of a thousand additions of Money in the same run, as a measure of the machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from statistics import median

import click

from payments.money import Money
from portal.pricing import rules
from portal.pricing.rules import PromotionKind, PromotionRow
from tests.portal.pricing.make import book, contract

ON = date(2026, 11, 22)
TIMES = 300


def clocked(work: Callable[[], object]) -> float:
    """Median milliseconds."""
    found = []
    for _time in range(TIMES):
        start = time.perf_counter()
        work()
        found.append((time.perf_counter() - start) * 1000)
    return median(found)


def main() -> None:
    since = date(2026, 1, 1)
    lines = [("insight", 20, 99_000), ("backup", 5, 45_000), ("field", 100, 12_000)]
    offered = tuple(
        PromotionRow(number, kind, {"en": "Offer"}, 100 + number, 1, None, since, None)
        for number, kind in enumerate([kind for kind in PromotionKind for _each in range(3)])
    )
    given = replace(
        book(
            prices=tuple((code, unit + 6_000, since, None) for code, _seats, unit in lines),
            discounts=((12, 0), (24, 800), (36, 1400), (60, 2000)),
        ),
        promotions=offered,
    )
    of = contract(*lines)
    one = clocked(lambda: rules.offer(given, of, 24, None, ON))
    page = clocked(lambda: rules.offers(given, of, None, ON))
    sums = clocked(lambda: sum((Money(1, "CNY") for _each in range(1000)), Money(0, "CNY")))
    click.echo(f"one length: {one:.3f} ms; all four: {page:.3f} ms; 1,000 sums of Money: {sums:.3f} ms")


if __name__ == "__main__":
    main()
