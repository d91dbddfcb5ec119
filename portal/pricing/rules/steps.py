"""The steps of a price, in their fixed order. Each makes new amounts of the lines' amounts so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from portal.pricing.rules.facts import WHOLE, BaseKind, Effect, Group, PriceFacts

# A step sees all facts and the amounts of all lines so far, so that a later one may also share a sum over lines.
LineSteps = Callable[[PriceFacts, Sequence[int]], Iterator[Effect]]
_BASE_CODES: Final = {kind: f"{kind}_price" for kind in BaseKind}
# Steps that set an amount rather than change it.
SETTING: Final = frozenset({*_BASE_CODES.values(), "seats"})


def base_price(facts: PriceFacts, _amounts: Sequence[int]) -> Iterator[Effect]:
    """The price per seat and year that the line starts from."""
    for i, line in enumerate(facts.lines):
        base = line.base
        told = {"book": base.book, "valid_from": base.valid_from, "last_unit_minor": line.last_unit_minor}
        yield Effect(i, _BASE_CODES[base.kind], told, base.unit_minor)


def seats_and_years(facts: PriceFacts, amounts: Sequence[int]) -> Iterator[Effect]:
    """Times seats and years."""
    for i, line in enumerate(facts.lines):
        told = {"seats": line.seats, "months": facts.months, "last_seats": line.last_seats}
        yield Effect(i, "seats", told, facts.rounded(amounts[i], line.seats * facts.months, 12))


def discount(group: Group) -> LineSteps:
    """The step that takes a group's discount off each line that has one."""

    def step(facts: PriceFacts, amounts: Sequence[int]) -> Iterator[Effect]:
        for i, line in enumerate(facts.lines):
            found = line.discount(group)
            if found is not None and found.basis_points:
                left = facts.rounded(amounts[i], WHOLE - found.basis_points, WHOLE)
                yield Effect(i, found.code, found.facts, left)

    return step


# Uplift and cap belong between base price and seats; floor and proration after the discounts. Tax is always last.
STEPS: Final[tuple[LineSteps, ...]] = (base_price, seats_and_years, *(discount(group) for group in Group))
