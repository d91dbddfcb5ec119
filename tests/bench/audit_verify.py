"""The audit trail chained and verified: `python -m tests.bench.audit_verify [--db sqlite] [--rows 10000]`."""

from __future__ import annotations

import argparse
import tempfile
from datetime import timedelta
from pathlib import Path

import click
import time_machine

from portal.audit import actions, chain
from portal.audit.actions import Note
from portal.kit.db import transaction
from tests.bench.rig import backends, peak_mb, portal_on, timed
from tests.conftest import NOW


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", default="10000,100000")
    sizes = [int(size) for size in parser.parse_known_args()[0].rows.split(",")]
    click.echo("| | notes | chained | verified | memory |")
    click.echo("|---|---|---|---|---|")
    for backend in backends():
        for size in sizes:
            grown, verified, memory = measure(backend, size)
            click.echo(f"| {backend} | {size:,} | {grown:.1f} s | {verified:.1f} s | {memory:.0f} MB |")


def measure(backend: str, size: int) -> tuple[float, float, float]:
    """Seconds for chaining and for verifying `size` notes, and the process's peak memory in MB."""
    with (
        portal_on(backend) as app,
        tempfile.TemporaryDirectory() as folder,
        time_machine.travel(NOW + timedelta(hours=1), tick=True),
    ):
        app.extensions["settings"] = app.extensions["settings"].model_copy(update={"data_dir": Path(folder)})
        facts = {"before": {"name": "Aurora 极光科技"}, "after": {"name": "Aurora"}, "amount_minor": 120_000}
        for start in range(0, size, 1000):
            with transaction() as db:
                notes = [Note("order.paid", f"order:RNW-2026-{start + at:06}", facts) for at in range(1000)]
                actions.note_all(db, "person:5", NOW, notes)
        grown, _nothing = timed(chain.grow)
        verified, (breaks, _summary) = timed(chain.verify)
        if breaks:
            raise SystemExit(f"a sound trail was called broken: {breaks[0]}")
        return grown, verified, peak_mb()


if __name__ == "__main__":
    main()
