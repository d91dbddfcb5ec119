"""Drafts are tried on the contracts piece by piece, by one worker at a time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.contracts import actions as contract_actions
from portal.contracts import queries as contracts
from portal.contracts.models import Segment
from portal.kit.db import transaction
from portal.pricing import actions, jobs
from portal.pricing.actions import trials as kept
from portal.pricing.jobs import trials
from portal.pricing.models import Price, PriceVersion, TrialState
from tests import factories
from tests.conftest import NOW
from tests.portal.pricing.scene import staged
from tests.portal.pricing.versions import (
    TODAY,
    draft,
    effects,
    held,
    many,
    put,
    read,
    tried,
)

pytestmark = pytest.mark.usefixtures("app")


def test_a_trial_goes_piece_by_piece_over_those_that_end_within_a_year(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "PIECE", 2)
    scene = staged()
    many(scene, 4)
    with transaction() as db:
        factories.contract(db, scene.company, date(2026, 10, 22))  # its grace is over
        factories.contract(db, scene.company, date(2026, 11, 21))  # in grace: the new price concerns it
        factories.contract(db, scene.company, date(2027, 11, 23))  # more than a year to go
        gone = factories.contract(db, scene.company, date(2026, 12, 20))
        contract_actions.decline(db, contracts.lock(db, gone.id), None, scene.ref, NOW)
        factories.contract(db, scene.company, date(2026, 11, 30))  # ends before the new price
    version_id = draft(110_000)
    tried(version_id)
    version = read(version_id)
    assert version.trial_sums is not None
    assert (version.trial_sums["contracts"], version.trial_sums["affected"]) == (7, 6)
    assert (version.trial_done, version.trial_all, version.trial_state) == (7, 7, TrialState.DONE)


def test_a_price_for_the_first_time_and_one_that_goes() -> None:
    scene = staged()
    with transaction() as db:
        row = db.scalars(select(Price).where(Price.product_code == "insight", Price.currency == "CNY")).one()
        row.valid_to = date(2026, 12, 10)
        row.valid_from = date(2026, 12, 9)
    version_id = draft(110_000, valid_from=date(2026, 12, 10))
    tried(version_id)
    assert effects(version_id) == [(None, 2_200_000)]
    sums = read(version_id).trial_sums or {}
    assert (sums["first_time"], sums["lost"], sums["change"]) == (1, 0, {})
    assert scene.contract.id


def test_who_changes_the_draft_ends_its_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "PIECE", 1)
    scene = staged()
    many(scene, 2)
    version_id = draft(110_000)
    real = trials._tried

    def tried_and_changed(db: Any, version: PriceVersion, due: Any, at: Any) -> Any:
        found = real(db, version, due, at)
        if version.trial_done == 1:
            db.close()  # on SQLite a second writer would wait for this reader's snapshot
            with transaction() as other:
                put(other, held(other, version_id), 9_000, segment=Segment.SMALL)
        return found

    monkeypatch.setattr(trials, "_tried", tried_and_changed)
    tried(version_id)
    version = read(version_id)
    assert (version.trial_state, version.trial_sums) == (TrialState.NONE, None)
    assert len(effects(version_id)) == 1


def test_a_worker_that_ends_leaves_the_trial_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    staged()
    version_id = draft(110_000)
    monkeypatch.setattr("portal.kit.jobs.asked_to_stop", lambda: True)
    tried(version_id)
    assert read(version_id).trial_state is TrialState.WAITING
    monkeypatch.undo()
    assert jobs.work_on_trials() == 1
    assert read(version_id).trial_state is TrialState.DONE
    assert jobs.work_on_trials() == 0


def test_a_trial_whose_worker_died_is_taken_up_after_its_lease(app: Flask) -> None:
    staged()
    version_id = draft(110_000)
    with transaction() as db:
        version = held(db, version_id)
        actions.ask_trial(db, version, version.rev)
    with transaction() as db:
        assert kept.claim(db, version_id, TODAY, NOW) == kept.Claim(version_id, 2, 1)
        assert kept.claim(db, version_id, TODAY, NOW) is None
    assert jobs.work_on_trials() == 0
    with time_machine.travel(NOW + timedelta(minutes=3), tick=False):
        assert jobs.work_on_trials() == 1
    assert read(version_id).trial_state is TrialState.DONE


def test_whoever_took_a_trial_over_has_it_alone() -> None:
    staged()
    version_id = draft(110_000)
    with transaction() as db:
        version = held(db, version_id)
        actions.ask_trial(db, version, version.rev)
    with transaction() as db:
        slow = kept.claim(db, version_id, TODAY, NOW)
    with transaction() as db:
        late = NOW + timedelta(minutes=3)
        quick = kept.claim(db, version_id, TODAY, late)
        assert slow is not None
        assert quick is not None
        assert not kept.note_progress(db, slow, late, 1, 1)
        kept.finish(db, slow, {})
        kept.let_go(db, slow)
        assert held(db, version_id).trial_state is TrialState.RUNNING
        assert kept.note_progress(db, quick, late, 1, 1)
    trials._do(slow, TODAY)
    assert read(version_id).trial_state is TrialState.RUNNING


def test_asking_twice_begins_nothing_anew() -> None:
    staged()
    version_id = draft(110_000)
    for click in range(2):
        with transaction() as db:
            version = held(db, version_id)
            actions.ask_trial(db, version, version.rev)
            assert (kept.claim(db, version_id, TODAY, NOW) is None) is bool(click)
    assert read(version_id).trial_state is TrialState.RUNNING
