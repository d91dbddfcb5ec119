"""R2, really killed: `python -m tests.torture.crash [--kills 40] [--points NAME] [--replay SEED@TIME@POINT]`.

First some hundred schedules are lived through without a kill: they must hold too, and tell which seeds come to
which point. Then every point is killed with SIGKILL in as many runs as asked for, in different schedules and at
different visits; the process that follows recovers without any webhook and asks the invariants. A run that breaks
one prints its seed, its steps and the command that replays it. A point that no kill reached is a failure.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import structlog

from tests.torture import points
from tests.torture.lives import Run, once, warm
from tests.torture.world import World, world

MOST_SCOUTS: Final = 900
# Where a wrong step costs somebody money, and how often the other points are killed beside them.
HEART: Final = (
    "ground.conclude", "intake.receive", "pages.begin", "open_session", "expire_session", "pages._record",
    "settling.", "refunding.agree", "_ask:refund", "_conclude_refund", "sync_dispute", "transfers._await",
    "see_transfer", "agree_to_transfer", "refund_was_sent",
)  # fmt: skip
ELSEWHERE: Final = 6


@dataclass
class Proof:
    """What one process found."""

    hits: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    broken: list[Run] = field(default_factory=list)

    def add(self, run: Run) -> None:
        self.runs += 1
        if run.killed:
            self.hits[run.point] += 1
        if run.broken:
            self.broken.append(run)
            print(told(run), flush=True)


def scout(
    made: World, proof: Proof, wanted: list[str], least: int, stop_at: int
) -> dict[str, list[tuple[int, int]]]:
    """Live without a kill until every point was reached, or for MOST_SCOUTS seeds: who comes where, how often."""
    visits: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for seed in range(MOST_SCOUTS):
        if (seed >= least and all(visits[point] for point in wanted)) or len(proof.broken) >= stop_at:
            break
        run = once(made, seed)
        proof.add(run)
        for point, count in run.reached.items():
            visits[point].append((seed, count))
    return visits


def ways(visits: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Seeds with the visit at which to kill: each seed's first one, then each one's second, and so on."""
    deepest = max((count for _seed, count in visits), default=0)
    for time_ in range(1, deepest + 1):
        yield from ((seed, time_) for seed, count in visits if count >= time_)


def prove(wanted: dict[str, int], stop_at: int, scouts: int) -> Proof:
    """All of `wanted`, each killed as often as it says, or as the seeds that were lived through come there."""
    proof = Proof(hits=Counter(dict.fromkeys(wanted, 0)))
    with world() as made:
        quiet()
        warm(made, min(60, scouts))
        visits = scout(made, proof, list(wanted), scouts, stop_at)
        for point, kills in wanted.items() if len(proof.broken) < stop_at else ():
            for seed, time_ in itertools.islice(ways(visits[point]), kills):
                proof.add(once(made, seed, point, time_))
                if len(proof.broken) >= stop_at:
                    return proof
    return proof


def is_heart(point: str) -> bool:
    return any(name in point for name in HEART)


def told(run: Run) -> str:
    where = f"seed {run.seed}, " + (f"killed at {run.point}, visit {run.time}" if run.killed else "not killed")
    lines = [where, f"  steps: {' '.join(run.steps)}", *(f"  BROKEN {each}" for each in run.broken)]
    return "\n".join([*lines, f"  {run.replay}"])


def quiet() -> None:
    """The proofs make trouble on purpose: nobody wants to read of each."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), processors=[lambda *_: ""])


def replay(which: str) -> int:
    seed, _at, rest = which.partition("@")
    time_, _at, point = rest.partition("@")
    with world() as made:
        quiet()
        run = once(made, int(seed), point, int(time_))
    print(told(run))
    return int(bool(run.broken))


def shards(count: int, arguments: list[str]) -> int:
    """Share the points out to `count` processes; their worst answer."""
    commands = [[*arguments, "--shard", f"{number}/{count}"] for number in range(count)]
    children = [
        os.posix_spawn(sys.executable, [sys.executable, "-m", "tests.torture.crash", *command], dict(os.environ))
        for command in commands
    ]
    return max(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=40, help="for each point")
    asked.add_argument("--points", default="", help="only points whose name contains this")
    asked.add_argument("--heart", action="store_true", help="so many kills where money moves, few elsewhere")
    asked.add_argument("--replay", default="", help="SEED@TIME@POINT of a run that was told")
    asked.add_argument("--stop-at", type=int, default=10, help="give up after so many broken runs")
    asked.add_argument("--scouts", type=int, default=150, help="schedules that are lived through at least")
    asked.add_argument("--jobs", type=int, default=1, help="so many processes at once")
    asked.add_argument("--shard", default="0/1", help="only this part of so many")
    given = asked.parse_args()
    if given.replay:
        return replay(given.replay)
    if given.jobs > 1:
        heart = ["--heart"] if given.heart else []
        return shards(given.jobs, ["--kills", str(given.kills), "--points", given.points, *heart])
    began = time.monotonic()
    number, _of, count = given.shard.partition("/")
    wanted = [point for point in points.expected() if given.points in point][int(number) :: int(count)]
    wanted = wanted or [given.points]
    kills = {point: given.kills if not given.heart or is_heart(point) else ELSEWHERE for point in wanted}
    proof = prove(kills, given.stop_at, given.scouts)
    for point in wanted:
        print(f"{proof.hits[point]:4} kills at {point}")
    never = [point for point in wanted if not proof.hits[point]]
    print(
        f"{proof.runs} runs, {sum(proof.hits.values())} kills at {len(wanted)} points, {len(proof.broken)} broken,"
        f" {len(never)} points never reached, {time.monotonic() - began:.0f} s"
    )
    for point in never:
        print(f"NEVER REACHED {point}")
    return int(bool(proof.broken or never))


if __name__ == "__main__":
    sys.exit(main())
