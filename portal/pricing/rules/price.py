"""The arithmetic of a price: integers in, integers out, each step kept as an explanation row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from payments.money import Money, grain, half_up
from portal.kit.db import Json
from portal.pricing.errors import SeatsMissing, SeatsOutOfRange

MOST_SEATS: Final = 1_000_000
# A million seats for three years at this price still fit the database's big integer a thousand times.
MOST_UNIT_MINOR: Final = 100_000_000_000
WHOLE: Final = 10_000  # basis points in one


@dataclass(frozen=True, slots=True)
class Tax:
    """A rate in basis points; `inclusive`: amounts already contain it. `kind`: "vat", "gst", "sales_tax",
    "consumption_tax" or "none"."""

    kind: str
    basis_points: int
    inclusive: bool


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What a line's price depends on; unit prices are minor units per seat and 12 months. `list_book` and
    `list_from` (ISO day) say where the list price stands; the last term's facts are for comparison only."""

    product_code: str
    seats: int
    list_unit_minor: int
    tax: Tax
    last_unit_minor: int
    last_seats: int
    list_book: str
    list_from: str


@dataclass(frozen=True, slots=True)
class PriceFacts:
    """What a whole price depends on. `term_discount_bp`: what the term's length takes off, in basis points, by the
    rule in `term_book`."""

    currency: str
    months: int
    lines: tuple[LineFacts, ...]
    term_discount_bp: int
    term_book: str

    @property
    def book(self) -> str:
        """The versions of the price book that this price was read from."""
        return ", ".join(sorted({self.term_book, *(line.list_book for line in self.lines)}))

    def rounded(self, amount: int, numerator: int, denominator: int) -> int:
        """`amount` × `numerator` ÷ `denominator`, half-up to what can be charged in the currency."""
        step = grain(self.currency)
        return step * portion(amount, numerator, denominator * step)


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the explanation: what it did to which line (None: to the whole), and what then stood there.

    For every line, in order: result = result before + change, except that "list_price" and "seats" set the amount
    (change 0) rather than change it.
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


class Effect(NamedTuple):
    """What one step makes of one line's amount."""

    line: int
    code: str
    facts: Json
    result: int


# A step sees all facts and the amounts of all lines so far, so that a later one may also share a sum over lines.
LineSteps = Callable[[PriceFacts, Sequence[int]], Iterator[Effect]]
BASE: Final = frozenset({"list_price", "seats"})


def price(facts: PriceFacts) -> Priced:
    """Work out a price: list price × seats × years, discounts in their fixed order, tax, each rounded half-up per
    line to the minor unit."""
    amounts = [0] * len(facts.lines)
    steps = []
    for step in STEPS:
        for effect in step(facts, tuple(amounts)):
            change = 0 if effect.code in BASE else effect.result - amounts[effect.line]
            steps.append(Step(effect.line, effect.code, effect.facts, change, effect.result))
            amounts[effect.line] = effect.result
    lines = tuple(_taxed(facts, line, amount) for line, amount in zip(facts.lines, amounts, strict=True))
    steps += [_tax_step(i, line) for i, line in enumerate(lines) if line.total_minor != amounts[i]]
    return Priced(
        lines=lines,
        steps=tuple(steps),
        net=Money(sum(line.net_minor for line in lines), facts.currency),
        tax=Money(sum(line.tax_minor for line in lines), facts.currency),
        total=Money(sum(line.total_minor for line in lines), facts.currency),
        months=facts.months,
        book=facts.book,
    )


def list_price(facts: PriceFacts, _amounts: Sequence[int]) -> Iterator[Effect]:
    for i, line in enumerate(facts.lines):
        told = {"book": line.list_book, "valid_from": line.list_from, "last_unit_minor": line.last_unit_minor}
        yield Effect(i, "list_price", told, line.list_unit_minor)


def seats_and_years(facts: PriceFacts, amounts: Sequence[int]) -> Iterator[Effect]:
    for i, line in enumerate(facts.lines):
        told = {"seats": line.seats, "months": facts.months, "last_seats": line.last_seats}
        yield Effect(i, "seats", told, facts.rounded(amounts[i], line.seats * facts.months, 12))


