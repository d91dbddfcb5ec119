"""Transactions: commit, rollback, no nesting, and no "locked" on SQLite."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from portal.kit import numbers
from portal.kit.db import after_commit, in_transaction, reading, transaction
from portal.kit.install import Installation, enter
from portal.kit.numbers import NumberSeries
from portal.kit.settings import Mode, SettingsError
from tests.conftest import NOW


def test_nesting_is_refused(app: Flask) -> None:
    with transaction():
        assert in_transaction()
        with pytest.raises(RuntimeError, match="already open"), transaction():
            pass
    assert not in_transaction()


def test_after_commit_runs_only_after_a_commit(app: Flask) -> None:
    calls: list[str] = []
    with transaction() as db:
        after_commit(db, lambda: calls.append("kept"))
        assert calls == []
    with pytest.raises(KeyError), transaction() as db:
        after_commit(db, lambda: calls.append("dropped"))
        raise KeyError
    assert calls == ["kept"]


def test_numbers_have_no_gaps_after_rollback(app: Flask) -> None:
    with transaction() as db:
        assert numbers.take(db, "receipt-2026") == 1
    with pytest.raises(KeyError), transaction() as db:
        assert numbers.take(db, "receipt-2026") == 2
        raise KeyError
    with transaction() as db:
        assert numbers.take(db, "receipt-2026") == 2


def test_concurrent_writers_never_meet_a_locked_database(app: Flask) -> None:
    with transaction() as db:
        numbers.take(db, "race")
    taken: list[int] = []

    def work() -> None:
        with app.app_context():
            for _ in range(20):
                with transaction() as db:
                    db.scalar(select(NumberSeries.last))  # read, then write: the case that plain BEGIN loses
                    taken.append(numbers.take(db, "race"))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(2, 122))


def test_naive_time_is_refused(app: Flask) -> None:
    with pytest.raises(Exception, match="naive"), transaction() as db:
        db.add(Installation(id=1, started_at=datetime(2026, 1, 1), production_since=None))  # noqa: DTZ001


def test_demo_leaves_a_production_database_alone(app: Flask) -> None:
    with transaction() as db:
        enter(db, Mode.PRODUCTION, NOW)
    with pytest.raises(SettingsError), transaction() as db:
        enter(db, Mode.DEMO, NOW)
    with reading() as db:
        assert db.get_one(Installation, 1).production_since == NOW
