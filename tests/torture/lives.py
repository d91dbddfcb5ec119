"""One run: a schedule that a seed chose, lived by processes that may be killed on the way."""

from __future__ import annotations

import os
import random
import signal
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import time_machine

from payments import crashpoints
from portal.kit import clock
from portal.kit.db import reading
from tests.conftest import NOW
from tests.torture import checks, steps
from tests.torture.hands import Hands
from tests.torture.provider import Near, Provider, Remote
from tests.torture.world import World

RECOVERY: Final = timedelta(minutes=5)
HUNG_SECONDS: Final = 60


@dataclass
class Run:
    """What became of one seed that was to be killed when it came to `point` for the `time`-th time; without a
    point it lives. `reached`: how often it came to which point."""

    seed: int
    point: str = ""
    time: int = 1
    killed: bool = False
    steps: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    reached: Counter[str] = field(default_factory=Counter)

    @property
    def replay(self) -> str:
        return f"python -m tests.torture.crash --replay '{self.seed}@{self.time}@{self.point}'"


def once(made: World, seed: int, point: str = "", time: int = 1) -> Run:
    """Live through a seed's schedule; killed once if it comes to the point."""
    run = Run(seed, point, time, steps=steps.schedule(random.Random(seed)))
    provider, path = Provider(), made.copy(f"run{os.getpid()}")
    life = Life(made, path, run)
    try:
        while life.live(provider) == "killed":
            run.killed = True
            # Whoever was interrupted tries again, or gives it up.
            life.after += (seed + time) % 2
        run.broken += life.broken + provider.violations
        return run
    finally:
        made.forget(path)


def warm(made: World, seeds: int = 60) -> None:
    """Live through some schedules in this very process, so that what is forked from it is quick."""
    for seed in range(seeds):
        path = made.copy("warm")
        provider = Provider()
        with time_machine.travel(NOW, tick=False) as travelled, made.app.app_context():
            made.use(path)
            made.app.extensions["gateway"] = near = Near(provider)
            hands = Hands(near, random.Random(), travelled)
            walk(hands, seed, steps.schedule(random.Random(seed)), 0, lambda _number: None)
            made.engine.dispose()
        made.forget(path)


def walk(hands: Hands, seed: int, names: list[str], after: int, tell: Callable[[int], None]) -> list[str]:
    """Take the steps from `after` on, recover, and ask what is broken."""
    for number, name in enumerate(names):
        if number >= after:
            # A step's own chance does not depend on what a killed process had done before it.
            hands.chance.seed(f"{seed}@{number}")
            tell(number)
            steps.take(name, hands)
    tell(len(names))
    steps.recover(hands, clock.now() + RECOVERY)
    with reading() as db:
        return checks.broken(db, hands.gateway)


class Life:
    """The processes of one run, one after the other; each goes on where the one before it died."""

    def __init__(self, made: World, path: Path, run: Run) -> None:
        self.made, self.path, self.run = made, path, run
        self.after, self.at = 0, NOW
        self.broken: list[str] = []

    def live(self, provider: Provider) -> str:
        """ "done", "killed", or what went wrong."""
        ours, theirs = Pipe()
        child = os.fork()
        if child == 0:
            ours.close()
            self._child(theirs)
        theirs.close()
        ended = self._serve(ours, provider)
        ours.close()
        _pid, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL and not self.run.killed:
            return "killed"
        if ended != "done":
            self.broken.append(ended or f"the process ended with {status}")
        return ended

    def _serve(self, pipe: Connection, provider: Provider) -> str:
        """Answer the child until it is silent; how it says that it ended."""
        ended = ""
        while True:
            try:
                if not pipe.poll(HUNG_SECONDS):
                    return f"hung after step {self.after}"
                kind, *rest = pipe.recv()
            except (EOFError, ConnectionResetError):
                return ended
            if kind == "step":
                self.after, self.at = rest
            elif kind == "call":
                self.at = max(self.at, rest[0])  # whoever comes after a death does not live earlier
                pipe.send(provider.answer(*rest))
            else:
                ended, self.broken, self.run.reached = rest

    def _child(self, pipe: Connection) -> None:
        """Never returns."""
        reached: Counter[str] = Counter()

        def hook(name: str) -> None:
            reached[name] += 1
            if name == self.run.point and reached[name] == self.run.time:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            with time_machine.travel(self.at, tick=False) as travelled, self.made.app.app_context():
                self.made.use(self.path)
                self.made.app.extensions["gateway"] = remote = Remote(pipe)
                if not self.run.killed:
                    crashpoints.install(hook)
                hands = Hands(remote, random.Random(), travelled)
                broken = self._walk(pipe, hands)
                pipe.send(("done", "done", broken, reached))
        except BaseException:
            pipe.send(("done", traceback.format_exc()[-3000:], [], reached))
        pipe.close()
        os._exit(0)

    def _walk(self, pipe: Connection, hands: Hands) -> list[str]:
        def tell(number: int) -> None:
            pipe.send(("step", number, clock.now()))

        return walk(hands, self.run.seed, self.run.steps, self.after, tell)
