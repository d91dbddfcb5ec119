"""The steps of a price, in their fixed order. Each makes new amounts of the lines' amounts so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from payments.money import Money
from portal.kit.db import Json
from portal.pricing.rules.facts import LAST_PRICE, WHOLE, BaseKind, Discount, Effect, Group, PriceFacts
from portal.pricing.rules.proration import shared

# A step sees all facts and the amounts of all lines so far, so that a later one may also share a sum over lines.
LineSteps = Callable[[PriceFacts, Sequence[int]], Iterator[Effect]]
# Steps that set an amount rather than change it.
SETTING: Final = frozenset({LAST_PRICE, *(f"{kind}_price" for kind in BaseKind), "seats"})


def base_price(facts: PriceFacts, _amounts: Sequence[int]) -> Iterator[Effect]:
    """The price per seat and year that the line starts from."""
    for i, line in enumerate(facts.lines):
        base = line.base
        told: Json = {"book": base.book, "valid_from": base.valid_from, "last_unit_minor": line.last_unit_minor}
        if base.kind is None:
            told["discounted"] = base.unit_minor != line.last_unit_minor
        yield Effect(i, base.code, told, base.unit_minor)


def uplift(facts: PriceFacts, _amounts: Sequence[int]) -> Iterator[Effect]:
    """What was agreed to be added to a price that is kept from the last term."""
    for i, line in enumerate(facts.lines):
        if line.uplift is not None:
            yield Effect(i, "uplift", line.uplift.facts, facts.unit(line))


def seats_and_years(facts: PriceFacts, _amounts: Sequence[int]) -> Iterator[Effect]:
    """Times seats and years."""
    for i, line in enumerate(facts.lines):
        told = {"seats": line.seats, "months": facts.months, "last_seats": line.last_seats}
        yield Effect(i, "seats", told, facts.whole(line, facts.unit(line)))


def discount(group: Group) -> LineSteps:
    """The step that takes a group's discount off each line that has one."""

    def step(facts: PriceFacts, amounts: Sequence[int]) -> Iterator[Effect]:
        for i, line in enumerate(facts.lines):
            found = line.discount(group)
            if found is not None and found.basis_points:
                left = facts.rounded(amounts[i], WHOLE - found.basis_points, WHOLE)
                yield Effect(i, found.code, found.facts, left)

    return step


def amount_off(facts: PriceFacts, amounts: Sequence[int]) -> Iterator[Effect]:
    """A fixed amount, shared among the lines that have it by what they cost; at most all of that."""
    found = _fixed(facts)
    if found is None:
        return
    having = [i for i, line in enumerate(facts.lines) if found in line.discounts]
    weights = [amounts[i] for i in having]
    if not sum(weights):
        return
    off = Money(min(found.amount_minor, sum(weights)), facts.currency)
    for i, share in zip(having, shared(off, weights), strict=True):
        yield Effect(i, found.code, found.facts, amounts[i] - share.minor)


def _fixed(facts: PriceFacts) -> Discount | None:
    """The one discount of a fixed amount: coupons alone have one, and one coupon is taken."""
    return next((each for line in facts.lines for each in line.discounts if each.amount_minor), None)


def floor(facts: PriceFacts, amounts: Sequence[int]) -> Iterator[Effect]:
    """The lowest price that discounts may lead to; it raises none that was lower without them."""
    for i, line in enumerate(facts.lines):
        if line.base.floor_minor is None:
            continue
        least = facts.whole(line, min(line.base.floor_minor, facts.unit(line)))
        if amounts[i] < least:
            yield Effect(i, "floor_price", {"floor_minor": line.base.floor_minor}, least)


# Tax is always last, and no step.
STEPS: Final[tuple[LineSteps, ...]] = (
    base_price, uplift, seats_and_years, *(discount(group) for group in Group), amount_off, floor,
)  # fmt: skip
