"""What happens to an import that somebody started at the desk. In the caller's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from portal.audit import actions as audit
from portal.contracts.imports.errors import ImportNotOpen
from portal.contracts.imports.models import MOVES, ImportRun, RunState
from portal.contracts.imports.shapes import Tally
from portal.kit.db import move

LEASE: Final = timedelta(minutes=1)
# How long a file stays here, for mending its rows and for questions.
KEPT_FOR: Final = timedelta(days=30)


def subject_of(run: ImportRun) -> str:
    """How the audit trail names the import."""
    return f"import:{run.id}"


def add(
    db: Session, *, name: str, stored: str, size: int, signature: str, mapping: Mapping[str, str] | None,
    by_id: int, at: datetime,
) -> ImportRun:  # fmt: skip
    """A file that somebody gave us; nothing is done with it yet. `mapping` is the one kept from the last time."""
    run = ImportRun(
        by_id=by_id, created_at=at, state=RunState.UPLOADED, name=name, stored=stored, size=size,
        signature=signature, mapping=dict(mapping) if mapping else None,
    )  # fmt: skip
    db.add(run)
    db.flush()
    audit.note(db, f"person:{by_id}", "import.uploaded", subject_of(run), at, name=name, size=size)
    return run


def map_columns(db: Session, run: ImportRun, mapping: Mapping[str, str]) -> None:
    """Keep which header is which of our columns. Raises ImportNotOpen."""
    _must_be_open(run)
    run.state = move(MOVES, run.state, RunState.UPLOADED)
    run.mapping = dict(mapping)
    run.problem = None
    _from_the_start(run)
    db.flush()


def ask(db: Session, run: ImportRun, *, dry_run: bool, all_or_nothing: bool, by: str, at: datetime) -> None:
    """Leave it to the worker. Raises ImportNotOpen."""
    _must_be_open(run)
    run.state = move(MOVES, run.state, RunState.WAITING)
    run.dry_run, run.all_or_nothing = dry_run, all_or_nothing
    run.problem, run.stop_asked = None, False
    run.started_at, run.ended_at, run.lease_until, run.token = at, None, None, None
    _from_the_start(run)
    db.flush()
    audit.note(db, by, "import.asked", subject_of(run), at, dry_run=dry_run, all_or_nothing=all_or_nothing)


def ask_to_stop(db: Session, run: ImportRun, by: str, at: datetime) -> None:
    """Stop an import that waits; one at work stops after the piece at hand. What is over stays as it is."""
    if run.state is RunState.WAITING:
        run.state, run.ended_at = move(MOVES, run.state, RunState.STOPPED), at
    elif run.state is RunState.RUNNING and not run.stop_asked:
        run.stop_asked = True
    else:
        return
    audit.note(db, by, "import.stopped", subject_of(run), at)


def claim(db: Session, run_id: int, at: datetime) -> str | None:
    """Take the import for one worker: a token that proves it, or None when another was faster."""
    token = secrets.token_hex(16)
    free = or_(ImportRun.lease_until.is_(None), ImportRun.lease_until <= at)
    taken = db.execute(
        update(ImportRun)
        .where(ImportRun.id == run_id, ImportRun.state.in_((RunState.WAITING, RunState.RUNNING)), free)
        .values(state=RunState.RUNNING, token=token, lease_until=at + LEASE)
        .returning(ImportRun.id)
    )
    return token if taken.scalar() is not None else None


def note_progress(db: Session, run_id: int, token: str, at: datetime, **values: Any) -> bool | None:
    """Write how far it is and hold on to it: whether somebody asked to stop, or None when another has it now."""
    told = db.execute(
        update(ImportRun)
        .where(ImportRun.id == run_id, ImportRun.token == token)
        .values(lease_until=at + LEASE, **values)
        .returning(ImportRun.stop_asked)
    )
    return told.scalar()


def finish(db: Session, run: ImportRun, state: RunState, at: datetime, **values: Any) -> None:
    """The work on it is over: DONE, CHECKED, STOPPED or FAILED."""
    run.state = move(MOVES, run.state, state)
    run.ended_at, run.lease_until, run.token = at, None, None
    for name, value in values.items():
        setattr(run, name, value)
    db.flush()
    facts = {
        name: getattr(run, name) for name in ("dry_run", "rows", "created", "updated", "unchanged", "refused")
    }
    audit.note(db, f"person:{run.by_id}", f"import.{state}", subject_of(run), at, **facts)


def let_go(db: Session, run_id: int, token: str) -> None:
    """The worker ends before the work does: whoever comes next goes on at once."""
    held = update(ImportRun).where(ImportRun.id == run_id, ImportRun.token == token)
    db.execute(held.values(lease_until=None, token=None))


def forget_file(db: Session, run: ImportRun) -> None:
    """Its file is gone; what it did stays on record."""
    run.stored = None
    db.flush()


def tally_of(run: ImportRun) -> Tally:
    """How far the import came."""
    return Tally(run.place, run.kept, run.created, run.updated, run.unchanged)


def values_of(tally: Tally) -> dict[str, int]:
    """The same as columns of its row."""
    names = ("place", "kept", "created", "updated", "unchanged")
    return {name: getattr(tally, name) for name in names}


def _must_be_open(run: ImportRun) -> None:
    if run.stored is None or RunState.WAITING not in MOVES[run.state]:
        raise ImportNotOpen(state=run.state)


def _from_the_start(run: ImportRun) -> None:
    run.rows = run.contracts = run.refused = run.journal_bytes = 0
    run.place = run.kept = run.created = run.updated = run.unchanged = 0
