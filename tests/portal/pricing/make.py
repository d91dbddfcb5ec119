"""Prices for tests, from plain numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from portal.pricing import rules

ON = date(2026, 11, 22)
INCLUSIVE_6 = rules.Tax("vat", 600, True)
NO_TAX = rules.Tax("none", 0, False)


def line(
    unit: int, seats: int = 1, tax: rules.Tax = NO_TAX, last_unit: int = 0, last_seats: int = 1
) -> rules.LineFacts:
    base = rules.Base(rules.BaseKind.LIST, unit, "2026-07", "2026-07-01")
    return rules.LineFacts("insight", seats, base, tax, last_unit, last_seats)


def term_discount(months: int, basis_points: int) -> rules.Discount:
    told = {"months": months, "basis_points": basis_points, "book": "2026-07"}
    return rules.Discount(rules.Group.TERM, "term_discount", basis_points, told, book="2026-07")


def early(basis_points: int) -> rules.Discount:
    return rules.Discount(rules.Group.EARLY, "early_offer", basis_points, {}, promotion=1)


def priced(
    *lines: rules.LineFacts, months: int = 12, discount: int = 0, early_bp: int = 0, currency: str = "CNY"
) -> rules.Priced:
    found = (term_discount(months, discount), early(early_bp))
    taken = tuple(each for each in found if each.basis_points)
    given = tuple(replace(line, discounts=taken) for line in lines)
    return rules.price(rules.PriceFacts(currency, months, given, "2026-07"))


@dataclass(frozen=True)
class Product:
    names: dict[str, str]


@dataclass(frozen=True)
class Line:
    product_code: str
    seats: int
    unit_minor: int
    product: Product
    undiscounted_minor: int | None = None


@dataclass(frozen=True)
class Term:
    starts_on: date
    ends_on: date
    lines: Sequence[Line]


@dataclass(frozen=True)
class Contract:
    terms: Sequence[Term]


def contract(*lines: tuple[str, int, int]) -> Contract:
    """A contract with an old term of one seat, and a last term with these (product code, seats, unit minor)."""
    old = Term(date(2024, 12, 13), date(2025, 12, 12), [Line("old", 1, 1, Product({"en": "Old"}))])
    last = [Line(code, seats, unit, Product({"en": code.title()})) for code, seats, unit in lines]
    return Contract([Term(date(2025, 12, 13), date(2026, 12, 12), last), old])


def book(
    prices: Sequence[tuple[str, int, date, date | None]] = (("insight", 105_000, date(2026, 1, 1), None),),
    taxes: Sequence[tuple[str | None, rules.Tax]] = ((None, INCLUSIVE_6),),
    discounts: Sequence[tuple[int, int]] = ((12, 0), (24, 800), (36, 1400)),
) -> rules.Book:
    since = date(2026, 1, 1)
    return rules.Book(
        currency="CNY",
        prices=tuple(rules.PriceRow(code, unit, "2026-07", start, end) for code, unit, start, end in prices),
        discounts=tuple(rules.DiscountRow(months, points, "2026-07", since, None) for months, points in discounts),
        taxes=tuple(rules.TaxRow(code, tax, since, None) for code, tax in taxes),
    )
