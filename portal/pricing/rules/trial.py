"""What a version of the price book would make of a contract's next price."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from portal.contracts import rules as contracts
from portal.pricing.errors import PriceUnavailable, UnknownTerm
from portal.pricing.rules.book import Book, PriceRow, in_force
from portal.pricing.rules.offers import worked_out
from portal.pricing.rules.terms import WithTerms


@dataclass(frozen=True, slots=True)
class Effect:
    """A contract's price on the last day for renewing it for `months`, before and with the version; minor units,
    None where there is none."""

    months: int
    old_minor: int | None
    new_minor: int | None

    @property
    def differs(self) -> bool:
        return self.old_minor != self.new_minor


def last_chance(ends_on: date, on: date) -> date:
    """The day for which a contract's next price is told on `on`: the last one of its term, or once that is over
    the last one of its grace."""
    return ends_on if ends_on >= on else contracts.grace_ends(ends_on)


def effect(book: Book, coming: Sequence[PriceRow], contract: WithTerms, months: int, on: date) -> Effect:
    """What the prices of a version (`coming`, those that concern the contract) make of its renewal on `on` for as
    long as its last term, or the shortest term on sale where that is none."""
    on_sale = sorted({row.months for row in book.discounts if in_force([row], on)})
    length = months if months in on_sale or not on_sale else on_sale[0]
    old = total(book, contract, length, on)
    new = total(with_prices(book, coming), contract, length, on) if coming else old
    return Effect(length, old, new)


def total(book: Book, contract: WithTerms, months: int, on: date) -> int | None:
    """What renewing on `on` costs, in minor units; None where there is no price."""
    try:
        return worked_out(book, contract, months, None, on).total.minor
    except (PriceUnavailable, UnknownTerm):
        return None


def with_prices(book: Book, coming: Sequence[PriceRow]) -> Book:
    """The book once the prices of a version are in it."""
    prices = list(book.prices)
    for new in coming:
        prices = [part for row in prices for part in _beside(row, new)]
    return replace(book, prices=(*prices, *coming))


def _beside(row: PriceRow, new: PriceRow) -> Iterator[PriceRow]:
    """What is left of a price when a new one of its kind takes its days: the part before, and the part after."""
    if (row.product_code, row.kind) != (new.product_code, new.kind):
        yield row
        return
    if row.valid_from < new.valid_from:
        yield replace(row, valid_to=new.valid_from if _reaches(row, new.valid_from) else row.valid_to)
    if new.valid_to is not None and _reaches(row, new.valid_to):
        yield replace(row, valid_from=max(row.valid_from, new.valid_to))


def _reaches(row: PriceRow, day: date) -> bool:
    return row.valid_to is None or row.valid_to > day
