"""Six hundred contracts as an import leaves them: up to four years of terms, without orders, payments or receipts.

The rows are written many at once; each is what `contracts.actions` would write one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Final

from sqlalchemy.orm import Session

from portal.audit import actions as audit
from portal.contracts import actions as contracts
from portal.contracts import queries
from portal.contracts.models import Contract, Segment, Term, TermLine
from portal.contracts.rules import LineSpec, add_months, end_of
from portal.demo.book import BY
from portal.demo.catalogue import CODES, PRODUCTS
from portal.demo.companies import Customer
from portal.kit import clock

CONTRACTS: Final = 600
# Numbers of these contracts end in 2000 and up; the named ones lie below.
FIRST_NUMBER: Final = 2000
CURRENCIES: Final = {"CN": "CNY", "US": "USD", "JP": "JPY"}
ONE_DAY: Final = timedelta(days=1)
MANY_LINES: Final = 40


class Fate(StrEnum):
    """What becomes of a contract by the day of the first start."""

    ORDERED = "ordered"  # due about now; orders are placed for it
    RUNNING = "running"
    DUE = "due"
    TODAY = "today"
    GRACE = "grace"
    LAPSED = "lapsed"
    RENEWED = "renewed"
    DECLINED = "declined"


# In a thousand of those without orders.
FATES: Final = {
    Fate.RUNNING: 625, Fate.DUE: 130, Fate.TODAY: 5, Fate.GRACE: 50, Fate.LAPSED: 80, Fate.RENEWED: 75,
    Fate.DECLINED: 35,
}  # fmt: skip
# Days to the end of the running term.
ENDS_IN: Final = {
    Fate.ORDERED: (3, 100), Fate.RUNNING: (60, 340), Fate.DUE: (1, 59), Fate.TODAY: (0, 0), Fate.GRACE: (-29, -1),
    Fate.LAPSED: (-420, -31), Fate.RENEWED: (2, 120), Fate.DECLINED: (5, 58),
}  # fmt: skip
MONTHS: Final = {12: 78, 24: 12, 36: 10}  # in a hundred
SEATS: Final = {Segment.STRATEGIC: (40, 1500), Segment.STANDARD: (5, 80), Segment.SMALL: (1, 12)}
LINES: Final = {1: 55, 2: 22, 3: 12, 4: 5, 6: 4, 12: 2}  # how many lines: in a hundred
# Who answers for a contract, in a hundred: customer success, sales, nobody.
OWNERS: Final = (55, 42, 3)
REASONS: Final = ("We moved to another supplier.", "我们已改用其他系统。", "The branch office closed.", "")


@dataclass(frozen=True)
class Sketch:
    """A contract before it has rows: its terms lie end to end from `anchor`."""

    number: str
    customer: Customer
    fate: Fate
    anchor: date
    months: int
    ends: tuple[int, ...]  # months from the anchor to each term's end
    lines: tuple[LineSpec, ...]
    owner_id: int | None


def write(
    db: Session, draw: Random, customers: Sequence[Customer], owners: tuple[int, int], ordered: int, at: datetime
) -> list[Customer]:
    """Make the contracts; the first `ordered` of them are due about now and wait for an order. Returns whose those
    are, in the order of their numbers."""
    fates = draw.choices(list(FATES), list(FATES.values()), k=CONTRACTS - ordered)
    sketches = [
        _sketch(draw, serial, fate, customers, owners, at)
        for serial, fate in enumerate([Fate.ORDERED] * ordered + fates)
    ]
    longest = max(place for place, sketch in enumerate(sketches) if _could_be_long(sketch))
    sketches[longest] = _with_many_lines(draw, sketches[longest])
    rows = [_contract(sketch, at) for sketch in sketches]
    db.add_all(rows)
    db.flush()
    for row, sketch in zip(rows, sketches, strict=True):
        terms = list(_terms(row, sketch, at))
        db.add_all(terms)
        _note(db, row, sketch, terms, at)
    db.flush()
    for row, sketch in zip(rows, sketches, strict=True):
        if sketch.fate is Fate.DECLINED:
            by = f"person:{sketch.customer.owner.id}"
            past = at - timedelta(days=draw.randint(1, 20), minutes=draw.randint(1, 600))
            contracts.decline(db, queries.lock(db, row.id), draw.choice(REASONS), by, past)
    return [sketch.customer for sketch in sketches[:ordered]]


def _sketch(
    draw: Random, serial: int, fate: Fate, customers: Sequence[Customer], owners: tuple[int, int], at: datetime
) -> Sketch:  # fmt: skip
    # Each company has one contract; the rest go where they fall.
    customer = customers[serial] if serial < len(customers) else draw.choice(customers)
    today = clock.day(at, customer.company.zone)
    months = 12 if fate is Fate.ORDERED else draw.choices(list(MONTHS), list(MONTHS.values()))[0]
    least, most = ENDS_IN[fate]
    most += (months - 12) * 30 if fate is Fate.RUNNING else 0
    ends_on = today + timedelta(days=draw.randint(least, most))
    # Three years back, and one in five is newer than that.
    past = draw.randint(1, 2) if draw.random() < 0.2 else max(1, -(-48 // months))
    anchor = _anchor(ends_on, months * past)
    ends = [months * count for count in range(1, past + 1)]
    ends += [ends[-1] + 12] if fate is Fate.RENEWED else []
    lines = tuple(_lines(draw, customer, 2 if fate is Fate.ORDERED else None))
    owner_id = draw.choices((*owners, None), OWNERS)[0]
    number = f"CT-{anchor.year}-{FIRST_NUMBER + serial:05}"
    return Sketch(number, customer, fate, anchor, months, tuple(ends), lines, owner_id)


def _anchor(ends_on: date, months: int) -> date:
    """The first day of `months` that end on `ends_on`, or where that day does not exist, just before it."""
    return add_months(ends_on + ONE_DAY, -months)


def _lines(draw: Random, customer: Customer, most: int | None = None) -> Iterator[LineSpec]:
    count = draw.choices(list(LINES), list(LINES.values()))[0]
    least_seats, most_seats = SEATS[customer.segment]
    if most:  # a hosted payment page takes no more than six digits before the point
        count, most_seats = min(count, most), min(60, most_seats)
    for code in draw.sample(CODES, count):
        yield _line(draw, customer, code, draw.randint(min(least_seats, most_seats), most_seats))


def _line(draw: Random, customer: Customer, code: str, seats: int) -> LineSpec:
    """What they pay now lies a little below today's list."""
    currency = CURRENCIES[customer.company.country]
    minor = PRODUCTS[code][2][currency] * draw.randint(88, 100) // 100
    return LineSpec(code, seats, _rounded(minor, currency))


