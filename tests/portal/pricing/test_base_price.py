"""Which price a line starts from: the contract's own, its segment's, the list's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from portal.pricing import rules
from portal.pricing.errors import PriceUnavailable
from portal.pricing.rules import BaseKind, PriceRow
from tests.portal.pricing.make import book, contract

JANUARY, JUNE, JULY = date(2026, 1, 1), date(2026, 6, 1), date(2026, 7, 1)
LIST = PriceRow("insight", 105_000, "2026-01", JANUARY, None)
SEGMENT = PriceRow("insight", 98_000, "2026-06", JUNE, JULY, BaseKind.SEGMENT)
CONTRACT = PriceRow("insight", 90_000, "CT-1", JUNE, date(2026, 6, 15), BaseKind.CONTRACT)


def base(on: date, *rows: PriceRow) -> rules.Base:
    return rules.base_price(replace(book(), prices=rows), "insight", on)


@pytest.mark.parametrize(
    ("on", "kind", "unit", "since"),
    [
        (date(2026, 5, 31), BaseKind.LIST, 105_000, "2026-01-01"),
        (JUNE, BaseKind.CONTRACT, 90_000, "2026-06-01"),
        (date(2026, 6, 14), BaseKind.CONTRACT, 90_000, "2026-06-01"),
        (date(2026, 6, 15), BaseKind.SEGMENT, 98_000, "2026-06-01"),
        (date(2026, 6, 30), BaseKind.SEGMENT, 98_000, "2026-06-01"),
        (JULY, BaseKind.LIST, 105_000, "2026-01-01"),
    ],
)
def test_the_closest_price_that_holds_on_the_day(on: date, kind: BaseKind, unit: int, since: str) -> None:
    found = base(on, LIST, SEGMENT, CONTRACT)
    assert (found.kind, found.unit_minor, found.valid_from) == (kind, unit, since)


def test_a_segments_price_serves_where_the_list_has_none() -> None:
    assert base(JUNE, SEGMENT).unit_minor == 98_000


@pytest.mark.parametrize("on", [date(2026, 5, 31), JULY])
def test_no_price_of_any_kind_is_a_refusal_and_never_zero(on: date) -> None:
    with pytest.raises(PriceUnavailable):
        base(on, SEGMENT, CONTRACT)


def test_another_products_price_is_not_taken() -> None:
    with pytest.raises(PriceUnavailable):
        base(JUNE, replace(CONTRACT, product_code="backup"))


@pytest.mark.parametrize(
    ("rows", "code"),
    [([LIST], "list_price"), ([LIST, SEGMENT], "segment_price"), ([SEGMENT, CONTRACT], "contract_price")],
)
def test_the_first_step_says_whose_price_it_is(rows: list[PriceRow], code: str) -> None:
    given = replace(book(), prices=tuple(rows))
    offer = rules.offer(given, contract(("insight", 20, 99_000)), 12, None, JUNE)
    first = offer.document["steps"][0]
    assert first["code"] == code
    assert first["facts"]["last_unit_minor"] == 99_000
    assert offer.document["lines"][0]["unit_minor"] == first["result_minor"]
    assert rows[-1].book in offer.priced.book


def test_a_price_that_comes_to_nothing_is_not_offered() -> None:
    given = replace(book(discounts=((12, 10_000),)), prices=(LIST,))
    with pytest.raises(PriceUnavailable):
        rules.offer(given, contract(("insight", 20, 99_000)), 12, None, JUNE)
