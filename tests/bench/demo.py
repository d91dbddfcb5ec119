"""How long the first start takes to fill in the demo, and how much it makes, with the sandbox beside it.

.venv/bin/python -m tests.bench.demo [--db sqlite|postgres]
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import func, select

from migrations.tables import METADATA
from portal import demo
from portal.app import create_app
from portal.checkout import selfcheck
from portal.kit import clock
from portal.kit.db import database, reading, transaction
from portal.kit.settings import ROOT
from tests.bench.rig import backends, empty_database, peak_mb, timed
from tests.conftest import make_settings
from tests.fakes.waiting import eventually


@contextmanager
def sandbox() -> Iterator[str]:
    """The sandbox in a process of its own; its webhooks find nobody yet, as at a first start."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        command = [
            sys.executable, "-m", "payments.sandbox", "--port", str(port), "--state", str(Path(folder) / "s.db"),
            "--webhook", "http://127.0.0.1:9/stripe/webhook",
        ]  # fmt: skip
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        base = f"http://127.0.0.1:{port}"
        try:
            eventually(lambda: _answers(base))
            yield base
        finally:
            process.terminate()
            process.wait()


def _answers(base: str) -> bool | None:
    with suppress(OSError), urllib.request.urlopen(f"{base}/_sandbox/state", timeout=2):
        return True
    return None


def measure(backend: str) -> str:
    """One row of the table."""
    with empty_database(backend) as url, sandbox() as base:
        app = create_app(make_settings(PORTAL_DATABASE_URL=url, STRIPE_API_BASE=base, STRIPE_BROWSER_BASE=base))
        with app.app_context():
            alone, _none = timed(_without_provider)
            whole, filled = timed(demo.seed_if_empty)
            with reading() as db:
                tables = [table for metadata in METADATA for table in metadata.sorted_tables]
                rows = sum(db.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
                breaks = selfcheck.run(db)
            database.engine.dispose()
    state = "clean" if filled and not filled.left_out and not breaks else "NOT CLEAN"
    return f"| {backend} | {alone:.1f} | {whole:.1f} | {rows:,} | {state} | {peak_mb():.0f} |"


class _Enough(Exception):
    """Roll back: it was only to be measured."""


def _without_provider() -> None:
    with suppress(_Enough), transaction() as db:
        demo.write(db, clock.now())
        raise _Enough


def main() -> None:
    say = sys.stdout.write
    say("| database | rows without provider, s | whole demo, s | rows | self-check | memory, MB |\n")
    say("|---|---|---|---|---|---|\n")
    for backend in backends():
        say(measure(backend) + "\n")


if __name__ == "__main__":
    main()
