"""Strange requests to every route, in process: `python -m tests.fuzz [--requests 100000] [--seed 1] [--db …]`.

Nothing may break: no answer of 500 or more, no exception, on either database. `--only N` sends the request of that
number alone; `--plant` adds a route that breaks on NUL, which must be found.
"""

from __future__ import annotations

import argparse
import sys
import time

from portal.kit import guard
from tests.conftest import POSTGRES, SQLITE
from tests.fuzz.sender import Fault, Sender
from tests.portal.access.world import build
from tests.portal.checkout.support import use
from tests.whole import portal


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--db", default=f"{SQLITE},{POSTGRES}")
    parser.add_argument("--only", type=int)
    parser.add_argument("--plant", action="store_true")
    asked = parser.parse_args()
    faults = 0
    for backend in asked.db.split(","):
        faults += run(backend, asked.requests, asked.seed, asked.only, asked.plant)
    if asked.plant:
        sys.exit("The planted fault was not found." if not faults else 0)
    sys.exit(1 if faults else 0)


def run(backend: str, requests: int, seed: int, only: int | None, plant: bool) -> int:
    """Send the requests; how many broke something."""
    with portal(backend) as app:
        if plant:
            app.add_url_rule("/planted/<name>", "planted", _planted)
            guard.declare("planted", guard.Door.PUBLIC)
        sender = Sender(app, build(app, use(app)), seed)
        start, faults = time.perf_counter(), 0
        for number in [only] if only is not None else range(requests):
            fault = sender.send(number)
            if fault is not None:
                faults += 1
                told(fault, seed, backend)
                if plant or faults >= 20:
                    break
        seconds = time.perf_counter() - start
        answers = ", ".join(f"{status}: {count:,}" for status, count in sorted(sender.answers.items()))
        print(f"{backend}: {sender.sent:,} requests in {seconds:.0f} s, seed {seed}, {faults} faults; {answers}")
    return faults


def told(fault: Fault, seed: int, backend: str) -> None:
    print(f"{fault}\n  again: python -m tests.fuzz --db {backend} --seed {seed} --only {fault.number}")


def _planted(name: str) -> str:
    return str(int(name))  # whoever asks with a word breaks it


if __name__ == "__main__":
    main()
