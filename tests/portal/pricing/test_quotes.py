"""Quotes that stand: found again, taken back, and never changed."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from portal.audit import queries as audit
from portal.contracts.models import Contract
from portal.kit.db import reading, transaction
from portal.pricing import actions, queries, rules
from portal.pricing.models import Quote, VoidReason
from portal.pricing.rules import QuoteStanding
from tests.conftest import NOW
from tests.portal.pricing.scene import sealed, staged

pytestmark = pytest.mark.usefixtures("app")


def test_the_same_wish_on_the_same_day_finds_the_same_quote() -> None:
    scene = staged()
    first = sealed(scene)
    with transaction() as db:
        again = actions.seal(db, scene.contract, 24, [20], scene.ref, NOW + timedelta(hours=2))
    assert again.id == first.id


@pytest.mark.parametrize("what", ["months", "seats", "person", "day", "price", "void"])
def test_another_wish_makes_another_quote(what: str) -> None:
    scene = staged()
    first = sealed(scene)
    with transaction() as db:
        if what == "price":
            db.execute(text("UPDATE prices SET unit_minor = 100100"))
        if what == "void":
            actions.void(db, db.get_one(Quote, first.id), VoidReason.ORDER_CLOSED, scene.ref, NOW)
    with transaction() as db:
        other = actions.seal(
            db,
            scene.contract,
            12 if what == "months" else 24,
            [21] if what == "seats" else None,
            "person:9" if what == "person" else scene.ref,
            NOW + timedelta(days=1 if what == "day" else 0),
        )
    assert other.id == "Q-2026-000002"


def test_two_clicks_at_once_are_one_quote(app: Flask) -> None:
    scene = staged()
    ids: list[str] = []

    def click() -> None:
        with app.app_context():
            ids.append(sealed(scene).id)

    threads = [threading.Thread(target=click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ids == ["Q-2026-000001"] * 6
    with reading() as db:
        assert db.scalar(select(func.count()).select_from(Quote)) == 1


def test_a_changed_contract_outdates_a_quote_and_taking_back_beats_all() -> None:
    quote = sealed(staged())
    assert rules.quote_standing(quote, quote.contract_rev + 1, NOW) is QuoteStanding.OUTDATED
    quote.voided_at = NOW
    assert rules.quote_standing(quote, quote.contract_rev, NOW) is QuoteStanding.VOIDED


def test_changing_the_contract_takes_back_what_was_quoted_before() -> None:
    scene = staged()
    old = sealed(scene)
    with transaction() as db:
        contract = db.get_one(Contract, scene.contract.id)
        contract.rev += 1
    fresh = sealed(scene)
    with transaction() as db:
        assert actions.void_for_contract(db, scene.contract.id, NOW) == [old.id]
        assert actions.void_for_contract(db, scene.contract.id, NOW) == []  # told twice, done once
    with reading() as db:
        found = {quote.id: quote.void_reason for quote in queries.latest_quotes(db, scene.contract.id)}
    assert found == {old.id: "contract_changed", fresh.id: None}


def test_a_quote_is_taken_back_once() -> None:
    scene = staged()
    quote = sealed(scene)
    for hours, reason in enumerate((VoidReason.ORDER_CLOSED, VoidReason.REPLACED)):
        with transaction() as db:
            actions.void(db, db.get_one(Quote, quote.id), reason, scene.ref, NOW + timedelta(hours=hours))
    with reading() as db:
        found = db.get_one(Quote, quote.id)
        assert (found.voided_at, found.void_reason) == (NOW, VoidReason.ORDER_CLOSED)
        assert rules.verify_seal(found)
        notes = [note.action for note in audit.about(db, [f"quote:{quote.id}"])]
    assert notes == ["quote.sealed", "quote.voided"]


def test_the_seal_survives_the_database() -> None:
    quote = sealed(staged())
    with reading() as db:
        found = queries.quote(db, quote.id)
        assert found is not None
        assert rules.verify_seal(found)


@pytest.mark.parametrize(
    "change",
    [
        "total_minor = total_minor - 1",
        "tax_minor = tax_minor + 1",
        "months = 36",
        "ends_on = '2029-12-12'",
        "valid_until = '2036-12-22 16:00:00'",
        "contract_rev = 2",
        "currency = 'USD'",
        "document = REPLACE(CAST(document AS TEXT), '3680000', '3680001')",
    ],
)
def test_a_changed_row_breaks_the_seal(change: str, backend: str) -> None:
    quote = sealed(staged())
    if backend == "postgres":
        change = change.replace("AS TEXT), '3680000', '3680001')", "AS TEXT), '3680000', '3680001')::json")
    with transaction() as db:
        db.execute(text(f"UPDATE quotes SET {change}"))
    with reading() as db:
        found = queries.quote(db, quote.id)
        assert found is not None
        assert not rules.verify_seal(found)


def test_names_are_beside_the_seal() -> None:
    quote = sealed(staged())
    quote.document["lines"][0]["names"]["en"] = "Insight Analytics, renamed"
    assert rules.verify_seal(quote)
    quote.document["lines"][0]["seats"] = 21
    assert not rules.verify_seal(quote)


@pytest.mark.parametrize("column", ["total_minor", "valid_until", "document", "seal"])
def test_a_sealed_quote_cannot_be_changed(column: str) -> None:
    quote = sealed(staged())
    changes: dict[str, Any] = {
        "total_minor": 1, "valid_until": NOW + timedelta(days=900), "document": {}, "seal": "x"
    }  # fmt: skip
    with pytest.raises(ValueError, match="sealed"), transaction() as db:
        setattr(db.get_one(Quote, quote.id), column, changes[column])
    with reading() as db:
        assert db.get_one(Quote, quote.id).total_minor == 3_680_000


def test_held_until_is_the_last_whole_day() -> None:
    assert rules.held_until(datetime(2026, 12, 22, 16, tzinfo=UTC), "Asia/Shanghai") == date(2026, 12, 22)
    assert rules.held_until(datetime(2026, 12, 23, 8, tzinfo=UTC), "America/Los_Angeles") == date(2026, 12, 22)
