"""Earlier prices: brought back as a new version, or taken back before they begin."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from portal.contracts import queries as contracts
from portal.contracts.models import Segment
from portal.kit.db import reading, transaction
from portal.pricing import actions, errors
from portal.pricing.models import Price, PriceVersion, VersionState
from tests.conftest import NOW
from tests.portal.pricing.scene import staged
from tests.portal.pricing.versions import (
    DRAFTER,
    FIRST,
    OTHER,
    TODAY,
    draft,
    held,
    list_prices,
    publish,
    published,
    put,
    read,
    refused,
    tried,
)

pytestmark = pytest.mark.usefixtures("app")


def test_the_earlier_prices_come_back_as_a_new_version() -> None:
    staged()
    version_id = published(110_000)
    with transaction() as db:
        made = actions.revert_version(db, held(db, version_id), TODAY, "person:4", NOW)[0].id
    back = read(made)
    assert (back.state, back.reverts_id, back.valid_from) == (VersionState.DRAFT, version_id, FIRST)
    assert (back.label, [row.unit_minor for row in back.rows]) == ("2026-07", [100_000])
    assert refused(_revert, made) is errors.NotADraft
    tried(made)
    publish(made)  # on its first day, which has not come: the other one never holds
    assert list_prices() == [(100_000, date(2026, 1, 1), FIRST), (100_000, FIRST, None)]
    assert refused(_revert, version_id) is errors.NothingToRevert


@pytest.mark.parametrize(
    ("on", "first"),
    [
        (date(2026, 11, 29), FIRST),
        (date(2026, 11, 30), date(2026, 12, 2)),  # somewhere it has begun
        (date(2027, 5, 1), date(2027, 5, 2)),
    ],
)
def test_what_has_begun_comes_back_from_the_next_day(on: date, first: date) -> None:
    staged()
    version_id = published(110_000)
    with transaction() as db:
        made, left = actions.revert_version(db, held(db, version_id), on, "person:4", NOW)
    assert (made.valid_from, left) == (first, [])


def test_what_replaced_nothing_is_told_when_the_rest_comes_back() -> None:
    staged()
    version_id = draft(110_000)
    with transaction() as db:
        put(db, held(db, version_id), 90_000, segment=Segment.SMALL)
    tried(version_id)
    publish(version_id)
    with transaction() as db:
        made, left = actions.revert_version(db, held(db, version_id), TODAY, OTHER, NOW)
        assert [row.unit_minor for row in made.rows] == [100_000]
        assert [row.segment for row in left] == [Segment.SMALL]


def test_versions_that_come_back_of_several_are_named_by_their_day() -> None:
    staged()
    published(110_000)
    with transaction() as db:
        versions = actions.draft_version(
            db, label="2027-b", reasons={}, valid_from=date(2027, 3, 1), valid_to=None, by=DRAFTER, at=NOW
        )
        put(db, versions, 120_000)
        put(db, versions, 9_900, product_code="backup")
    tried(versions.id)
    publish(versions.id)
    with transaction() as db:
        assert actions.revert_version(db, held(db, versions.id), TODAY, OTHER, NOW)[0].label == "2027-03-01"


def _revert(db: Any, version: PriceVersion) -> PriceVersion:
    return actions.revert_version(db, version, TODAY, OTHER, NOW)[0]


def test_what_replaced_nothing_cannot_come_back() -> None:
    staged()
    version_id = draft()
    with transaction() as db:
        put(db, held(db, version_id), 90_000, segment=Segment.SMALL)
    tried(version_id)
    publish(version_id)
    assert refused(_revert, version_id) is errors.NothingToRevert


JANUARY = date(2027, 1, 1)


def price_of(unit: int, valid_from: date) -> int:
    with reading() as db:
        wanted = select(Price.id).where(Price.unit_minor == unit, Price.valid_from == valid_from)
        return db.scalars(wanted.where(Price.product_code == "insight", Price.currency == "CNY")).one()


def withdraw(price_id: int) -> None:
    with transaction() as db:
        actions.withdraw_price(db, db.get_one(Price, price_id), TODAY, OTHER, NOW)


def test_a_price_of_a_version_is_not_taken_back_by_itself() -> None:
    staged()
    published(90_000, valid_to=JANUARY)
    for unit, day in ((100_000, JANUARY), (90_000, FIRST)):
        with pytest.raises(errors.OfVersion):
            withdraw(price_of(unit, day))


def test_what_another_price_stands_on_is_not_taken_back() -> None:
    staged()
    published(90_000, valid_to=JANUARY)
    later = draft(120_000, valid_from=date(2027, 2, 1))
    tried(later)
    publish(later)  # replaces what goes on after the passing price
    back = _reverted(FIRST)
    tried(back)
    with pytest.raises(errors.FollowedByAnother):
        publish(back)
    assert len(list_prices()) == 4


def _reverted(first: date) -> int:
    """A draft that would take the place of the passing price on its first day."""
    return draft(100_000, valid_from=first, valid_to=JANUARY)


def test_whoever_ends_a_price_ends_the_trials() -> None:
    scene = staged()
    with transaction() as db:
        own = actions.add_price(
            db, product_code="insight", currency="CNY", unit_minor=80_000, valid_from=date(2026, 1, 1), book="own",
            contract=contracts.lock(db, scene.contract.id), by=OTHER, at=NOW,
        )  # fmt: skip
    version_id = draft(150_000)
    tried(version_id)
    with transaction() as db:
        assert actions.is_tried(db, held(db, version_id), TODAY)
        price = db.get_one(Price, own.id)
        actions.end_price(db, price, date(2026, 11, 25), None, TODAY, OTHER, NOW)
    with reading() as db:
        assert not actions.is_tried(db, db.get_one(PriceVersion, version_id), TODAY)
    with pytest.raises(errors.NotTried):
        publish(version_id)


def test_a_passing_price_is_brought_back_for_its_days() -> None:
    staged()
    version_id = published(90_000, valid_to=JANUARY)
    with transaction() as db:
        made = _revert(db, held(db, version_id)).id
    tried(made)
    publish(made, by="person:0")
    assert list_prices() == [
        (100_000, date(2026, 1, 1), FIRST), (100_000, FIRST, JANUARY), (100_000, JANUARY, None),
    ]  # fmt: skip


def test_a_price_that_is_about_to_pass_needs_no_bringing_back() -> None:
    staged()
    version_id = published(90_000, valid_to=JANUARY)
    with pytest.raises(errors.NothingToRevert), transaction() as db:
        actions.revert_version(db, held(db, version_id), date(2026, 12, 31), OTHER, NOW)
