"""Writing the price book: periods that share a day are refused, periods that touch are fine."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from payments.errors import UnknownCurrency
from portal.audit import queries as audit
from portal.kit.db import reading, transaction
from portal.pricing import actions
from portal.pricing.errors import AmountOutOfRange, MixedTax, PeriodOverlap, PeriodReversed
from portal.pricing.models import Price, TaxRate, TermDiscount
from tests import factories
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("app")
JANUARY, JULY, NEXT = date(2026, 1, 1), date(2026, 7, 1), date(2027, 1, 1)


def price(**changes: Any) -> Price:
    given: dict[str, Any] = {
        "product_code": "insight", "currency": "CNY", "unit_minor": 100_000, "valid_from": JANUARY,
        "valid_to": JULY, "book": "2026-01", "by": "person:1", "at": NOW,
    }  # fmt: skip
    with transaction() as db:
        factories.products(db)
        return actions.add_price(db, **(given | changes))


def discount(**changes: Any) -> TermDiscount:
    given: dict[str, Any] = {
        "months": 24, "basis_points": 800, "valid_from": JANUARY, "valid_to": JULY, "book": "2026-01",
        "by": "person:1", "at": NOW,
    }  # fmt: skip
    with transaction() as db:
        return actions.add_term_discount(db, **(given | changes))


def tax(**changes: Any) -> TaxRate:
    given: dict[str, Any] = {
        "country": "CN", "kind": "vat", "basis_points": 600, "inclusive": True, "valid_from": JANUARY,
        "valid_to": JULY, "by": "person:1", "at": NOW,
    }  # fmt: skip
    with transaction() as db:
        factories.products(db)
        return actions.add_tax_rate(db, **(given | changes))


ADDERS = (price, discount, tax)
SHARED = [
    (JANUARY, JULY),
    (JANUARY, None),
    (date(2025, 1, 1), date(2026, 1, 2)),
    (date(2026, 6, 30), NEXT),
    (date(2026, 3, 1), date(2026, 3, 2)),
    (date(2025, 1, 1), None),
]


@pytest.mark.parametrize("add", ADDERS)
@pytest.mark.parametrize(("start", "end"), SHARED)
def test_a_shared_day_is_refused_with_what_stands(add: Any, start: date, end: date | None) -> None:
    add()
    with pytest.raises(PeriodOverlap) as refused:
        add(valid_from=start, valid_to=end)
    assert refused.value.facts == {"valid_from": "2026-01-01", "valid_to": "2026-07-01"}


@pytest.mark.parametrize("add", ADDERS)
def test_periods_that_touch_are_fine_and_an_open_one_closes_the_future(add: Any) -> None:
    add()
    add(valid_from=JULY, valid_to=NEXT)
    add(valid_from=date(2025, 1, 1), valid_to=JANUARY)
    add(valid_from=date(2028, 1, 1), valid_to=None)  # a gap between is allowed: no price then
    with pytest.raises(PeriodOverlap) as refused:
        add(valid_from=date(2030, 1, 1), valid_to=None)
    assert refused.value.facts == {"valid_from": "2028-01-01", "valid_to": None}


@pytest.mark.parametrize("add", ADDERS)
@pytest.mark.parametrize("end", [JANUARY, date(2025, 1, 1)])
def test_a_period_needs_a_day(add: Any, end: date) -> None:
    with pytest.raises(PeriodReversed):
        add(valid_to=end)


def test_other_keys_never_overlap() -> None:
    price()
    price(product_code="backup")
    price(currency="USD")
    discount()
    discount(months=12)
    tax()
    tax(product_code="backup", basis_points=1300)
    tax(country="JP", inclusive=False)


@pytest.mark.parametrize(
    ("add", "changes"),
    [
        (price, {"unit_minor": 0}),
        (price, {"unit_minor": 100_000_000_001}),
        (discount, {"basis_points": -1}),
        (discount, {"basis_points": 10_001}),
        (discount, {"months": 0}),
        (tax, {"basis_points": 10_001}),
    ],
)
def test_figures_out_of_range(add: Any, changes: dict[str, int]) -> None:
    with pytest.raises(AmountOutOfRange):
        add(**changes)


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(UnknownCurrency):
        price(currency="XXX")


def test_a_country_shows_prices_one_way() -> None:
    tax()
    with pytest.raises(MixedTax):
        tax(product_code="backup", inclusive=False)
    tax(product_code="backup", inclusive=False, valid_from=JULY, valid_to=NEXT)


def test_every_change_leaves_a_trace() -> None:
    price()
    with reading() as db:
        note = audit.about(db, ["product:insight"])[0]
    assert (note.actor, note.action) == ("person:1", "price.added")
    assert note.facts == {
        "kind": "list", "segment": None, "contract": None, "currency": "CNY", "unit_minor": 100_000,
        "floor_minor": None, "book": "2026-01", "valid_from": "2026-01-01", "valid_to": "2026-07-01",
    }  # fmt: skip


def test_two_writers_at_once_cannot_overlap(app: Flask) -> None:
    with transaction() as db:
        factories.products(db)
    refused = []

    def write(day: int) -> None:
        with app.app_context():
            try:
                price(valid_from=date(2026, 1, day), valid_to=None)
            except PeriodOverlap:
                refused.append(day)

    threads = [threading.Thread(target=write, args=(day,)) for day in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 5
    with reading() as db:
        assert db.scalar(select(func.count()).select_from(Price)) == 1
