"""The arithmetic of a price: integers in, integers out, each step kept as an explanation row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from payments.money import Money
from portal.kit.db import Json
from portal.pricing.errors import SeatsMissing, SeatsOutOfRange
from portal.pricing.rules.facts import WHOLE, LineFacts, Priced, PricedLine, PriceFacts, Step
from portal.pricing.rules.rounding import portion
from portal.pricing.rules.steps import SETTING, STEPS

MOST_SEATS: Final = 1_000_000
# A million seats for three years at this price still fit the database's big integer a thousand times.
MOST_UNIT_MINOR: Final = 100_000_000_000


def price(facts: PriceFacts) -> Priced:
    """Work out a price: base price × seats × years, discounts in their fixed order, tax, each rounded half-up per
    line to the minor unit."""
    amounts = [0] * len(facts.lines)
    steps = []
    for step in STEPS:
        for effect in step(facts, tuple(amounts)):
            change = 0 if effect.code in SETTING else effect.result - amounts[effect.line]
            steps.append(Step(effect.line, effect.code, effect.facts, change, effect.result))
            amounts[effect.line] = effect.result
    lines = tuple(_taxed(facts, line, amount) for line, amount in zip(facts.lines, amounts, strict=True))
    steps += [_tax_step(i, line, line.total_minor - amounts[i]) for i, line in enumerate(lines)
              if line.total_minor != amounts[i]]  # fmt: skip
    return Priced(
        lines=lines,
        units=tuple(facts.unit(line) for line in facts.lines),
        steps=tuple(steps),
        net=Money(sum(line.net_minor for line in lines), facts.currency),
        tax=Money(sum(line.tax_minor for line in lines), facts.currency),
        total=Money(sum(line.total_minor for line in lines), facts.currency),
        months=facts.months,
        book=facts.book,
    )


def _taxed(facts: PriceFacts, line: LineFacts, amount: int) -> PricedLine:
    rate = line.tax.basis_points
    if line.exemption is not None:
        net, tax = facts.rounded(amount, WHOLE, WHOLE + rate) if line.tax.inclusive else amount, 0
        amount = net  # nobody pays the price with tax
    elif line.tax.inclusive:
        net = portion(amount, WHOLE, WHOLE + rate)
        tax = amount - net
    else:
        net = amount
        tax = facts.rounded(amount, rate, WHOLE)
    return PricedLine(line, portion(amount, 12, line.seats * facts.months), net, tax, net + tax)


def _tax_step(i: int, line: PricedLine, change: int) -> Step:
    told: Json = {"kind": line.facts.tax.kind, "basis_points": line.facts.tax.basis_points}
    if line.facts.exemption is None:
        return Step(i, "tax", told, change, line.total_minor)
    return Step(i, "tax_exempt", told | asdict(line.facts.exemption), change, line.total_minor)


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
        "lines": [
            _line_json(line, dict(name), unit)
            for line, name, unit in zip(priced.lines, names, priced.units, strict=True)
        ],
        "steps": [
            {"line": step.line, "code": step.code, "facts": step.facts, "change_minor": step.change_minor,
             "result_minor": step.result_minor}
            for step in priced.steps
        ],
        "tax": _tax_json([line.facts for line in priced.lines]),
    }  # fmt: skip


def _line_json(line: PricedLine, names: dict[str, str], unit_minor: int) -> Json:
    facts = line.facts
    return {
        "product": facts.product_code, "names": names, "seats": facts.seats, "unit_minor": unit_minor,
        "paid_unit_minor": line.paid_unit_minor, "net_minor": line.net_minor, "tax_minor": line.tax_minor,
        "total_minor": line.total_minor, "tax_bp": 0 if facts.exemption else facts.tax.basis_points,
        "last_seats": facts.last_seats, "last_unit_minor": facts.last_unit_minor,
    }  # fmt: skip


def _tax_json(lines: Sequence[LineFacts]) -> dict[str, Any]:
    taxes = [line.tax for line in lines]
    exempt = next((line.exemption for line in lines if line.exemption), None)
    if exempt is not None:
        return {"kind": "none", "basis_points": 0, "inclusive": False, "exempt": asdict(exempt)}
    kinds, rates = {tax.kind for tax in taxes if tax.kind != "none"}, {tax.basis_points for tax in taxes}
    return {
        "kind": kinds.pop() if len(kinds) == 1 else "tax" if kinds else "none",
        "basis_points": rates.pop() if len(rates) == 1 else None,
        "inclusive": all(tax.inclusive for tax in taxes),
    }
