"""Schedules run once for each period, however many workers look."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal.kit import jobs
from portal.kit.jobs import Schedule, Timetable, Worker
from tests.conftest import NOW


@pytest.fixture
def table(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Timetable:
    made = Timetable()
    made.pollers.clear()
    monkeypatch.setattr(jobs, "timetable", made)
    return made


def test_a_schedule_runs_once_a_period(table: Timetable) -> None:
    runs: list[int] = []
    table.every("count", timedelta(minutes=1), lambda: runs.append(1))
    assert jobs.run_due() == 1
    assert jobs.run_due() == 0
    with time_machine.travel(NOW + timedelta(seconds=59), tick=False):
        assert jobs.run_due() == 0
    with time_machine.travel(NOW + timedelta(seconds=60), tick=False):
        assert jobs.run_due() == 1
    assert len(runs) == 2


def test_a_second_worker_does_not_take_a_running_schedule(table: Timetable) -> None:
    schedule = Schedule("slow", timedelta(seconds=30), lambda: None)
    assert jobs._claim(schedule, NOW)
    later = NOW + timedelta(seconds=60)
    assert not jobs._claim(schedule, later)  # its lease of five minutes still runs
    assert jobs._claim(schedule, NOW + timedelta(minutes=6))


def test_a_failing_schedule_does_not_stop_the_others(table: Timetable) -> None:
    runs: list[int] = []
    table.every("broken", timedelta(minutes=1), lambda: 1 / 0)
    table.every("whole", timedelta(minutes=1), lambda: runs.append(1))
    assert jobs.run_due() == 2
    assert runs == [1]


def test_pollers_run_until_nothing_is_left(table: Timetable) -> None:
    left = [3, 2, 0]
    table.poll(lambda: left.pop(0))
    assert jobs.run_due() == 5
    assert left == []


def test_the_worker_survives_a_failing_poller_and_stops_when_asked(table: Timetable, app: Flask) -> None:
    looked = threading.Event()
    calls: list[int] = []

    def poller() -> int:
        calls.append(1)
        if len(calls) == 1:
            raise OSError("database away")
        looked.set()
        return 0

    table.poll(poller)
    worker = Worker(app)
    worker.start()
    assert looked.wait(5)
    worker.stop()
    assert not any(thread.is_alive() for thread in worker._threads)


def test_a_poller_that_hangs_does_not_keep_the_others_waiting(table: Timetable, app: Flask) -> None:
    """A mail server that never answers must not stop the payments."""
    release, looked = threading.Event(), threading.Event()

    def hangs() -> int:
        release.wait(10)
        return 0

    def payments() -> int:
        looked.set()
        return 0

    table.poll(hangs)
    table.poll(payments)
    worker = Worker(app)
    worker.start()
    assert looked.wait(5)
    release.set()
    worker.stop()


def test_a_worker_process_works_until_it_is_asked_to_stop(table: Timetable, app: Flask) -> None:
    worker = Worker(app)

    def poller() -> int:
        worker.ask_to_stop()
        return 0

    worker._threads.append(threading.Thread(target=worker._loop, args=(poller,)))
    worker.run_here()
    assert not any(thread.is_alive() for thread in worker._threads)