def term_discount(facts: PriceFacts, amounts: Sequence[int]) -> Iterator[Effect]:
    if not facts.term_discount_bp:
        return
    told = {"months": facts.months, "basis_points": facts.term_discount_bp, "book": facts.term_book}
    for i, amount in enumerate(amounts):
        yield Effect(i, "term_discount", told, facts.rounded(amount, WHOLE - facts.term_discount_bp, WHOLE))


# The fixed order. Uplift and cap belong between list price and seats; early, loyalty and coupon discounts, floor
# and proration after the term discount. Tax is always last.
STEPS: Final[tuple[LineSteps, ...]] = (list_price, seats_and_years, term_discount)


def _taxed(facts: PriceFacts, line: LineFacts, amount: int) -> PricedLine:
    rate = line.tax.basis_points
    if line.tax.inclusive:
        net = portion(amount, WHOLE, WHOLE + rate)
        tax = amount - net
    else:
        net = amount
        tax = facts.rounded(amount, rate, WHOLE)
    return PricedLine(line, portion(amount, 12, line.seats * facts.months), net, tax, net + tax)


def _tax_step(i: int, line: PricedLine) -> Step:
    told = {"kind": line.facts.tax.kind, "basis_points": line.facts.tax.basis_points}
    return Step(i, "tax", told, line.tax_minor, line.total_minor)


def portion(amount: int, numerator: int, denominator: int) -> int:
    """`amount` × `numerator` ÷ `denominator`, rounded half-up to whole minor units; none may be negative."""
    whole, rest = divmod(amount * numerator, denominator)
    return whole + half_up(Decimal(rest) / Decimal(denominator))


def per_seat_year(total: Money, seats: int, months: int) -> Money:
    """What `total` comes to per seat and 12 months, half-up; for display."""
    return Money(portion(total.minor, 12, seats * months), total.currency)


def difference(old_total: Money, new_total: Money) -> Money:
    """What the new total is more (or, negative, less) than the old one. Raises CurrencyMismatch."""
    return new_total - old_total


def check_seats(seats: Sequence[int], lines: int) -> None:
    """Raises SeatsMissing unless there is one count for each of `lines`, SeatsOutOfRange unless each is 1 to
    MOST_SEATS."""
    if len(seats) != lines:
        raise SeatsMissing(expected=lines, given=len(seats))
    for i, count in enumerate(seats):
        if not 1 <= count <= MOST_SEATS:
            raise SeatsOutOfRange(line=i, seats=count, least=1, most=MOST_SEATS)


def document(priced: Priced, names: Sequence[Mapping[str, str]]) -> Json:
    """The price as a quote keeps it: lines, steps and tax as codes and facts, with the products' `names` (by
    language, one for each line) beside them. Where lines have different rates, the common rate is null."""
    return {
        "lines": [_line_json(line, dict(name)) for line, name in zip(priced.lines, names, strict=True)],
        "steps": [
            {"line": step.line, "code": step.code, "facts": step.facts, "change_minor": step.change_minor,
             "result_minor": step.result_minor}
            for step in priced.steps
        ],
        "tax": _tax_json([line.facts.tax for line in priced.lines]),
    }  # fmt: skip


def _line_json(line: PricedLine, names: dict[str, str]) -> Json:
    facts = line.facts
    return {
        "product": facts.product_code, "names": names, "seats": facts.seats, "unit_minor": facts.list_unit_minor,
        "paid_unit_minor": line.paid_unit_minor, "net_minor": line.net_minor, "tax_minor": line.tax_minor,
        "total_minor": line.total_minor, "tax_bp": facts.tax.basis_points, "last_seats": facts.last_seats,
        "last_unit_minor": facts.last_unit_minor,
    }  # fmt: skip


def _tax_json(taxes: Sequence[Tax]) -> dict[str, Any]:
    kinds, rates = {tax.kind for tax in taxes if tax.kind != "none"}, {tax.basis_points for tax in taxes}
    return {
        "kind": kinds.pop() if len(kinds) == 1 else "tax" if kinds else "none",
        "basis_points": rates.pop() if len(rates) == 1 else None,
        "inclusive": all(tax.inclusive for tax in taxes),
    }
