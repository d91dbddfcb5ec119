"""What a price will be once prices that are already in the book begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from payments.money import Money
from portal.pricing.errors import PriceUnavailable
from portal.pricing.rules.book import Book, in_force
from portal.pricing.rules.offers import worked_out
from portal.pricing.rules.terms import WithTerms


@dataclass(frozen=True, slots=True)
class Coming:
    """From `on` the same renewal costs `total`, all else being as today."""

    on: date
    total: Money


def next_change(
    book: Book, contract: WithTerms, months: int, seats: Sequence[int] | None, on: date
) -> Coming | None:
    """The first day after `on` whose prices make another total of the same wish; None where none is in the book.
    Raises as `worked_out`."""
    today = worked_out(book, contract, months, seats, on).total
    for day in sorted({row.valid_from for row in book.prices if row.valid_from > on}):
        then = [replace(row, valid_from=on, valid_to=None) for row in book.prices if in_force([row], day)]
        try:
            total = worked_out(replace(book, prices=tuple(then)), contract, months, seats, on).total
        except PriceUnavailable:
            return None
        if total != today:
            return Coming(day, total)
    return None
