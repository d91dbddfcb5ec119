"""The rows of the price book, and which of them holds on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol, TypeVar

from portal.pricing.rules.facts import BaseKind, Exemption, Tax
from portal.pricing.rules.promotions import PromotionRow
from portal.pricing.rules.renewals import IndexRow, RenewalRow


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A base price: minor units per seat and year, valid_from ≤ day < valid_to (None: open), for one contract, one
    segment or everybody. `floor_minor`: the least that discounts may make of it."""

    product_code: str
    unit_minor: int
    book: str
    valid_from: date
    valid_to: date | None
    kind: BaseKind = BaseKind.LIST
    floor_minor: int | None = None


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
class SpecialRow:
    """What was granted to the contract, in basis points, for quotes made before `valid_to`."""

    id: int
    basis_points: int
    valid_to: date


@dataclass(frozen=True, slots=True)
class ExemptRow:
    """From when until when the contract's company pays no tax, and why."""

    exemption: Exemption
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Book:
    """The rows that can matter for one contract: its currency, its products, its segment and its own prices, its
    company's country, the offers it may have, what was agreed and granted."""

    currency: str
    prices: tuple[PriceRow, ...]
    discounts: tuple[DiscountRow, ...]
    taxes: tuple[TaxRow, ...]
    promotions: tuple[PromotionRow, ...] = ()
    renewals: tuple[RenewalRow, ...] = ()
    indexes: tuple[IndexRow, ...] = ()
    specials: tuple[SpecialRow, ...] = ()
    exemptions: tuple[ExemptRow, ...] = ()


class Period(Protocol):
    """Anything that is valid from a day until, and without, another (None: open)."""

    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


P = TypeVar("P", bound=Period)


def in_force(rows: Iterable[P], on: date) -> P | None:
    """The row that holds on `on`: valid_from ≤ on < valid_to."""
    for row in rows:  # asked a hundred times for each contract of a trial
        if row.valid_from <= on and (row.valid_to is None or on < row.valid_to):
            return row
    return None


def has_begun(valid_from: date, on: date) -> bool:
    """May it be `valid_from` already for somebody, when it is `on` here? Zones are up to a day ahead of ours."""
    return valid_from <= on + timedelta(days=1)


def overlap(rows: Iterable[P], valid_from: date, valid_to: date | None) -> P | None:
    """A row that shares a day with the period; periods that only touch share none."""
    for row in rows:
        begins_before_end = valid_to is None or row.valid_from < valid_to
        ends_after_start = row.valid_to is None or valid_from < row.valid_to
        if begins_before_end and ends_after_start:
            return row
    return None
