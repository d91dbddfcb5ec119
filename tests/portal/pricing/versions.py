"""Versions of the price book for tests: drafted by one, tried, published by another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.money import Money
from portal.kit.db import reading, transaction
from portal.kit.errors import Refusal
from portal.pricing import actions, jobs, queries
from portal.pricing.models import Price, PriceEffect, PriceVersion
from tests import factories
from tests.conftest import NOW
from tests.portal.pricing.scene import Scene

DRAFTER, OTHER = "person:1", "person:2"
FIRST = date(2026, 12, 1)
TODAY = date(2026, 11, 22)


def draft(*units: int, reasons: dict[str, str] | None = None, **changes: Any) -> int:
    """A draft with a list price of insight in CNY for each of `units` (one at most, unless `changes` tell them
    apart); its id."""
    given: dict[str, Any] = {"label": "2027", "valid_from": FIRST, "valid_to": None}
    with transaction() as db:
        made = actions.draft_version(db, **(given | changes), reasons=reasons or {}, by=DRAFTER, at=NOW)
        for unit in units:
            put(db, made, unit)
        return made.id


def put(db: Session, version: PriceVersion, minor: int, **changes: Any) -> None:
    given: dict[str, Any] = {
        "product_code": "insight", "unit": Money(minor, "CNY"), "floor_minor": None, "segment": None,
        "contract": None, "rev": version.rev, "by": DRAFTER, "at": NOW,
    }  # fmt: skip
    actions.add_row(db, version, **(given | changes))


def tried(version_id: int) -> None:
    with transaction() as db:
        version = held(db, version_id)
        actions.ask_trial(db, version, version.rev)
    assert jobs.work_on_trials() == 1


def publish(version_id: int, by: str = OTHER, on: date = TODAY) -> None:
    with transaction() as db:
        version = held(db, version_id)
        actions.publish_version(db, version, version.rev, on, by, NOW)


def published(*units: int, **changes: Any) -> int:
    version_id = draft(*units, **changes)
    tried(version_id)
    publish(version_id)
    return version_id


def held(db: Session, version_id: int) -> PriceVersion:
    found = queries.version(db, version_id, lock=True)
    assert found is not None
    return found


def read(version_id: int) -> PriceVersion:
    with reading() as db:
        found = queries.version(db, version_id)
        assert found is not None
        return found


def effects(version_id: int) -> list[tuple[int | None, int | None]]:
    with reading() as db:
        rows = db.scalars(select(PriceEffect).where(PriceEffect.version_id == version_id).order_by(PriceEffect.id))
        return [(row.old_minor, row.new_minor) for row in rows]


def many(scene: Scene, count: int) -> None:
    """More contracts, that end one day after the other."""
    with transaction() as db:
        for number in range(count):
            factories.contract(db, scene.company, date(2026, 12, 13) + timedelta(days=number))


def list_prices() -> list[tuple[int, date, date | None]]:
    with reading() as db:
        rows = db.scalars(
            select(Price)
            .where(Price.product_code == "insight", Price.currency == "CNY", Price.contract_id.is_(None))
            .order_by(Price.valid_from)
        )
        return [(row.unit_minor, row.valid_from, row.valid_to) for row in rows]


def refused(act: Callable[[Any, PriceVersion], Any], version_id: int) -> type[Exception]:
    with pytest.raises(Refusal) as found, transaction() as db:
        act(db, held(db, version_id))
    return type(found.value)
