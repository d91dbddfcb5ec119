"""Versions of the price book: drafted, tried on the contracts, published by another, brought back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from payments.money import Money
from portal.contracts import queries as contracts
from portal.contracts.models import Segment
from portal.kit.db import reading, transaction
from portal.pricing import actions, errors
from portal.pricing.models import Price, PriceVersion, TrialState, VersionState
from tests.conftest import NOW
from tests.portal.pricing.scene import staged
from tests.portal.pricing.versions import (
    DRAFTER,
    FIRST,
    OTHER,
    TODAY,
    draft,
    effects,
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


def test_a_price_changes_by_two_people_after_a_trial() -> None:
    staged()
    version_id = draft(110_000)
    assert list_prices() == [(100_000, date(2026, 1, 1), None)]
    tried(version_id)
    version = read(version_id)
    assert version.trial_sums == {
        "contracts": 1, "affected": 1, "first_time": 0, "lost": 0, "change": {"CNY": 200_000},
    }  # fmt: skip
    assert (version.trial_done, version.trial_all) == (1, 1)
    assert effects(version_id) == [(2_000_000, 2_200_000)]
    publish(version_id)
    assert list_prices() == [(100_000, date(2026, 1, 1), FIRST), (110_000, FIRST, None)]
    assert read(version_id).state is VersionState.PUBLISHED
    with reading() as db:
        assert db.scalars(select(Price.version_id).where(Price.unit_minor == 110_000)).one() == version_id


def test_what_is_not_published() -> None:
    staged()
    version_id = draft()

    def by(who: str, on: date = TODAY, rev: int = 0) -> Callable[[Any, PriceVersion], Any]:
        return lambda db, version: actions.publish_version(db, version, rev or version.rev, on, who, NOW)

    assert refused(by(OTHER), version_id) is errors.NothingToPublish
    with transaction() as db:
        put(db, held(db, version_id), 110_000)
    assert refused(by(OTHER), version_id) is errors.NotTried
    tried(version_id)
    assert refused(by(DRAFTER), version_id) is errors.OwnDraft
    assert refused(by(OTHER, on=FIRST + timedelta(days=1)), version_id) is errors.BegunAlready
    assert refused(by(OTHER, rev=1), version_id) is errors.ChangedMeanwhile
    assert refused(by(OTHER, on=TODAY + timedelta(days=1)), version_id) is errors.NotTried  # tried yesterday
    publish(version_id)
    assert refused(by(OTHER), version_id) is errors.NotADraft
    assert len(list_prices()) == 2


def test_a_changed_draft_is_tried_anew() -> None:
    staged()
    version_id = draft(110_000)
    tried(version_id)
    with transaction() as db:
        version = held(db, version_id)
        facts: dict[str, Any] = {"label": "2027-b", "reasons": {}, "valid_from": FIRST, "valid_to": None}
        actions.change_version(db, version, **facts, rev=version.rev, by="person:3", at=NOW)
    version = read(version_id)
    assert (version.label, version.trial_state, version.drafted_by) == (
        "2027-b", TrialState.NONE, [DRAFTER, "person:3"]
    )  # fmt: skip
    with transaction() as db:
        version = held(db, version_id)
        actions.remove_row(db, version, version.rows[0], version.rev, DRAFTER, NOW)
        put(db, version, 120_000)
    tried(version_id)
    assert effects(version_id) == [(2_000_000, 2_400_000)]  # those of the first trial are gone


def _put_twin(changes: dict[str, Any], db: Any, version: PriceVersion) -> None:
    put(db, version, 120_000, **changes)


def test_what_a_draft_refuses() -> None:
    scene = staged()
    version_id = draft(110_000)
    with reading() as db:
        whole = contracts.by_number(db, scene.contract.number)
    cases: list[tuple[type[Exception], dict[str, Any]]] = [
        (errors.TwoOfAKind, {}),
        (errors.ChangedMeanwhile, {"rev": 1}),
        (errors.AmountOutOfRange, {"unit": Money(0, "CNY")}),
        (errors.AmountOutOfRange, {"unit": Money(100, "USD"), "floor_minor": 101}),
        (errors.NotCharged, {"unit": Money(105, "KWD")}),
        (errors.NotCharged, {"unit": Money(110, "KWD"), "floor_minor": 5}),
        (errors.ForeignCurrency, {"unit": Money(5, "USD"), "contract": whole}),
        (errors.ProductNotInContract, {"product_code": "backup", "contract": whole}),
    ]
    for error, changes in cases:
        assert refused(partial(_put_twin, changes), version_id) is error
    with pytest.raises(errors.PeriodReversed):
        draft(valid_to=FIRST)
    with transaction() as db:
        put(db, held(db, version_id), 90_000, segment=Segment.SMALL)
        put(db, held(db, version_id), 95_000, contract=whole, floor_minor=80_000)
    assert len(read(version_id).rows) == 3


def test_a_passing_price_leaves_no_gap() -> None:
    staged()
    january = date(2027, 1, 1)
    published(90_000, valid_to=january)
    assert list_prices() == [
        (100_000, date(2026, 1, 1), FIRST), (90_000, FIRST, january), (100_000, january, None),
    ]  # fmt: skip


def test_a_gap_is_refused_with_its_day() -> None:
    staged()
    with transaction() as db:
        row = db.scalars(select(Price).where(Price.product_code == "insight", Price.currency == "CNY")).one()
        row.valid_to = date(2026, 12, 15)
    version_id = draft(90_000, valid_to=date(2027, 1, 1))
    tried(version_id)
    with pytest.raises(errors.GapAhead) as gap:
        publish(version_id)
    assert gap.value.facts == {"product_code": "insight", "currency": "CNY", "on": "2027-01-01"}
    assert len(list_prices()) == 1


def test_an_overlap_with_what_already_comes_is_refused() -> None:
    staged()
    published(110_000)
    version_id = draft(120_000, valid_from=date(2026, 11, 25))
    tried(version_id)
    with pytest.raises(errors.PriceInTheWay) as found:
        publish(version_id)
    assert (found.value.facts["book"], found.value.facts["valid_from"]) == ("2027", FIRST.isoformat())
    assert len(list_prices()) == 2


def test_a_segments_price_may_end_since_the_list_goes_on() -> None:
    staged()
    version_id = draft(valid_to=date(2027, 1, 1))
    with transaction() as db:
        put(db, held(db, version_id), 90_000, segment=Segment.STANDARD)
    tried(version_id)
    publish(version_id)
    with reading() as db:
        row = db.scalars(select(Price).where(Price.segment == Segment.STANDARD)).one()
    assert (row.valid_from, row.valid_to) == (FIRST, date(2027, 1, 1))


def test_a_dropped_draft_stays_in_the_history() -> None:
    staged()
    version_id = draft(110_000)
    with transaction() as db:
        actions.discard_version(db, held(db, version_id), 2, DRAFTER, NOW)
    assert read(version_id).state is VersionState.DISCARDED
    assert refused(lambda db, v: actions.ask_trial(db, v, v.rev), version_id) is errors.NotADraft
    assert refused(lambda db, v: actions.ask_trial(db, v, v.rev), draft()) is errors.NothingToPublish


def test_a_trial_holds_for_the_book_as_it_was() -> None:
    staged()
    first, second = draft(110_000), draft(120_000, valid_from=date(2027, 2, 1))
    for version_id in (first, second):
        tried(version_id)
    publish(first)
    with pytest.raises(errors.NotTried):
        publish(second)
    tried(second)
    publish(second)
