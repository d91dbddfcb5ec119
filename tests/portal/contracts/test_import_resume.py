"""An import that is cut off: another worker goes on where it stopped, and nothing is done twice or half."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.audit.models import AuditNote
from portal.contracts.imports import RowProblem, actions, pieces, queries, refused
from portal.contracts.imports import jobs as import_jobs
from portal.contracts.imports.models import ImportRun, RunState
from portal.contracts.models import Contract
from portal.kit import clock, jobs
from portal.kit.db import reading, transaction
from tests.conftest import NOW
from tests.portal.contracts.import_scene import count, line
from tests.portal.contracts.test_import_desk import desk, only, uploaded
from tests.web import post_form

__all__ = ["desk"]
LINES = [line(contract_number=f"CT-{n}", product="unknown" if n % 4 == 0 else "insight") for n in range(20)]


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE", 3)


@pytest.fixture
def asked(desk: FlaskClient) -> str:
    """A file with 15 good rows and 5 bad ones, waiting for a worker."""
    where = uploaded(desk, *LINES)
    post_form(desk, f"{where}/run", do="import")
    return where


def cut_off(monkeypatch: pytest.MonkeyPatch, at: int, error: BaseException, before: bool = True) -> None:
    """Let the piece number `at` end in `error`, before its transaction commits or right after."""
    name = "keeping" if before else "kept"
    plain: Callable[..., None] = getattr(import_jobs._Keeper, name)
    turns: list[int] = []

    def ends(self: Any, *given: Any) -> None:
        plain(self, *given)
        turns.append(1)
        if len(turns) == at:
            raise error

    monkeypatch.setattr(import_jobs._Keeper, name, ends)


class Killed(BaseException):
    """The process is gone."""


def later() -> Any:
    return time_machine.travel(NOW + timedelta(minutes=2), tick=False)


@pytest.mark.parametrize("before", [True, False])
def test_a_crash_loses_nothing_and_repeats_nothing(
    asked: str, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    with monkeypatch.context() as patch:
        cut_off(patch, 3, Killed(), before)
        with pytest.raises(Killed):
            jobs.run_due()
    half = count(Contract)
    assert 0 < half < 15
    assert only().place == 6
    assert import_jobs.work_on_imports() == 0, "the lease still holds"
    with later():
        assert import_jobs.work_on_imports() == 1
    run = only()
    assert (run.state, run.kept, run.created, run.unchanged, run.refused) == (RunState.DONE, 15, 15, 0, 5)
    assert count(Contract) == 15
    with reading() as db:
        made = list(db.scalars(select(AuditNote.subject).where(AuditNote.action == "contract.created")))
    assert len(made) == len(set(made)) == 15
    rows = [
        problem.row for problem in refused.read(refused.beside(import_jobs._file(str(run.stored)), refused.LIST))
    ]
    assert rows == [2, 6, 10, 14, 18]


def test_one_that_lost_its_lease_leaves(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with reading() as db:
        (waiting,) = queries.due(db, clock.now())
    with transaction() as db:
        mine = actions.claim(db, waiting.id, clock.now())
    assert mine
    with later(), transaction() as db:
        assert actions.claim(db, waiting.id, clock.now()), "the lease is over"
    import_jobs._do(waiting.id, mine)
    assert count(Contract) == 0
    assert only().state is RunState.RUNNING


def test_a_worker_that_ends_lets_go_so_that_the_next_goes_on_at_once(
    asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        turns = iter([False] * 4 + [True] * 100)
        patch.setattr(jobs, "asked_to_stop", lambda: next(turns))
        assert import_jobs.work_on_imports() == 1
    assert 0 < count(Contract) < 15
    assert import_jobs.work_on_imports() == 1
    assert (only().state, only().created) == (RunState.DONE, 15)


def test_a_database_that_is_away_ends_no_import(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        cut_off(patch, 2, OperationalError("select 1", None, Exception("away")))
        with pytest.raises(OperationalError):
            import_jobs.work_on_imports()
    with later():
        jobs.run_due()
    assert (only().state, only().created) == (RunState.DONE, 15)


def test_what_breaks_is_told_and_the_import_may_be_run_again(
    asked: str, desk: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        cut_off(patch, 3, ZeroDivisionError())
        jobs.run_due()
    assert "Something broke on our side while the file was read" in desk.get(asked).text
    post_form(desk, f"{asked}/run", do="import")
    jobs.run_due()
    assert (only().state, only().created + only().unchanged) == (RunState.DONE, 15)


def test_a_stop_takes_hold_between_two_pieces(
    asked: str, desk: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = import_jobs._Keeper.keeping

    def keeping(self: Any, db: Session, *given: Any) -> None:
        actions.ask_to_stop(db, db.get_one(ImportRun, only().id), "person:1", NOW)
        db.flush()
        plain(self, db, *given)

    monkeypatch.setattr(import_jobs._Keeper, "keeping", keeping)
    jobs.run_due()
    assert (only().state, only().place) == (RunState.STOPPED, 3)
    assert "The import was stopped" in desk.get(asked).text
    assert count(Contract) == 2


@pytest.mark.parametrize("before", [True, False])
def test_all_or_nothing_is_all_there_or_not_there(
    desk: FlaskClient, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    """Cut off inside the switch nothing is there; cut off right after it, all is, and the next worker says so."""
    where = uploaded(desk, *[each for each in LINES if "unknown" not in each])
    post_form(desk, f"{where}/run", do="import", all_or_nothing="1")
    with monkeypatch.context() as patch:
        if before:
            cut_off(patch, 1, Killed())
        else:
            patch.setattr(import_jobs, "_done", lambda *_given: _killed())
        with pytest.raises(Killed):
            jobs.run_due()
    assert count(Contract) == (0 if before else 15)
    with later():
        jobs.run_due()
    run = only()
    assert (run.state, run.kept, run.created, count(Contract)) == (RunState.DONE, 15, 15, 15)


def _killed() -> None:
    raise Killed


def test_half_a_line_of_the_journal_does_not_count(tmp_path: Path) -> None:
    journal = tmp_path / "journal"

    end = refused.append(journal, 0, [RowProblem(2, "seats", "not_whole", {"value": "x"})])
    with journal.open("ab") as file:
        file.write(b'[3, "sea')
    assert [problem.row for problem in refused.read(journal, end)] == [2]
    again = refused.append(journal, end, [RowProblem(4, "", "broken_quotes")])
    assert [json.loads(part)[0] for part in journal.read_bytes().splitlines()] == [2, 4]
    assert journal.stat().st_size == again


def test_hosts_without_the_file_leave_it_to_those_that_have_it(
    asked: str, prepared: Flask, tmp_path: Path
) -> None:
    settings = prepared.extensions["settings"]
    prepared.extensions["settings"] = settings.model_copy(update={"data_dir": tmp_path / "elsewhere"})
    assert import_jobs.work_on_imports() == 0
    prepared.extensions["settings"] = settings
    assert import_jobs.work_on_imports() == 1
