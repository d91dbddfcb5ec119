"""The worker's part: run the imports that people left to us, one at a time, and clear away old files."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import structlog
from flask import current_app
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.contracts.imports import actions, flow, queries, refused
from portal.contracts.imports.models import ImportRun, RunState
from portal.contracts.imports.shapes import ImportResult, ImportUnreadable, RowProblem, Tally
from portal.contracts.imports.watch import Watch
from portal.kit import clock, files, jobs
from portal.kit.db import reading, transaction
from portal.kit.settings import Settings

BEAT_SECONDS: Final = 1.0

log = structlog.get_logger(__name__)


class Stopped(Exception):
    """Somebody asked for it."""


class _Left(Exception):
    """The worker ends, or another has the import now: leave everything as it is."""


def work_on_imports() -> int:
    """Do one import that waits, to its end; 0 when there is none. A poller of its own lane."""
    at = clock.now()
    with reading() as db:
        waiting = [run for run in queries.due(db, at) if run.stored and _file(run.stored).exists()]
    for run in waiting:
        with transaction() as db:
            token = actions.claim(db, run.id, at)
        if token:
            _do(run.id, token)
            return 1
    return 0


def remove_old_files() -> None:
    """Remove files whose time is over, and what an upload that was cut off has left."""
    settings: Settings = current_app.extensions["settings"]
    before = clock.now() - actions.KEPT_FOR
    with reading() as db:
        old = queries.older(db, before)
        known = queries.stored_names(db)
    for run in old:
        if run.stored:
            files.remove(settings, run.stored)
        with transaction() as db:
            if held := queries.lock(db, run.id):
                actions.forget_file(db, held)
    files.remove_strays(settings, before, known)


def _file(stored: str) -> Path:
    return files.path_of(current_app.extensions["settings"], stored)


class _Keeper(Watch):
    """Writes how far the import is into its row, in the very transaction of each piece."""

    def __init__(self, run: ImportRun, token: str, file: Path) -> None:
        self._id, self._token = run.id, token
        self._journal = refused.beside(file, refused.JOURNAL)
        self._valid = run.journal_bytes
        self._stop = False
        self._next = 0.0

    def reading(self, rows: int) -> None:
        self._beat(rows=rows)

    def begun(self, rows: int, contracts: int) -> None:
        self._beat(at_once=True, rows=rows, contracts=contracts)

    def tried(self, tally: Tally) -> None:
        self._beat(place=tally.place)

    def keeping(self, db: Session, tally: Tally, found: Sequence[RowProblem]) -> None:
        self._valid = refused.append(self._journal, self._valid, found)
        values = {**actions.values_of(tally), "journal_bytes": self._valid}
        self._heard(actions.note_progress(db, self._id, self._token, clock.now(), **values))

    def kept(self, tally: Tally) -> None:
        if self._stop:
            raise Stopped
        if jobs.asked_to_stop():
            raise _Left

    def _beat(self, at_once: bool = False, **values: int) -> None:
        if not at_once and time.monotonic() < self._next:
            return
        self._next = time.monotonic() + BEAT_SECONDS
        with transaction() as db:
            told = actions.note_progress(db, self._id, self._token, clock.now(), **values)
        self._heard(told)
        self.kept(Tally())

    def _heard(self, stop: bool | None) -> None:
        if stop is None:
            raise _Left
        self._stop = stop


def _do(run_id: int, token: str) -> None:
    """Carry it out and write down how it ended."""
    with reading() as db:
        run = queries.by_id(db, run_id)
    assert run is not None
    assert run.stored is not None
    file = _file(run.stored)
    start = actions.tally_of(run) if run.place and not run.dry_run else Tally()
    try:
        result = flow.run(
            file, by=f"person:{run.by_id}", at=clock.now(), mapping=run.mapping, dry_run=run.dry_run,
            all_or_nothing=run.all_or_nothing, watch=_Keeper(run, token, file), start=start,
        )  # fmt: skip
        _done(run, token, file, result)
    except ImportUnreadable as refusal:
        _failed(run_id, token, refusal.code, dict(refusal.facts))
    except Stopped:
        _ended(run_id, token, RunState.STOPPED)
    except _Left:
        with transaction() as db:
            actions.let_go(db, run_id, token)
    except OperationalError:  # the database is away: the lease ends, and whoever comes next goes on
        raise
    except Exception:
        log.exception("import.failed", run=run_id)
        _failed(run_id, token, "broke", {})


def _done(run: ImportRun, token: str, file: Path, result: ImportResult) -> None:
    """What was refused before a stop stands in the journal only."""
    result.refused.add(refused.read(refused.beside(file, refused.JOURNAL), run.journal_bytes))
    refused.write(refused.beside(file, refused.LIST), result.refused)
    open_still = run.dry_run or result.held_back
    _ended(
        run.id, token, RunState.CHECKED if open_still else RunState.DONE, rows=result.rows,
        refused=result.refused.rows, ignored={"names": list(result.ignored)}, **actions.values_of(result.tally),
    )  # fmt: skip


def _failed(run_id: int, token: str, code: str, facts: dict[str, object]) -> None:
    _ended(run_id, token, RunState.FAILED, problem={"code": code, "facts": facts})


def _ended(run_id: int, token: str, state: RunState, **values: object) -> None:
    with transaction() as db:
        run = queries.lock(db, run_id)
        if run is not None and run.token == token:
            actions.finish(db, run, state, clock.now(), **values)
