"""What a price depends on, and what comes of it: the shapes that the arithmetic takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from payments.money import Money, grain
from portal.kit.db import Json
from portal.pricing.rules.rounding import portion

WHOLE: Final = 10_000  # basis points in one


@dataclass(frozen=True, slots=True)
class Tax:
    """A rate in basis points; `inclusive`: amounts already contain it. `kind`: "vat", "gst", "sales_tax",
    "consumption_tax" or "none"."""

    kind: str
    basis_points: int
    inclusive: bool


class BaseKind(StrEnum):
    """Whom a base price is for, the closest first: the first kind that has a price on the day is taken."""

    CONTRACT = "contract"
    SEGMENT = "segment"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Base:
    """The price that a line starts from: minor units per seat and 12 months, and where it stands. `valid_from` is
    an ISO day."""

    kind: BaseKind
    unit_minor: int
    book: str
    valid_from: str


class Group(StrEnum):
    """Discounts of one group exclude each other, and the best one is taken; groups follow each other in this
    order (domain guide, section 2, step 4). LOYALTY holds win-back offers too."""

    TERM = "term"
    EARLY = "early"
    LOYALTY = "loyalty"
    COUPON = "coupon"


@dataclass(frozen=True, slots=True)
class Discount:
    """Something taken off one line. `code` and `facts` are its explanation, `book` the version of the price book
    it was read from (empty for an offer), `promotion` the offer's id (None for a rule of the book)."""

    group: Group
    code: str
    basis_points: int
    facts: Json
    book: str = ""
    promotion: int | None = None


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What a line's price depends on. `discounts`: at most one of each group. The last term's facts (minor units
    per seat and year, seats) are for comparison only."""

    product_code: str
    seats: int
    base: Base
    tax: Tax
    last_unit_minor: int
    last_seats: int
    discounts: tuple[Discount, ...] = ()

    def discount(self, group: Group) -> Discount | None:
        return next((each for each in self.discounts if each.group is group), None)


@dataclass(frozen=True, slots=True)
class PriceFacts:
    """What a whole price depends on. `term_book`: the version of the price book that puts the term's length on
    sale."""

    currency: str
    months: int
    lines: tuple[LineFacts, ...]
    term_book: str

    @property
    def book(self) -> str:
        """The versions of the price book that this price was read from."""
        versions = {self.term_book}
        for line in self.lines:
            versions |= {line.base.book, *(each.book for each in line.discounts)}
        return ", ".join(sorted(versions - {""}))

    def rounded(self, amount: int, numerator: int, denominator: int) -> int:
        """`amount` × `numerator` ÷ `denominator`, half-up to what can be charged in the currency."""
        step = grain(self.currency)
        return step * portion(amount, numerator, denominator * step)


class Effect(NamedTuple):
    """What one step makes of one line's amount."""

    line: int
    code: str
    facts: Json
    result: int


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the explanation: what it did to which line (None: to the whole), and what then stood there.

    For every line, in order: result = result before + change, except that the base price and "seats" set the
    amount (change 0) rather than change it.
    """

    line: int | None
    code: str
    facts: Json
    change_minor: int
    result_minor: int


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line as the customer gets it. `paid_unit_minor`: per seat and year after discounts, with or without tax as
    the country shows prices; for display and for the next term's comparison."""

    facts: LineFacts
    paid_unit_minor: int
    net_minor: int
    tax_minor: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class Priced:
    """A worked-out price; totals are the sums of the lines."""

    lines: tuple[PricedLine, ...]
    steps: tuple[Step, ...]
    net: Money
    tax: Money
    total: Money
    months: int
    book: str
