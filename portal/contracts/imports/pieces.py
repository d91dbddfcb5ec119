"""Keep an import piece by piece, each in a short transaction of its own, so that payments and people get their
turn in between, a stop loses nothing that was told as kept, and a second run finds the rest."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from portal.contracts.imports import create, decide, keep, world
from portal.contracts.imports.decide import Verdict
from portal.contracts.imports.shapes import ImportResult, RowProblem, Wanted
from portal.contracts.imports.spool import Rows
from portal.contracts.imports.trial import chunks, count, sorted_out
from portal.contracts.imports.watch import Watch
from portal.contracts.imports.world import World
from portal.contracts.models import Contract
from portal.kit import bulk
from portal.kit.db import database, give_way, reading, transaction
from portal.kit.errors import Refusal

# New contracts take some ten microseconds each, careful changes milliseconds: either way a piece holds SQLite's
# only write lock for a small part of 200 ms.
PIECE: Final = 1_000
CHANGES: Final = 25
# On SQLite whoever waits for the lock looks again after some milliseconds; leave it free that long.
BREATH: Final = {"sqlite": 0.003, "postgresql": 0.0}
# Beyond it, in this process, for those who wait already.
PATIENCE: Final = 0.5
TRIES: Final = 3


def keep_all(rows: Rows, result: ImportResult, by: str, at: datetime, watch: Watch) -> None:
    """Keep what is right, from where the tally stands."""
    kind = database.engine.dialect.name
    skipped = result.tally.place
    for chunk in chunks(rows, 500) if skipped else ():
        sorted_out(chunk[:skipped], result.refused)
        skipped -= min(skipped, len(chunk))
        if not skipped:
            break
    for chunk in chunks(rows, PIECE, skip=result.tally.place):
        wanted = sorted_out(chunk, result.refused)
        first = result.tally.place
        places = [first + place for place, each in enumerate(chunk) if isinstance(each, Wanted)]
        places.append(first + len(chunk))
        while result.tally.place < first + len(chunk):
            done, found = _piece(wanted, places, result, by, at, watch)
            wanted, places = wanted[done:], places[done:]
            result.refused.add(found)
            watch.kept(result.tally)
            time.sleep(BREATH[kind])
            give_way(PATIENCE)


def _piece(
    wanted: Sequence[Wanted], places: Sequence[int], result: ImportResult, by: str, at: datetime, watch: Watch
) -> tuple[int, list[RowProblem]]:
    """Decide and write as many of `wanted` as fit into a short transaction: how many, and what was refused. When
    somebody else wrote the same rows meanwhile, look again. `places` are theirs in the file, and the next one."""
    turn = 0
    while True:
        turn += 1
        piece, verdicts = _looked_at(wanted)
        try:
            with transaction() as db:
                made = _write(db, piece, verdicts, by, at)
                tally = replace(result.tally, place=places[len(piece)])
                for each, verdict in zip(piece, made, strict=True):
                    count(tally, each, verdict)
                found = [problem for verdict in made for problem in verdict.problems]
                watch.keeping(db, tally, found)
        except (IntegrityError, StaleDataError, Refusal):
            if turn == TRIES:
                raise
        else:
            result.tally = tally
            return len(piece), found


def _looked_at(wanted: Sequence[Wanted]) -> tuple[Sequence[Wanted], list[Verdict | None]]:
    """As many of `wanted` as may be written at once, with verdicts for those that are there already and stay as
    they are: they need no lock. None means: decide again when nobody else can write."""
    numbers = [each.number for each in wanted]
    with reading() as db:
        there = set(db.scalars(select(Contract.number).where(bulk.among(db, Contract.number, numbers))))
        old = [each for each in wanted if each.number in there]
        known = world.load(db, old, hold=False) if old else World()
        verdicts: list[Verdict | None] = []
        changes = 0
        for each in wanted:
            verdict = decide.decide(each, known) if each.number in there else None
            writes = verdict is not None and verdict.writes
            if writes and changes == CHANGES:
                break
            changes += writes
            verdicts.append(None if writes else verdict)
    return wanted[: len(verdicts)], verdicts


def _write(
    db: Session, piece: Sequence[Wanted], verdicts: Sequence[Verdict | None], by: str, at: datetime
) -> list[Verdict]:
    """Write what has no verdict yet; all verdicts, in the order of `piece`."""
    open_ones = [each for each, verdict in zip(piece, verdicts, strict=True) if verdict is None]
    made: dict[str, Verdict] = {}
    if open_ones:
        made = decided(db, open_ones, world.load(db, open_ones, hold=True), by, at)
    return [verdict or made[each.number] for each, verdict in zip(piece, verdicts, strict=True)]


def decided(db: Session, wanted: Sequence[Wanted], known: World, by: str, at: datetime) -> dict[str, Verdict]:
    """Decide on these contracts and write them, new ones first; `known` is their world, held."""
    made = {each.number: decide.decide(each, known) for each in wanted if each.number not in known.contracts}
    new = [each for each in wanted if each.number in made and not made[each.number].problems]
    create.create(db, new, known, by, at)
    for each in wanted:
        if each.number in made:
            continue
        verdict = made[each.number] = decide.decide(each, known)
        if verdict.writes:
            keep.keep(db, each, verdict, known, by, at)
    return made
