"""What a version of the book would make of a contract's price, and what the book already knows of later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from payments.money import Money
from portal.pricing import rules
from portal.pricing.rules import BaseKind, Method, PriceRow, RenewalRow
from tests.portal.pricing.make import ON, book, contract

ENDS = date(2026, 12, 12)  # of the contract's last term
MARCH = date(2027, 3, 1)
NEW = PriceRow("insight", 110_000, "2027", date(2026, 12, 1), None)
OF = contract(("insight", 20, 100_000))


def effect(*coming: PriceRow, months: int = 12, table: rules.Book | None = None) -> rules.Effect:
    return rules.effect(table or book(), coming, OF, months, ENDS)


def test_a_new_list_price() -> None:
    found = effect(NEW)
    assert (found.months, found.old_minor, found.new_minor, found.differs) == (12, 2_100_000, 2_200_000, True)


@pytest.mark.parametrize(
    "coming",
    [
        (),
        (replace(NEW, valid_from=date(2026, 12, 13)),),  # after the last day
        (replace(NEW, valid_to=ENDS),),  # over by then, and the price before goes on
        (replace(NEW, unit_minor=105_000),),
    ],
)
def test_what_makes_no_difference(coming: tuple[PriceRow, ...]) -> None:
    assert not effect(*coming).differs


def test_the_last_day_of_a_passing_price_counts() -> None:
    assert effect(replace(NEW, valid_to=date(2026, 12, 13))).new_minor == 2_200_000


def test_a_closer_price_shields_and_a_kept_one_too() -> None:
    own = PriceRow("insight", 90_000, "2026", date(2026, 1, 1), None, BaseKind.CONTRACT)
    table = book()
    assert not effect(NEW, table=replace(table, prices=(*table.prices, own))).differs
    assert not effect(NEW, table=replace(table, renewals=(RenewalRow(None, Method.SAME),))).differs
    assert effect(replace(NEW, kind=BaseKind.SEGMENT)).new_minor == 2_200_000


def test_a_first_price_and_terms_that_are_not_on_sale() -> None:
    assert effect(NEW, table=book(prices=())) == rules.Effect(12, None, 2_200_000)
    assert effect(NEW, months=7).months == 12
    assert effect(NEW, months=24) == rules.Effect(24, 3_864_000, 4_048_000)
    assert effect(NEW, table=book(discounts=())) == rules.Effect(12, None, None)


def test_a_version_takes_its_days_from_its_own_kind_alone() -> None:
    before = book(
        prices=[
            ("insight", 1, date(2026, 1, 1), date(2027, 1, 1)),
            ("insight", 2, date(2027, 1, 1), None),
            ("backup", 3, date(2026, 1, 1), None),
        ]
    )
    new = replace(NEW, valid_from=date(2026, 6, 1), valid_to=MARCH)
    rows = rules.with_prices(before, [new]).prices
    assert [(row.unit_minor, row.valid_from, row.valid_to) for row in rows] == [
        (1, date(2026, 1, 1), date(2026, 6, 1)),
        (2, MARCH, None),
        (3, date(2026, 1, 1), None),
        (110_000, date(2026, 6, 1), MARCH),
    ]
    late = rules.with_prices(before, [replace(NEW, valid_from=MARCH)]).prices
    assert [(row.unit_minor, row.valid_to) for row in late] == [
        (1, date(2027, 1, 1)), (2, MARCH), (3, None), (110_000, None),
    ]  # fmt: skip


def test_what_is_known_to_come() -> None:
    rows = [("insight", 105_000, date(2026, 1, 1), MARCH), ("insight", 105_000, MARCH, date(2027, 4, 1))]
    later = book(prices=[*rows, ("insight", 120_000, date(2027, 4, 1), None)])
    assert rules.next_change(later, OF, 24, None, ON) == rules.Coming(date(2027, 4, 1), Money(4_416_000, "CNY"))
    assert rules.next_change(later, OF, 12, [1], ON) == rules.Coming(date(2027, 4, 1), Money(120_000, "CNY"))
    assert rules.next_change(book(), OF, 12, None, ON) is None
    assert rules.next_change(book(prices=rows), OF, 12, None, ON) is None


def test_what_is_known_to_end() -> None:
    own = PriceRow("insight", 90_000, "2026", date(2026, 1, 1), MARCH, BaseKind.CONTRACT)
    table = book()
    found = rules.next_change(replace(table, prices=(*table.prices, own)), OF, 12, None, ON)
    assert found == rules.Coming(MARCH, Money(2_100_000, "CNY"))  # the list's, which began long ago


def test_a_tax_and_a_saving_to_come() -> None:
    table = book(taxes=[(None, rules.Tax("vat", 600, False))])
    until, since = replace(table.taxes[0], valid_to=MARCH), replace(table.taxes[0], valid_from=MARCH)
    more = replace(since, tax=rules.Tax("vat", 1300, False))
    taxed = replace(table, taxes=(until, more))
    assert rules.next_change(taxed, OF, 12, None, ON) == rules.Coming(MARCH, Money(2_373_000, "CNY"))
    public = rules.ExemptRow(rules.Exemption(rules.ExemptReason.PUBLIC_BODY, "17"), date(2026, 1, 1), MARCH)
    exempt = replace(table, exemptions=(public,))
    assert rules.next_change(exempt, OF, 12, None, ON) == rules.Coming(MARCH, Money(2_226_000, "CNY"))
    less = replace(table, discounts=tuple(replace(row, valid_to=MARCH) for row in table.discounts))
    assert rules.next_change(less, OF, 12, None, ON) is None  # off sale then
    off = tuple(replace(row, basis_points=1_000, valid_from=MARCH, valid_to=None) for row in less.discounts)
    cheaper = replace(less, discounts=(*less.discounts, *off))
    assert rules.next_change(cheaper, OF, 12, None, ON) == rules.Coming(MARCH, Money(2_003_400, "CNY"))


def test_a_gap_to_come_is_no_price() -> None:
    table = book(prices=[("insight", 105_000, date(2026, 1, 1), MARCH)])
    other = PriceRow("backup", 1, "2027", date(2027, 5, 1), None)
    assert rules.next_change(replace(table, prices=(*table.prices, other)), OF, 12, None, ON) is None


def test_the_day_for_which_a_price_is_told() -> None:
    """The last day of the term, that day included; once it is over the last day of grace."""
    assert rules.last_chance(ENDS, ENDS) == ENDS
    assert rules.last_chance(ENDS, date(2026, 12, 13)) == date(2027, 1, 11)


@pytest.mark.parametrize(("day", "begun"), [(22, True), (23, True), (24, False)])
def test_what_may_have_begun_somewhere(day: int, begun: bool) -> None:
    assert rules.has_begun(date(2026, 11, day), ON) is begun
