"""The outbox: written with the fact, done once after it, tried again after failure and death."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.kit import outbox
from portal.kit.db import reading, transaction
from portal.kit.events import Event, Told, switchboard
from portal.kit.outbox import LEASE, WAITS, JobState, OutboxRow
from tests.conftest import NOW


@dataclass(frozen=True, kw_only=True)
class Rang(Event):
    times: int


@pytest.fixture
def heard(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[Told]:
    told: list[Told] = []
    monkeypatch.setattr(switchboard, "_reactions", {"Rang": ["bell.first", "bell.second"]})
    monkeypatch.setattr(switchboard, "_handlers", {"bell.first": told.append, "bell.second": told.append})
    return told


def rows() -> list[OutboxRow]:
    with reading() as db:
        return list(db.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def test_each_reaction_runs_once_however_often_told(heard: list[Told]) -> None:
    for _ in range(3):
        with transaction() as db:
            outbox.tell(db, Rang(subject="bell:1", times=2), NOW)
    assert outbox.run_due() == 2
    assert outbox.run_due() == 0
    assert heard == [Told("bell:1", "1", {"times": 2})] * 2
    assert {row.state for row in rows()} == {JobState.DONE}


def test_a_rolled_back_fact_is_never_told(heard: list[Told]) -> None:
    with pytest.raises(LookupError), transaction() as db:
        outbox.tell(db, Rang(subject="bell:1", times=1), NOW)
        raise LookupError
    assert outbox.run_due() == 0
    assert heard == []


def test_a_failed_handler_waits_and_is_tried_again_and_at_last_given_up(
    heard: list[Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def broken(told: Told) -> None:
        calls.append(told)
        raise OSError("no line")

    monkeypatch.setattr(switchboard, "_handlers", {"bell.first": broken})
    with transaction() as db:
        outbox.later(db, "bell.first", "bell:1", "1", {}, NOW)
    at = NOW
    for wait in [*WAITS, timedelta(0)]:
        with time_machine.travel(at, tick=False):
            assert outbox.run_due() == 1
            assert outbox.run_due() == 0
        at += wait
    assert len(calls) == len(WAITS) + 1
    assert rows()[0].state is JobState.DEAD
    assert rows()[0].error == "OSError: no line"


def test_one_failing_reaction_does_not_stop_the_other(heard: list[Told], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(switchboard._handlers, "bell.first", lambda _told: 1 / 0)
    with transaction() as db:
        outbox.tell(db, Rang(subject="bell:1", times=1), NOW)
    outbox.run_due()
    assert [told.subject for told in heard] == ["bell:1"]


def test_work_of_a_dead_worker_is_done_when_its_lease_ends(heard: list[Told]) -> None:
    with transaction() as db:
        outbox.later(db, "bell.first", "bell:1", "1", {}, NOW)
    assert len(outbox._claim(5)) == 1  # and then the process dies
    assert outbox.run_due() == 0
    with time_machine.travel(NOW + LEASE, tick=False):
        assert outbox.run_due() == 1
    assert len(heard) == 1


def test_a_job_without_handler_is_kept_and_named(heard: list[Told]) -> None:
    with transaction() as db:
        outbox.later(db, "gone", "bell:1", "1", {}, NOW)
    outbox.run_due()
    assert "gone" in (rows()[0].error or "")
