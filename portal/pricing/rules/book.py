"""Which row of the price book holds on a day, and what can be offered from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol, TypeVar

from payments.money import Money
from portal.kit.db import Json
from portal.pricing.errors import PriceUnavailable, UnknownTerm
from portal.pricing.rules import promotions
from portal.pricing.rules.facts import (
    Base,
    BaseKind,
    Discount,
    Group,
    LineFacts,
    Priced,
    PriceFacts,
    Tax,
)
from portal.pricing.rules.price import check_seats, document, price
from portal.pricing.rules.promotions import Occasion, PromotionRow


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A base price: minor units per seat and year, valid_from ≤ day < valid_to (None: open), for one contract, one
    segment or everybody."""

    product_code: str
    unit_minor: int
    book: str
    valid_from: date
    valid_to: date | None
    kind: BaseKind = BaseKind.LIST


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
    """The rows that can matter for one contract: its currency, its products, its segment and its own prices, its
    company's country, the offers it may have."""

    currency: str
    prices: tuple[PriceRow, ...]
    discounts: tuple[DiscountRow, ...]
    taxes: tuple[TaxRow, ...]
    promotions: tuple[PromotionRow, ...] = ()


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
    def ends_on(self) -> date: ...
    @property
    def lines(self) -> Sequence[Line]: ...


class WithTerms(Protocol):
    @property
    def terms(self) -> Sequence[Term]: ...


@dataclass(frozen=True, slots=True)
class Offer:
    """The price of one term length, not yet sealed; speaks like a quote: document, currency, months, totals."""

    months: int
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

    @property
    def early_days(self) -> int | None:
        """How many days before the end the price must be accepted; None when nothing in it asks for that."""
        early = [found for line in self.priced.lines if (found := line.facts.discount(Group.EARLY))]
        return max((int(each.facts["least"]) for each in early), default=None)

    @property
    def coupon(self) -> bool:
        """Did a coupon take something off?"""
        return any(line.facts.discount(Group.COUPON) for line in self.priced.lines)

    @property
    def promotions(self) -> frozenset[int]:
        """Ids of the offers that this price takes up."""
        taken = (each.promotion for line in self.priced.lines for each in line.facts.discounts)
        return frozenset(each for each in taken if each is not None)


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


def last_term(contract: WithTerms) -> Term:
    """The contract's latest term: what there is to renew."""
    return max(contract.terms, key=lambda term: term.starts_on)


def running_since(contract: WithTerms) -> date:
    """The first day of the terms that follow each other without a gap up to the latest one."""
    first, *earlier = sorted(contract.terms, key=lambda term: term.starts_on, reverse=True)
    since = first.starts_on
    for term in earlier:
        if term.ends_on + timedelta(days=1) != since:
            break
        since = term.starts_on
    return since


def last_lines(contract: WithTerms) -> Sequence[Line]:
    """The lines of the contract's latest term."""
    return last_term(contract).lines


def offers(book: Book, contract: WithTerms, seats: Sequence[int] | None, on: date) -> list[Offer]:
    """One offer for each term length on sale on `on`, shortest first. `seats`: one count for each line of the last
    term, None: as many as then. Raises PriceUnavailable, SeatsMissing, SeatsOutOfRange."""
    months = sorted({row.months for row in book.discounts if in_force([row], on)})
    if not months:
        raise PriceUnavailable(currency=book.currency, on=on.isoformat(), what="term")
    return [offer(book, contract, length, seats, on) for length in months]


def offer(book: Book, contract: WithTerms, months: int, seats: Sequence[int] | None, on: date) -> Offer:
    """The price of `months` on `on`. Raises UnknownTerm, PriceUnavailable, SeatsMissing, SeatsOutOfRange."""
    term = last_term(contract)
    lines = term.lines
    wanted = [line.seats for line in lines] if seats is None else list(seats)
    check_seats(wanted, len(lines))
    rule = in_force((row for row in book.discounts if row.months == months), on)
    if rule is None:
        raise UnknownTerm(months=months, on=on.isoformat())
    occasion = Occasion(months, term.ends_on, on, running_since(contract))
    priced = price(
        PriceFacts(
            currency=book.currency,
            months=months,
            lines=tuple(
                _line(book, line, count, rule, occasion) for line, count in zip(lines, wanted, strict=True)
            ),
            term_book=rule.book,
        )
    )
    if not priced.total.minor:
        # Nothing can be charged, and a renewal for nothing is for people to decide.
        raise PriceUnavailable(currency=book.currency, on=on.isoformat(), what="price")
    return Offer(months, priced, document(priced, _names(lines)))


def _names(lines: Sequence[Line]) -> list[Mapping[str, str]]:
    return [line.product.names for line in lines]


def _line(book: Book, line: Line, seats: int, rule: DiscountRow, occasion: Occasion) -> LineFacts:
    code = line.product_code
    return LineFacts(
        product_code=code,
        seats=seats,
        base=base_price(book, code, occasion.on),
        tax=_tax(book, code, occasion.on),
        last_unit_minor=line.unit_minor,
        last_seats=line.seats,
        discounts=_discounts(book, code, rule, occasion),
    )


def base_price(book: Book, code: str, on: date) -> Base:
    """The price per seat and year that holds on `on`: the contract's own, else its segment's, else the list's
    (domain guide, section 2, step 1). Raises PriceUnavailable: a gap is never a price of nothing."""
    for kind in BaseKind:
        row = in_force((row for row in book.prices if row.product_code == code and row.kind is kind), on)
        if row is not None:
            return Base(kind, row.unit_minor, row.book, row.valid_from.isoformat())
    raise PriceUnavailable(product_code=code, currency=book.currency, on=on.isoformat(), what="price")


def _discounts(book: Book, code: str, rule: DiscountRow, occasion: Occasion) -> tuple[Discount, ...]:
    """The best discount of each group for a line: `rule` is what the book takes off for the term's length."""
    told = {"months": rule.months, "basis_points": rule.basis_points, "book": rule.book}
    found = [Discount(Group.TERM, "term_discount", rule.basis_points, told, book=rule.book)]
    found += [
        promotions.as_discount(row, occasion)
        for row in sorted(book.promotions, key=lambda row: row.id)
        if promotions.fits(row, code, occasion)
    ]
    return tuple(each for each in promotions.best(found) if each.basis_points)


def _tax(book: Book, code: str, on: date) -> Tax:
    own = in_force((row for row in book.taxes if row.product_code == code), on)
    row = own or in_force((row for row in book.taxes if row.product_code is None), on)
    if row is None:
        raise PriceUnavailable(product_code=code, currency=book.currency, on=on.isoformat(), what="tax")
    return row.tax
