"""Try an import out: decide everything, change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from portal.contracts.imports import decide, group, world
from portal.contracts.imports.decide import Step, Verdict
from portal.contracts.imports.shapes import ImportResult, RowProblem, Tally, Wanted
from portal.contracts.imports.spool import Problems, Rows
from portal.contracts.imports.watch import Watch
from portal.contracts.imports.world import World
from portal.kit.db import reading

LOOKED_AT: Final = 500


@dataclass
class Plan:
    """What a trial found: the world as it looked, the numbers that are there already, which of them change."""

    world: World = field(default_factory=World)
    there: set[str] = field(default_factory=set)
    changes: list[Wanted] = field(default_factory=list)
    # Names of companies that are not there yet.
    companies: set[str] = field(default_factory=set)


def try_out(rows: Rows, result: ImportResult, watch: Watch) -> Plan:
    """Count and refuse as a real run would."""
    plan = Plan()
    for chunk in chunks(rows, LOOKED_AT):
        wanted = sorted_out(chunk, result.refused)
        with reading() as db:
            world.load(db, wanted, hold=False, world=plan.world)
            for each in wanted:
                verdict = decide.decide(each, plan.world)
                _plan(plan, each, verdict)
                count(result.tally, each, verdict)
                result.refused.add(verdict.problems)
        result.tally.place += len(chunk)
        watch.tried(result.tally)
    return plan


def _plan(plan: Plan, each: Wanted, verdict: Verdict) -> None:
    if each.number in plan.world.contracts:
        plan.there.add(each.number)
        if verdict.writes:
            plan.changes.append(each)
    elif not plan.world.companies.get(each.head.company):
        plan.companies.add(each.head.company)
    if not verdict.problems:
        plan.world.promise(each)


def chunks(rows: Rows, size: int, skip: int = 0) -> Iterator[list[Wanted | list[RowProblem]]]:
    """The file's contracts, some at a time, without the first `skip`."""
    all_of_them = islice(group.grouped(rows), skip, None)
    while chunk := list(islice(all_of_them, size)):
        yield chunk


def sorted_out(chunk: list[Wanted | list[RowProblem]], refused: Problems) -> list[Wanted]:
    """What can be looked at further; the rest is refused."""
    wanted = []
    for each in chunk:
        if isinstance(each, Wanted):
            wanted.append(each)
        else:
            refused.add(each)
    return wanted


def count(tally: Tally, each: Wanted, verdict: Verdict) -> None:
    """Add one contract to the tally."""
    if verdict.problems:
        return
    tally.kept += len(each.rows)
    if verdict.step is Step.CREATE:
        tally.created += 1
    elif verdict.writes:
        tally.updated += 1
    else:
        tally.unchanged += 1
