"""The invariants asked of a large database: `python -m tests.bench.selfcheck [--db sqlite] [--rows 1000,100000]`.

The rows are those of the lists' measurement: they are many, not sound, so what the checks find is not told.
"""

from __future__ import annotations

import argparse
from contextlib import suppress
from functools import partial

import click
import time_machine
from sqlalchemy import update

from portal.checkout.selfcheck import CHECKS
from portal.kit import clock
from portal.kit.db import Json, reading, transaction
from portal.pricing import actions as pricing
from portal.pricing.models import Quote
from tests import factories
from tests.bench.fill import fill
from tests.bench.rig import backends, portal_on, timed
from tests.conftest import NOW


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", default="1000,10000,100000")
    sizes = [int(size) for size in parser.parse_known_args()[0].rows.split(",")]
    for backend in backends():
        told = {size: measure(backend, size) for size in sizes}
        click.echo(f"| {backend}, seconds | {' | '.join(f'{size:,} orders' for size in sizes)} |")
        click.echo("|---|" + "---|" * len(sizes))
        for name in told[sizes[0]]:
            click.echo(f"| {name} | {' | '.join(f'{told[size][name]:.2f}' for size in sizes)} |")


def measure(backend: str, size: int) -> dict[str, float]:
    """Seconds of each check, and of all."""
    with portal_on(backend), time_machine.travel(NOW, tick=True):
        document = _document()
        fill(size)
        with transaction() as db:
            db.execute(update(Quote).values(document=document))
        seconds = {}
        with reading() as db:
            for name, check in ((name, check) for name, checks in CHECKS.items() for check in checks):
                seconds[f"{name} {check.__name__}"] = timed(partial(check, db, clock.now()))[0]
        return seconds | {"all": sum(seconds.values())}


class _Undone(Exception):
    """Nothing of it shall stay."""


def _document() -> Json:
    """What a quote says: reading it is most of the work of a seal."""
    document: Json = {}
    with suppress(_Undone), transaction() as db:
        factories.book(db)
        contract = factories.contract(db, factories.company(db))
        document = pricing.seal(db, contract, 12, None, "person:1", clock.now()).document
        raise _Undone
    return document


if __name__ == "__main__":
    main()
