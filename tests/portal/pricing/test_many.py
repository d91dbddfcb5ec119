"""Ten thousand contracts, made up by a seeded hand: their sums are right to the minor unit, whatever they are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

import pytest

from payments.money import grain
from portal.pricing import rules
from portal.pricing.errors import PriceUnavailable
from portal.pricing.rules import BaseKind, Method, Pick, PriceRow, PromotionKind, PromotionRow, RenewalRow
from tests.portal.pricing.make import Contract, Line, Product, Term

ON: Final = date(2026, 11, 22)
PRODUCTS: Final = tuple(f"product-{number}" for number in range(8))
TAXES: Final = (
    rules.Tax("vat", 600, True), rules.Tax("vat", 1300, True), rules.Tax("vat", 1900, False),
    rules.Tax("sales_tax", 825, False), rules.Tax("none", 0, False), rules.Tax("gst", 0, True),
)  # fmt: skip
NAMES: Final = {"en": "Offer"}


def contract(pick: random.Random) -> Contract:
    ends_on = ON + timedelta(days=pick.randint(-400, 90))
    starts_on = ends_on - timedelta(days=pick.choice((30, 364, 365, 729)))
    lines = [
        Line(code, pick.choice((1, 2, 20, 999, 1_000_000)), pick.randint(0, 10**9), Product({"en": code}))
        for code in pick.sample(PRODUCTS, pick.randint(1, 6))
    ]
    earlier = starts_on - timedelta(days=pick.choice((365, 366)))
    return Contract([Term(earlier, starts_on - timedelta(days=1), lines), Term(starts_on, ends_on, lines)])


def book(pick: random.Random) -> rules.Book:
    currency = pick.choice(("CNY", "USD", "JPY", "KWD"))
    step, since = grain(currency), date(2026, 1, 1)
    prices = tuple(
        PriceRow(code, unit, "2026-07", since, None, kind, floor(pick, unit, step))
        for code in PRODUCTS
        for kind in BaseKind
        if kind is BaseKind.LIST or pick.random() < 0.2
        for unit in (step * pick.choice((1, 3, pick.randint(1, 10**7))),)
    )
    taxes = (
        rules.TaxRow(None, pick.choice(TAXES), since, None),
        rules.TaxRow(PRODUCTS[0], pick.choice(TAXES), since, None),
    )
    promotions = tuple(
        PromotionRow(
            number, pick.choice(list(PromotionKind)), NAMES, pick.choice((1, 333, 1_500, 9_999)),
            pick.randint(1, 40), pick.choice((None, *PRODUCTS)), since, None, pick.random() < 0.1, "CODE26",
        )
        for number in range(pick.randint(0, 6))
    )  # fmt: skip
    if pick.random() < 0.2:
        others = [each for each in promotions if each.kind is not PromotionKind.COUPON]
        promotions = (*others, amount_off(pick, 99, currency))
    lengths = (12, pick.choice((1, 7)), 24, 36)
    discounts = tuple(
        rules.DiscountRow(months, pick.choice((0, 800, 9_999)), "2026-07", since, None) for months in lengths
    )
    return rules.Book(currency, prices, discounts, taxes, promotions, **agreed(pick))


def floor(pick: random.Random, unit: int, step: int) -> int | None:
    return step * max(1, unit // step * pick.randint(10, 100) // 100) if pick.random() < 0.3 else None


def agreed(pick: random.Random) -> dict[str, Any]:
    """What was agreed with a customer and granted to one: for some of them, all of it at once."""
    renewals = tuple(
        RenewalRow(
            code, pick.choice(list(Method)), pick.randint(0, 1_500), pick.choice((None, "CPI")),
            pick.randint(-300, 300), None, pick.choice(list(Pick)), pick.choice((None, 800)),
        )
        for code in (None, *PRODUCTS)
        if pick.random() < 0.1
    )  # fmt: skip
    exempt = rules.ExemptRow(rules.Exemption(rules.ExemptReason.CHARITY, "C-1"), date(2026, 1, 1), None)
    return {
        "renewals": renewals,
        "indexes": (rules.IndexRow("CPI", date(2026, 9, 1), pick.randint(-500, 900)),),
        "specials": (rules.SpecialRow(1, pick.randint(1, 5_000), date(2027, 1, 1)),) * (pick.random() < 0.1),
        "exemptions": (exempt,) * (pick.random() < 0.1),
    }


def amount_off(pick: random.Random, number: int, currency: str) -> PromotionRow:
    return PromotionRow(
        number, PromotionKind.COUPON, NAMES, 0, 1, pick.choice((None, *PRODUCTS)), date(2026, 1, 1), None,
        code="CODE26", amount_minor=grain(currency) * pick.randint(1, 10**6), currency=currency,
    )  # fmt: skip


def wrong(found: rules.Offer) -> list[str]:
    """What does not hold of a price."""
    lines = found.priced.lines
    told = [f"line {number} {what}" for number in range(len(lines)) for what in _wrong_line(found, number)]
    if found.total.minor != sum(line.total_minor for line in lines) or found.net + found.tax != found.total:
        told.append("the total is not the sum of its lines")
    return told


def _wrong_line(found: rules.Offer, number: int) -> Iterator[str]:
    line = found.priced.lines[number]
    steps = [each for each in found.priced.steps if each.line == number]
    groups = [each.group for each in line.facts.discounts]
    if line.net_minor + line.tax_minor != line.total_minor or line.total_minor % grain(found.currency):
        yield "does not add up"
    if min(line.net_minor, line.tax_minor, line.total_minor) < 0:
        yield "is negative"
    if steps[-1].result_minor != line.total_minor:
        yield "ends elsewhere than its steps"
    begun = next(place for place, each in enumerate(steps) if each.code == "seats")
    if any(one.result_minor + two.change_minor != two.result_minor for one, two in pairwise(steps[begun:])):
        yield "has steps that do not chain"
    before_tax = [each for each in steps if not each.code.startswith("tax")][-1].result_minor
    if before_tax < min(_floor(found, number), steps[begun].result_minor):
        yield "is below its floor"
    if groups != sorted(set(groups), key=list(rules.Group).index):
        yield "has a group twice, or out of order"


def _floor(found: rules.Offer, number: int) -> int:
    """What the line comes to at its lowest price; nothing where it has none."""
    facts, step = found.priced.lines[number].facts, grain(found.currency)
    whole = (facts.base.floor_minor or 0) * facts.seats * found.months
    return step * rules.portion(whole, 1, 12 * step)


@pytest.mark.slow
def test_ten_thousand_contracts() -> None:
    """Also: the same facts make the same document, and no price is one of nothing."""
    pick, priced, without = random.Random(20261122), 0, 0
    for number in range(10_000):
        given, of = book(pick), contract(pick)
        seats = [pick.randint(1, 1_000_000) for _line in of.terms[1].lines] if pick.random() < 0.3 else None
        months = pick.choice([row.months for row in given.discounts])
        try:
            found = rules.offer(given, of, months, seats, ON)
        except PriceUnavailable:
            without += 1  # all of it was taken off, or there was nothing to keep
            continue
        priced += 1
        assert wrong(found) == [], f"contract {number}"
        if number % 10 == 0:
            assert found.document == rules.offer(given, of, months, seats, ON).document, f"contract {number}"
    assert priced > 9_000
    assert priced + without == 10_000
