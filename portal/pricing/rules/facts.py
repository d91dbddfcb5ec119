"""What a price depends on, and what comes of it: the shapes that the arithmetic takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from payments.money import Money, grain
from portal.kit.db import Json
from portal.pricing.rules.rounding import portion

WHOLE: Final = 10_000  # basis points in one
LAST_PRICE: Final = "last_price"


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
    """The price that a line starts from: minor units per seat and 12 months, and where it stands. `kind` None: it
    is the last term's own, and `book` is empty. `valid_from` is an ISO day. `floor_minor`: no discount goes below
    it."""

    kind: BaseKind | None
    unit_minor: int
    book: str
    valid_from: str
    floor_minor: int | None = None

    @property
    def code(self) -> str:
        return LAST_PRICE if self.kind is None else f"{self.kind}_price"


@dataclass(frozen=True, slots=True)
class Uplift:
    """What a price that is kept from the last term rises by, in basis points; `facts` are its explanation."""

    basis_points: int
    facts: Json


class ExemptReason(StrEnum):
    """Why a buyer pays no tax."""

    PUBLIC_BODY = "public_body"
    CHARITY = "charity"
    EDUCATION = "education"
    DIPLOMATIC = "diplomatic"
    RESALE = "resale"
    ABROAD = "abroad"


@dataclass(frozen=True, slots=True)
class Exemption:
    """Why a buyer pays no tax, and the number of the certificate that says so."""

    reason: ExemptReason
    certificate: str


class Group(StrEnum):
    """Discounts of one group exclude each other, and the best one is taken; groups follow each other in this
    order (domain guide, section 2, step 4). LOYALTY holds win-back offers too; SPECIAL is what somebody granted to
    one contract."""

    TERM = "term"
    EARLY = "early"
    LOYALTY = "loyalty"
    COUPON = "coupon"
    SPECIAL = "special"


@dataclass(frozen=True, slots=True)
class Discount:
    """Something taken off: `basis_points` of each line, or `amount_minor` of all lines that have it together.
    `code` and `facts` are its explanation, `book` the version of the price book it was read from (empty for an
    offer), `promotion` the offer's id (None for a rule of the book)."""

    group: Group
    code: str
    basis_points: int
    facts: Json
    book: str = ""
    promotion: int | None = None
    amount_minor: int = 0


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
    uplift: Uplift | None = None
    exemption: Exemption | None = None

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

    def unit(self, line: LineFacts) -> int:
        """A line's price per seat and year before discounts."""
        if line.uplift is None:
            return line.base.unit_minor
        return self.rounded(line.base.unit_minor, WHOLE + line.uplift.basis_points, WHOLE)

    def whole(self, line: LineFacts, unit_minor: int) -> int:
        """What a line's seats come to for the whole term at `unit_minor` per seat and year."""
        return self.rounded(unit_minor, line.seats * self.months, 12)

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
    """A worked-out price; totals are the sums of the lines. `units`: each line's price per seat and year before
    discounts."""

    lines: tuple[PricedLine, ...]
    units: tuple[int, ...]
    steps: tuple[Step, ...]
    net: Money
    tax: Money
    total: Money
    months: int
    book: str
