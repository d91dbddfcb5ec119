"""Prices of contracts and segments beside the list's: written, changed, ended, taken back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from portal.audit import queries as audit
from portal.contracts.models import Contract, Segment
from portal.kit.db import reading, transaction
from portal.pricing import actions
from portal.pricing.errors import (
    AmountOutOfRange,
    ForeignCurrency,
    NotCharged,
    NotToBeEnded,
    PeriodOverlap,
    ProductNotInContract,
)
from portal.pricing.models import Price
from portal.pricing.rules import BaseKind
from tests import factories
from tests.conftest import NOW
from tests.portal.pricing.scene import Scene, sealed, staged

pytestmark = pytest.mark.usefixtures("app")
TODAY, TOMORROW, JANUARY = date(2026, 11, 22), date(2026, 11, 23), date(2026, 1, 1)


def add(contract: Contract | None = None, **changes: Any) -> Price:
    given: dict[str, Any] = {
        "product_code": "insight", "currency": "CNY", "unit_minor": 90_000, "valid_from": TODAY, "book": "2026-11",
        "by": "person:1", "at": NOW,
    }  # fmt: skip
    with transaction() as db:
        own = db.get_one(Contract, contract.id) if contract else None
        return actions.add_price(db, contract=own, **(given | changes))


def prices() -> dict[int, date | None]:
    """The ends of all CNY prices of "insight", by their amount."""
    with reading() as db:
        rows = db.scalars(select(Price).where(Price.product_code == "insight", Price.currency == "CNY"))
        return {row.unit_minor: row.valid_to for row in rows}


def first_step(of: Scene, months: int = 12) -> tuple[str, int]:
    step = sealed(of, months).document["steps"][0]
    return step["code"], step["result_minor"]


def test_the_contracts_own_price_then_its_segments_then_the_lists() -> None:
    scene = staged()
    assert first_step(scene) == ("list_price", 100_000)
    assert add(segment=Segment.STANDARD, unit_minor=95_000).kind is BaseKind.SEGMENT
    assert first_step(scene) == ("segment_price", 95_000)
    assert add(contract=scene.contract, unit_minor=91_000).kind is BaseKind.CONTRACT
    assert first_step(scene) == ("contract_price", 91_000)


def test_a_price_for_others_is_none_of_ours() -> None:
    scene = staged()
    with transaction() as db:
        other = factories.contract(db, scene.company)
    add(segment=Segment.STRATEGIC)
    add(contract=other)
    assert first_step(scene) == ("list_price", 100_000)


def test_kinds_may_hold_on_the_same_days_but_one_kind_only_once() -> None:
    scene = staged()
    kinds: list[dict[str, Any]] = [
        {"segment": Segment.STANDARD}, {"segment": Segment.SMALL}, {"contract": scene.contract}
    ]  # fmt: skip
    for kind in kinds:
        add(**kind)
        with pytest.raises(PeriodOverlap):
            add(**kind, valid_from=TOMORROW)


def test_a_new_price_ends_the_running_one_on_its_first_day() -> None:
    staged()
    add(valid_from=TOMORROW, instead=True)
    assert prices() == {100_000: TOMORROW, 90_000: None}


def test_taking_the_new_price_back_lets_the_old_one_go_on() -> None:
    staged()
    add(valid_from=TOMORROW, instead=True)
    add(valid_from=date(2026, 12, 24), unit_minor=80_000, instead=True)
    with transaction() as db:
        last = db.scalars(select(Price).where(Price.unit_minor == 80_000)).one()
        actions.withdraw_price(db, last, TODAY, "person:1", NOW)
    assert prices() == {100_000: TOMORROW, 90_000: None}


def test_instead_does_not_swallow_a_coming_price() -> None:
    staged()
    add(valid_from=TOMORROW, instead=True)
    with pytest.raises(PeriodOverlap):
        add(valid_from=TODAY, unit_minor=80_000, instead=True)
    assert prices() == {100_000: TOMORROW, 90_000: None}


@pytest.mark.parametrize("amount", [0, -1, 100_000_000_001])
def test_no_price_is_nothing_or_beyond_the_database(amount: int) -> None:
    staged()
    with pytest.raises(AmountOutOfRange):
        add(unit_minor=amount)


def test_three_decimals_are_charged_in_tens() -> None:
    staged()
    with pytest.raises(NotCharged) as refused:
        add(currency="KWD", unit_minor=43_005, valid_to=TOMORROW)
    assert refused.value.facts == {"currency": "KWD", "step": 10}


def test_a_contracts_price_speaks_its_currency_and_is_for_its_products() -> None:
    scene = staged()
    with pytest.raises(ForeignCurrency):
        add(contract=scene.contract, currency="USD")
    with pytest.raises(ProductNotInContract):
        add(contract=scene.contract, product_code="backup")


def end(price: Price, valid_to: date) -> None:
    with transaction() as db:
        actions.end_price(db, row := db.get_one(Price, price.id), valid_to, row.valid_to, TODAY, "person:1", NOW)


def withdraw(price: Price) -> None:
    with transaction() as db:
        actions.withdraw_price(db, db.get_one(Price, price.id), TODAY, "person:1", NOW)


def test_a_price_can_end_tomorrow_and_sooner_than_planned_but_not_later() -> None:
    staged()
    price = add(segment=Segment.STANDARD)
    for wrong in (TODAY, JANUARY):
        with pytest.raises(NotToBeEnded):
            end(price, wrong)
    end(price, date(2026, 12, 31))
    with pytest.raises(NotToBeEnded):
        end(price, date(2026, 12, 31))
    end(price, TOMORROW)
    assert prices()[90_000] == TOMORROW
    with reading() as db:
        note = audit.about(db, ["product:insight"])[-1]
    assert (note.action, note.facts["was"], note.facts["valid_to"]) == ("price.ended", "2026-12-31", "2026-11-23")


def test_a_price_that_has_not_begun_can_be_taken_back() -> None:
    staged()
    coming = add(segment=Segment.STANDARD, valid_from=date(2026, 11, 24))
    withdraw(coming)
    assert 90_000 not in prices()
    with pytest.raises(NotToBeEnded):
        withdraw(add(segment=Segment.STANDARD))
