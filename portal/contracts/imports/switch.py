"""All or nothing: try everything out, and when nothing is refused switch it over in one transaction.

The trial takes no lock. The switch does nothing but write: on PostgreSQL nobody waits for it, on SQLite others
wait as long as bare inserts of these rows take (docs/decisions/0010).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Final, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from portal.accounts.models import Company, Person
from portal.contracts.imports import create, pieces, trial, world
from portal.contracts.imports.shapes import MAX_CHANGES_AT_ONCE, ImportResult, ImportUnreadable, Tally, Wanted
from portal.contracts.imports.spool import Rows
from portal.contracts.imports.trial import Plan
from portal.contracts.imports.watch import Watch
from portal.kit import bulk
from portal.kit.db import transaction
from portal.kit.errors import Refusal

TRIES: Final = 3
_AT_ONCE: Final = 1_000
_ASKED_AT_ONCE: Final = 1_000

Thing = TypeVar("Thing")


class _WorldChanged(Exception):
    """Between the trial and the switch somebody changed what was decided upon: roll back and look again."""


def all_at_once(rows: Rows, result: ImportResult, by: str, at: datetime, watch: Watch) -> None:
    """Keep all, or nothing when any row is refused. Raises ImportUnreadable: too_many_changes_at_once."""
    if result.tally.place:  # an earlier run was cut off after its switch, so all is kept
        return
    for turn in range(1, TRIES + 1):
        result.tally = Tally()
        plan = trial.try_out(rows, result, watch)
        if len(result.refused):
            return
        if len(plan.changes) > MAX_CHANGES_AT_ONCE:
            raise ImportUnreadable("too_many_changes_at_once", limit=MAX_CHANGES_AT_ONCE)
        try:
            with transaction() as db:
                _switch(db, rows, plan, by, at)
                watch.keeping(db, result.tally, ())
        except (_WorldChanged, IntegrityError, StaleDataError, Refusal):
            if turn == TRIES:
                raise
        else:
            return


def _switch(db: Session, rows: Rows, plan: Plan, by: str, at: datetime) -> None:
    """Write all. A reader's trial holds as if the import had run back then; only what two may create at once, and
    who became staff meanwhile, is looked at again."""
    _still_free(db, plan)
    for chunk in trial.chunks(rows, _AT_ONCE):
        new = [each for each in chunk if isinstance(each, Wanted) and each.number not in plan.there]
        create.create(db, new, plan.world, by, at)
    for some in _some(plan.changes, _ASKED_AT_ONCE):
        made = pieces.decided(db, some, world.load(db, some, hold=True), by, at)
        if any(verdict.problems for verdict in made.values()):
            raise _WorldChanged


def _still_free(db: Session, plan: Plan) -> None:
    """No company has got a name that the import is about to create, and no contact works for us."""
    for some in _some(sorted(plan.companies), _ASKED_AT_ONCE):
        if db.scalar(select(Company.id).where(bulk.among(db, Company.name, some)).limit(1)):
            raise _WorldChanged
    contacts = [person.id for person in plan.world.people.values() if person.staff_role is None]
    for some_ids in _some(contacts, _ASKED_AT_ONCE):
        staff = select(Person.id).where(bulk.among(db, Person.id, some_ids), Person.staff_role.is_not(None))
        if db.scalar(staff.limit(1)):
            raise _WorldChanged


def _some(things: Sequence[Thing], size: int) -> Iterator[Sequence[Thing]]:
    left = iter(things)
    while some := list(islice(left, size)):
        yield some