def _rounded(minor: int, currency: str) -> int:
    step = 10 if currency == "JPY" else 100
    return max(step, minor // step * step)


def _could_be_long(sketch: Sketch) -> bool:
    """Due, so that its offer can be looked at; in dollars, so that its price fits a hosted page."""
    return sketch.fate is Fate.DUE and sketch.customer.company.country == "US"


def _with_many_lines(draw: Random, sketch: Sketch) -> Sketch:
    """The same contract with a line for nearly everything that is sold."""
    codes = CODES[:MANY_LINES]
    lines = tuple(_line(draw, sketch.customer, code, draw.randint(1, 60)) for code in codes)
    return replace(sketch, lines=lines)


def _contract(sketch: Sketch, at: datetime) -> Contract:
    company = sketch.customer.company
    return Contract(
        number=sketch.number, company_id=company.id, currency=CURRENCIES[company.country], zone=company.zone,
        language=None, segment=sketch.customer.segment, owner_id=sketch.owner_id,
        ends_on=end_of(sketch.anchor, sketch.ends[-1]), rev=1, created_at=at,
    )  # fmt: skip


def _terms(of: Contract, sketch: Sketch, at: datetime) -> Iterator[Term]:
    starts = (0, *sketch.ends[:-1])
    for place, (start, end) in enumerate(zip(starts, sketch.ends, strict=True)):
        years_ago = (sketch.ends[-1] - end) // 12
        yield Term(
            contract_id=of.id, starts_on=add_months(sketch.anchor, start), ends_on=end_of(sketch.anchor, end),
            months=end - start, anchor_on=sketch.anchor, months_from_anchor=end, segment=of.segment,
            order_number=None, created_at=at, lines=list(_term_lines(sketch, of.currency, years_ago, place)),
        )  # fmt: skip


def _term_lines(sketch: Sketch, currency: str, years_ago: int, place: int) -> Iterator[TermLine]:
    """Older terms were cheaper and smaller, and the very first had its first lines only."""
    lines = sketch.lines[: max(1, len(sketch.lines) - 2)] if place == 0 else sketch.lines
    for position, line in enumerate(lines):
        unit = _rounded(line.unit_minor * (100 - 4 * years_ago) // 100, currency)
        seats = max(1, line.seats * (100 - 6 * years_ago) // 100)
        yield TermLine(position=position, product_code=line.product_code, seats=seats, unit_minor=unit)


def _note(db: Session, row: Contract, sketch: Sketch, terms: Sequence[Term], at: datetime) -> None:
    last = terms[-1]
    facts = {
        "currency": row.currency, "starts_on": last.starts_on.isoformat(), "ends_on": last.ends_on.isoformat(),
        "lines": [[line.product_code, line.seats, line.unit_minor] for line in last.lines],
    }  # fmt: skip
    audit.note(
        db, BY, "contract.created", contracts.subject_of(row), at, company_id=row.company_id,
        owner_id=row.owner_id, zone=row.zone, segment=row.segment.value, language=None, term=facts,
        earlier_terms=len(terms) - 1,
    )  # fmt: skip
