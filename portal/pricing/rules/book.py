"""Which row of the price book holds on a day, and what can be offered from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from payments.money import Money
from portal.kit.db import Json
from portal.pricing.errors import PriceUnavailable, UnknownTerm
from portal.pricing.rules.price import LineFacts, Priced, PriceFacts, Tax, check_seats, document, price


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A list price: minor units per seat and year, valid_from ≤ day < valid_to (None: open)."""

    product_code: str
    unit_minor: int
    book: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class DiscountRow:
    """What a term of this length takes off, in basis points. A length without a row is not on sale."""

    months: int
    basis_points: int
    book: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class TaxRow:
    """The tax of one product, or (None) of every product without a rate of its own."""

    product_code: str | None
    tax: Tax
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Book:
    """The rows that can matter for one contract: its currency, its products, its company's country."""

    currency: str
    prices: tuple[PriceRow, ...]
    discounts: tuple[DiscountRow, ...]
    taxes: tuple[TaxRow, ...]


class Period(Protocol):
    """Anything that is valid from a day until, and without, another (None: open)."""

    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


class Product(Protocol):
    @property
    def names(self) -> dict[str, str]: ...


class Line(Protocol):
    """A line of the last term."""

    @property
    def product_code(self) -> str: ...
    @property
    def seats(self) -> int: ...
    @property
    def unit_minor(self) -> int: ...
    @property
    def product(self) -> Product: ...


class Term(Protocol):
    @property
    def starts_on(self) -> date: ...
    @property
    def lines(self) -> Sequence[Line]: ...


class WithTerms(Protocol):
    @property
    def terms(self) -> Sequence[Term]: ...


@dataclass(frozen=True, slots=True)
class Offer:
    """The price of one term length, not yet sealed; speaks like a quote: document, currency, months, totals."""

    months: int
    discount_bp: int
    priced: Priced
    document: Json

    @property
    def currency(self) -> str:
        return self.priced.total.currency

    @property
    def net(self) -> Money:
        return self.priced.net

    @property
    def tax(self) -> Money:
        return self.priced.tax

    @property
    def total(self) -> Money:
        return self.priced.total

    @property
    def seats(self) -> int:
        """Seats of all lines together."""
        return sum(line.facts.seats for line in self.priced.lines)


P = TypeVar("P", bound=Period)


def in_force(rows: Iterable[P], on: date) -> P | None:
    """The row that holds on `on`: valid_from ≤ on < valid_to."""
    begun = (row for row in rows if row.valid_from <= on)
    return next((row for row in begun if row.valid_to is None or on < row.valid_to), None)


def overlap(rows: Iterable[P], valid_from: date, valid_to: date | None) -> P | None:
    """A row that shares a day with the period; periods that only touch share none."""
    for row in rows:
        begins_before_end = valid_to is None or row.valid_from < valid_to
        ends_after_start = row.valid_to is None or valid_from < row.valid_to
        if begins_before_end and ends_after_start:
            return row
    return None


def last_lines(contract: WithTerms) -> Sequence[Line]:
    """The lines of the contract's latest term: what there is to renew."""
    return max(contract.terms, key=lambda term: term.starts_on).lines


def offers(book: Book, contract: WithTerms, seats: Sequence[int] | None, on: date) -> list[Offer]:
    """One offer for each term length on sale on `on`, shortest first. `seats`: one count for each line of the last
    term, None: as many as then. Raises PriceUnavailable, SeatsMissing, SeatsOutOfRange."""
    months = sorted({row.months for row in book.discounts if in_force([row], on)})
    if not months:
        raise PriceUnavailable(currency=book.currency, on=on.isoformat(), what="term")
    return [offer(book, contract, length, seats, on) for length in months]


def offer(book: Book, contract: WithTerms, months: int, seats: Sequence[int] | None, on: date) -> Offer:
    """The price of `months` on `on`. Raises UnknownTerm, PriceUnavailable, SeatsMissing, SeatsOutOfRange."""
    lines = last_lines(contract)
    wanted = [line.seats for line in lines] if seats is None else list(seats)
    check_seats(wanted, len(lines))
    discount = in_force((row for row in book.discounts if row.months == months), on)
    if discount is None:
        raise UnknownTerm(months=months, on=on.isoformat())
    facts = PriceFacts(
        currency=book.currency,
        months=months,
        lines=tuple(_line(book, line, count, on) for line, count in zip(lines, wanted, strict=True)),
        term_discount_bp=discount.basis_points,
        term_book=discount.book,
    )
    priced = price(facts)
    return Offer(months, discount.basis_points, priced, document(priced, _names(lines)))


def _names(lines: Sequence[Line]) -> list[Mapping[str, str]]:
    return [line.product.names for line in lines]


def _line(book: Book, line: Line, seats: int, on: date) -> LineFacts:
    code = line.product_code
    row = in_force((row for row in book.prices if row.product_code == code), on)
    if row is None:
        raise PriceUnavailable(product_code=code, currency=book.currency, on=on.isoformat(), what="price")
    return LineFacts(
        product_code=code,
        seats=seats,
        list_unit_minor=row.unit_minor,
        tax=_tax(book, code, on),
        last_unit_minor=line.unit_minor,
        last_seats=line.seats,
        list_book=row.book,
        list_from=row.valid_from.isoformat(),
    )


def _tax(book: Book, code: str, on: date) -> Tax:
    own = in_force((row for row in book.taxes if row.product_code == code), on)
    row = own or in_force((row for row in book.taxes if row.product_code is None), on)
    if row is None:
        raise PriceUnavailable(product_code=code, currency=book.currency, on=on.isoformat(), what="tax")
    return row.tax
