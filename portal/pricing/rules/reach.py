"""Whom a new price or offer concerns: the contracts that come up for renewal within a year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from payments.money import Money
from portal.contracts import rules as contracts
from portal.contracts.models import Segment
from portal.pricing.rules.facts import WHOLE
from portal.pricing.rules.promotions import PromotionKind, whole_years
from portal.pricing.rules.rounding import portion

HORIZON: Final = timedelta(days=365)
# How long after its end a contract is looked at for winning it back.
LOOKING_BACK: Final = timedelta(days=730)
LARGEST: Final = 10


@dataclass(frozen=True, slots=True)
class DueLine:
    """A line of the latest term of a contract that ends within the horizon, or (for WIN_BACK) has ended within
    LOOKING_BACK; `unit_minor` per seat and year."""

    contract_id: int
    number: str
    company: str
    segment: Segment
    ends_on: date
    currency: str
    product_code: str
    seats: int
    unit_minor: int
    since: date  # the first day of the contract's first term


@dataclass(frozen=True, slots=True)
class NewOffer:
    """An offer that is not made yet. `least` counts what PromotionKind says for its kind."""

    kind: PromotionKind
    basis_points: int
    least: int
    valid_from: date
    valid_to: date | None
    segment: Segment | None
    product_code: str | None


@dataclass(frozen=True, slots=True)
class Concerned:
    """A contract whose next price changes: by so many minor units a year, all seats together."""

    line: DueLine
    old_unit_minor: int
    new_unit_minor: int

    @property
    def change_minor(self) -> int:
        return (self.new_unit_minor - self.old_unit_minor) * self.line.seats

    @property
    def old(self) -> Money:
        return Money(self.old_unit_minor, self.line.currency)

    @property
    def new(self) -> Money:
        return Money(self.new_unit_minor, self.line.currency)

    @property
    def change(self) -> Money:
        return Money(self.change_minor, self.line.currency)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a change comes to. `change_minor`: minor units a year by currency; `largest`: up to LARGEST, the
    largest change first."""

    contracts: int
    change_minor: Mapping[str, int]
    largest: Sequence[Concerned]


def reach_of_offer(new: NewOffer, lines: Iterable[DueLine]) -> Reach:
    """Who could have the offer, and what it would take off a year at the last term's prices. `lines` are looked at
    one by one and not kept: there may be any number; those of a contract follow each other."""
    contract_id, count = 0, 0
    change: dict[str, int] = {}
    largest: list[Concerned] = []
    for line in lines:
        if not _is_for(new, line):
            continue
        taken = portion(line.unit_minor, new.basis_points, WHOLE)
        found = Concerned(line, line.unit_minor, line.unit_minor - taken)
        count += line.contract_id != contract_id
        contract_id = line.contract_id
        change[line.currency] = change.get(line.currency, 0) + found.change_minor
        largest.append(found)
        if len(largest) > 100 * LARGEST:
            largest = _largest(largest)
    return Reach(count, change, _largest(largest))


def _is_for(new: NewOffer, line: DueLine) -> bool:
    of_segment, of_product = new.segment in (None, line.segment), new.product_code in (None, line.product_code)
    return of_segment and of_product and _could_have(new, line)


def _largest(found: Sequence[Concerned]) -> list[Concerned]:
    return sorted(found, key=lambda each: (-abs(each.change_minor), each.line.number))[:LARGEST]


def _could_have(new: NewOffer, line: DueLine) -> bool:
    """Is there a day on which the contract can be renewed and the offer fits?"""
    ends_on = line.ends_on
    first, last = contracts.opens_on(ends_on), contracts.grace_ends(ends_on)
    if new.kind is PromotionKind.EARLY:
        last = ends_on - timedelta(days=new.least)
    elif new.kind is PromotionKind.WIN_BACK:
        first, last = max(last, ends_on + timedelta(days=new.least - 1)) + timedelta(days=1), date.max
    elif new.kind is PromotionKind.LOYALTY and whole_years(line.since, ends_on + timedelta(days=1)) < new.least:
        return False
    first = max(first, new.valid_from)
    if new.valid_to is not None:
        last = min(last, new.valid_to - timedelta(days=1))
    return first <= last
