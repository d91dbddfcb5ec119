"""R3: a state machine over all that may happen, shrunk to the shortest way that breaks something:
`python -m tests.torture.machine [--examples 300] [--seed N]`.

Steps are those of the crash harness; here they run in one process, and a crash is an exception that nothing in the
code may catch. What hypothesis finds it prints as the rules that lead there.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Final

import time_machine
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from payments import crashpoints
from portal.kit import clock
from portal.kit import db as kit
from portal.kit.db import reading
from tests.conftest import NOW
from tests.torture import checks, steps
from tests.torture.crash import quiet
from tests.torture.hands import Hands
from tests.torture.provider import Near, Provider
from tests.torture.world import World, world

NAMES: Final = sorted(steps.NAMES)
chances = st.integers(0, 2**16)


class Killed(BaseException):
    """As by kill -9: nothing in the code may catch and mend it."""


@contextmanager
def dying(after: int) -> Iterator[None]:
    """The `after`-th point that is reached kills; what follows is a process that begins anew."""
    reached = [0]

    def hook(_name: str) -> None:
        reached[0] += 1
        if reached[0] == after:
            raise Killed

    crashpoints.install(hook)
    try:
        yield
    finally:
        crashpoints.remove()
        kit._open.set(False)


def machine(made: World) -> type[RuleBasedStateMachine]:
    """The machine on copies of one world; what its examples need stays in this one process."""

    class Renewals(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.path = made.copy("machine")
            self.provider = Provider()
            self.travel = time_machine.travel(NOW, tick=False)
            self.context = made.app.app_context()
            self.hands = Hands(Near(self.provider), random.Random(0), self.travel.start())
            self.context.push()
            made.use(self.path)
            made.app.extensions["gateway"] = self.hands.gateway

        @initialize(chance=chances)
        def begin(self, chance: int) -> None:
            self._take("pay", chance)
            self._take("customer_pays", chance)

        @rule(name=st.sampled_from(NAMES), chance=chances)
        def step(self, name: str, chance: int) -> None:
            self._take(name, chance)

        @rule(name=st.sampled_from(NAMES), chance=chances, after=st.integers(1, 12))
        def dies_in(self, name: str, chance: int, after: int) -> None:
            """The process dies at the `after`-th point that the step reaches."""
            with dying(after), suppress(Killed):
                self._take(name, chance)

        def _take(self, name: str, chance: int) -> None:
            self.hands.chance.seed(chance)
            steps.take(name, self.hands)

        def teardown(self) -> None:
            try:
                steps.recover(self.hands, clock.now() + timedelta(minutes=5))
                with reading() as db:
                    found = checks.broken(db, self.hands.gateway) + self.provider.violations
                assert not found, found
            finally:
                made.engine.dispose()
                self.context.pop()
                self.travel.stop()
                made.forget(self.path)

    return Renewals


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--examples", type=int, default=300)
    asked.add_argument("--seed", type=int, default=0)
    given = asked.parse_args()
    began = time.monotonic()
    how = settings(
        max_examples=given.examples, stateful_step_count=20, deadline=None, database=None,
        phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    with world() as made:
        quiet()
        try:
            run_state_machine_as_test(seed(given.seed)(machine(made)), settings=how)
        except AssertionError as error:
            print(f"BROKEN {error}")
            return 1
    print(f"{given.examples} examples of up to 20 steps, 0 broken, {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
