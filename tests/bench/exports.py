"""Exports of orders and payments, CSV and XLSX: rows a second, memory, statements.

`python -m tests.bench.exports [--db …] [--rows 10000,200000]`. Each export runs in a process of its own, so that
its peak of memory is its own.
"""

from __future__ import annotations

import argparse
import multiprocessing
from typing import Final

import time_machine
from sqlalchemy import event

from portal.accounts.models import Person
from portal.app import create_app
from portal.kit.db import database, reading
from tests import factories
from tests.bench.fill import AUDITOR, fill
from tests.bench.rig import backends, empty_database, peak_mb, timed
from tests.conftest import NOW, make_settings
from tests.web import Browser

SIZES: Final = (10_000, 200_000)
EXPORTS: Final = (
    "/desk/orders.csv", "/desk/orders.xlsx", "/desk/contracts.csv", "/finance/payments.csv",
    "/finance/payments.xlsx",
)  # fmt: skip
Told = tuple[float, float, float, int, int]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", default=",".join(map(str, SIZES)))
    sizes = [int(size) for size in parser.parse_known_args()[0].rows.split(",")]
    for backend in backends():
        head = [backend, "rows", "seconds", "rows a second", "memory at rest, MB", "peak, MB", "SQL", "file, MB"]
        lines = [head, ["---"] * len(head)]
        for size in sizes:
            with empty_database(backend) as url:
                _apart(_fill, url, size)
                lines += [_line(export, size, _apart(_export, url, export)) for export in EXPORTS]
        print("\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n", flush=True)  # noqa: T201


def _line(export: str, size: int, told: Told) -> list[str]:
    seconds, rest, peak, statements, length = told
    return [
        export, f"{size:,}", f"{seconds:.1f}", f"{size / seconds:,.0f}", f"{rest:.0f}", f"{peak:.0f}",
        str(statements), f"{length / 1e6:.1f}",
    ]  # fmt: skip


def _apart(work: object, *given: object) -> Told:
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        told: Told = pool.apply(work, given)  # type: ignore[arg-type]
        return told


def _fill(url: str, size: int) -> None:
    with create_app(make_settings(PORTAL_DATABASE_URL=url)).app_context():
        fill(size)


def _export(url: str, address: str) -> Told:
    """Seconds, memory before and at most, statements, bytes; the answer is read chunk by chunk and let go."""
    app = create_app(make_settings(PORTAL_DATABASE_URL=url))
    app.test_client_class = Browser
    with app.app_context(), time_machine.travel(NOW, tick=True):
        client = app.test_client()
        with reading() as db:
            factories.sign_in(client, db.get_one(Person, AUDITOR))
        statements: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            statements.append(statement)

        event.listen(database.engine, "before_cursor_execute", note)
        rest = peak_mb()
        seconds, length = timed(lambda: sum(len(chunk) for chunk in client.get(address, buffered=False).response))
        selects = [one for one in statements if one.startswith(("SELECT", "WITH"))]
        return seconds, rest, peak_mb(), len(selects), length


if __name__ == "__main__":
    main()
