"""What a price will be once what is already in the book begins, or ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from payments.money import Money
from portal.pricing.errors import PriceUnavailable, UnknownTerm
from portal.pricing.rules.book import Book, DiscountRow, ExemptRow, Period, PriceRow, TaxRow, in_force
from portal.pricing.rules.offers import worked_out
from portal.pricing.rules.terms import WithTerms

Dated = TypeVar("Dated", PriceRow, DiscountRow, TaxRow, ExemptRow)


@dataclass(frozen=True, slots=True)
class Coming:
    """From `on` the same renewal costs `total`, all else being as today."""

    on: date
    total: Money


def next_change(
    book: Book, contract: WithTerms, months: int, seats: Sequence[int] | None, on: date
) -> Coming | None:
    """The first day after `on` on which the book makes another total of the same wish, because a price, a tax or
    what a longer term takes off begins or ends; None where no such day is in it, or a price is missing before.
    Raises as `worked_out`."""
    today = worked_out(book, contract, months, seats, on).total
    dated: tuple[Period, ...] = (*book.prices, *book.discounts, *book.taxes, *book.exemptions)
    edges = {edge for row in dated for edge in (row.valid_from, row.valid_to) if edge is not None and edge > on}
    for day in sorted(edges):
        try:
            total = worked_out(_as_of(book, day, on), contract, months, seats, on).total
        except (PriceUnavailable, UnknownTerm):
            return None
        if total != today:
            return Coming(day, total)
    return None


def _as_of(book: Book, day: date, on: date) -> Book:
    """The book as if what holds on `day` held on `on`: offers stay those of `on`."""

    def moved(rows: tuple[Dated, ...]) -> tuple[Dated, ...]:
        return tuple(replace(row, valid_from=on, valid_to=None) for row in rows if in_force([row], day))

    return replace(
        book,
        prices=moved(book.prices),
        discounts=moved(book.discounts),
        taxes=moved(book.taxes),
        exemptions=moved(book.exemptions),
    )
