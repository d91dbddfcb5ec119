"""Run an import: chunk by chunk, each in a transaction of its own, so that a stop loses no more than a chunk and a
second run finds the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from portal.contracts.imports import decide, group, keep, reader, world
from portal.contracts.imports.decide import Step, Verdict
from portal.contracts.imports.model import (
    MAX_ROWS_AT_ONCE,
    ImportResult,
    ImportUnreadable,
    Wanted,
)
from portal.kit.db import reading, transaction
from portal.kit.errors import Refusal

CHUNK: Final = 50
TRIES: Final = 3


def run(
    source: bytes, *, by: str, at: datetime, dry_run: bool = False, all_or_nothing: bool = False
) -> ImportResult:
    """Import the contracts of a CSV file; opens its own transactions, so call it outside any.

    Keeps what is right and lists what is not. `dry_run` only tells what would happen. `all_or_nothing` keeps
    nothing when any row is refused. Raises ImportUnreadable when the file as a whole cannot be used.
    """
    sheet = reader.read(source)
    if all_or_nothing and sheet.count > MAX_ROWS_AT_ONCE:
        raise ImportUnreadable("too_many_at_once", limit=MAX_ROWS_AT_ONCE)
    wanted, problems = group.grouped(sheet)
    result = ImportResult(
        rows=sheet.count, refused=[*sheet.problems, *problems], ignored=sheet.ignored, dry_run=dry_run
    )
    if dry_run or all_or_nothing:
        trial = _try_out(wanted)
        refused = bool(result.refused) or any(verdict.problems for verdict in trial)
        if dry_run or refused:
            _count(result, wanted, trial)
            return _finished(result, all_or_nothing)
    for chunk in _chunks(wanted, len(wanted) if all_or_nothing else CHUNK):
        _count(result, chunk, _keep_all(chunk, by, at, all_or_nothing))
    return _finished(result, all_or_nothing)


def _chunks(wanted: Sequence[Wanted], size: int) -> Iterator[Sequence[Wanted]]:
    for first in range(0, len(wanted), size or 1):
        yield wanted[first : first + size]


def _try_out(wanted: Sequence[Wanted]) -> list[Verdict]:
    """What would be decided, without a change."""
    verdicts = []
    with reading() as db:
        known = world.load(db, wanted, hold=False)
        for each in wanted:
            verdict = decide.decide(each, known)
            if not verdict.problems:
                keep.remember_contact(each.head, known)
            verdicts.append(verdict)
    return verdicts


def _keep_all(chunk: Sequence[Wanted], by: str, at: datetime, all_or_nothing: bool) -> list[Verdict]:
    """Decide and write one chunk. When somebody else wrote the same rows meanwhile, look again."""
    turn = 0
    while True:
        turn += 1
        try:
            with transaction() as db:
                return _write(db, chunk, by, at, all_or_nothing)
        except _HeldBack as stop:
            return stop.verdicts
        except (IntegrityError, StaleDataError, Refusal):
            if turn == TRIES:
                raise


class _HeldBack(Exception):
    """Between the trial and the writing somebody changed something: roll back."""

    def __init__(self, verdicts: list[Verdict]) -> None:
        super().__init__()
        self.verdicts = verdicts


def _write(db: Session, chunk: Sequence[Wanted], by: str, at: datetime, all_or_nothing: bool) -> list[Verdict]:
    known = world.load(db, chunk, hold=True)
    verdicts = []
    for each in chunk:
        verdict = decide.decide(each, known)
        verdicts.append(verdict)
        if not verdict.problems and (verdict.changes or verdict.step is not Step.KEEP):
            keep.keep(db, each, verdict, known, by, at)
    if all_or_nothing and any(verdict.problems for verdict in verdicts):
        raise _HeldBack(verdicts)
    return verdicts


def _count(result: ImportResult, wanted: Sequence[Wanted], verdicts: Sequence[Verdict]) -> None:
    for each, verdict in zip(wanted, verdicts, strict=True):
        result.refused += verdict.problems
        if verdict.problems:
            continue
        result.kept += len(each.rows)
        if verdict.step is Step.CREATE:
            result.created += 1
        elif verdict.changes or verdict.step is not Step.KEEP:
            result.updated += 1
        else:
            result.unchanged += 1


def _finished(result: ImportResult, all_or_nothing: bool) -> ImportResult:
    result.refused.sort(key=lambda problem: (problem.row, problem.field))
    result.held_back = all_or_nothing and bool(result.refused)
    if result.held_back:
        result.kept = result.created = result.updated = result.unchanged = 0
    return result
