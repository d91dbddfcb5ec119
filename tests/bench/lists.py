"""Lists at 1k, 10k, 100k and 1M rows: `python -m tests.bench.lists [--db …] [--rows 1000,1000000]`.

Each page is asked through the app, signed in, so that the figure is what a browser waits for; its SQL statements
are counted, sign-in included.
"""

from __future__ import annotations

import argparse
import re
import statistics
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from portal.accounts.models import Person
from portal.kit.db import database, reading
from tests import factories
from tests.bench.fill import AUDITOR, fill
from tests.bench.rig import backends, portal_on, timed
from tests.conftest import NOW
from tests.web import Browser

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
ROUNDS: Final = 15
PAGES: Final = {
    "orders": "/desk/orders",
    "orders, state held": "/desk/orders?state=held",
    "orders, state paid": "/desk/orders?state=paid",
    "orders, state refunded (none)": "/desk/orders?state=refunded",
    "orders, needs a look": "/desk/orders?view=needs_look",
    "orders, awaiting": "/desk/orders?view=awaiting",
    "orders, KWD": "/desk/orders?currency=KWD",
    "orders, held in KWD": "/desk/orders?state=held&currency=KWD",
    "orders, needs a look in KWD": "/desk/orders?view=needs_look&currency=KWD",
    "orders, two years ago": "/desk/orders?to=2024-11-30",
    "orders, deep": "/desk/orders?older=20250522T000000.000000Z-1",
    "orders, by number": "/desk/orders?q=rnw+2026+0000500",
    "orders, by e-mail": "/desk/orders?q=person100@company100.example",
    "orders, by company": "/desk/orders?q=aurora+极光+101",
    "orders, by two characters": "/desk/orders?q=极光",
    "orders, by two characters, held": "/desk/orders?q=极光&state=held",
    "orders, search miss": "/desk/orders?q=nothing+such",
    "contracts": "/desk/contracts",
    "contracts, within 30 days": "/desk/contracts?window=30",
    "contracts, lapsed": "/desk/contracts?window=lapsed",
    "contracts, KWD": "/desk/contracts?currency=KWD",
    "contracts, nobody's": "/desk/contracts?owner=none",
    "contracts, nobody's in KWD": "/desk/contracts?owner=none&currency=KWD",
    "contracts, one owner's": "/desk/contracts?owner=9000003",
    "contracts, one owner's lapsed in JPY": "/desk/contracts?owner=9000003&currency=JPY&window=lapsed",
    "contracts, deep": "/desk/contracts?after=20250522-1",
    "contracts, by number": "/desk/contracts?q=ct-0000500",
    "contracts, by company": "/desk/contracts?q=aurora+极光+101",
    "contracts, search miss": "/desk/contracts?q=nothing+such",
    "companies": "/desk/companies",
    "companies, by two characters": "/desk/companies?q=极光",
    "companies, by name": "/desk/companies?q=aurora+极光+101",
    "companies, search miss": "/desk/companies?q=nothing+such",
    "payments": "/finance/payments",
    "payments, KWD": "/finance/payments?currency=KWD",
    "payments, unmatched": "/finance/payments?unmatched=1",
    "payments, unmatched in KWD": "/finance/payments?unmatched=1&currency=KWD",
    "payments, deep": "/finance/payments?older=20250522T000000.000000Z-1",
    "payments, by order": "/finance/payments?q=rnw-2026-0000500",
    "payments, by charge": "/finance/payments?q=ch_500",
    "payments, search miss": "/finance/payments?q=nothing",
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", default=",".join(map(str, SIZES)))
    sizes = [int(size) for size in parser.parse_known_args()[0].rows.split(",")]
    for backend in backends():
        told = {size: _measured(backend, size) for size in sizes}
        print(_table(backend, told), flush=True)  # noqa: T201


def _measured(backend: str, size: int) -> dict[str, tuple[float, int, int]]:
    with portal_on(backend) as app, time_machine.travel(NOW, tick=True):
        seconds, _done = timed(lambda: fill(size))
        print(f"{backend}: {size:,} rows filled in {seconds:.0f} s", flush=True)  # noqa: T201
        client = _signed_in(app)
        with _counted() as seen:
            return {name: _page(client, url, seen) for name, url in PAGES.items()}


def _signed_in(app: Flask) -> FlaskClient:
    app.test_client_class = Browser
    client = app.test_client()
    with reading() as db:
        factories.sign_in(client, db.get_one(Person, AUDITOR))
    return client


def _page(client: FlaskClient, url: str, seen: list[str]) -> tuple[float, int, int]:
    """Median milliseconds, statements, and rows shown."""
    client.get(url)
    times = []
    for _round in range(ROUNDS):
        seen.clear()
        seconds, response = timed(lambda: client.get(url))
        if response.status_code != 200:
            raise RuntimeError(f"{url} answered {response.status_code}")
        times.append(seconds * 1000)
    rows = len(re.findall(r'<tr data-row="', response.text))
    return statistics.median(times), len(seen), rows


@contextmanager
def _counted() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "UPDATE sign_in_sessions")):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def _table(backend: str, told: Mapping[int, Mapping[str, tuple[float, int, int]]]) -> str:
    sizes = list(told)
    head = [backend, *(f"{size:,} rows, ms" for size in sizes), "largest / smallest", "shown", "SQL"]
    lines = [" | ".join(head), " | ".join(["---"] * len(head))]
    for name in PAGES:
        times = [told[size][name][0] for size in sizes]
        _ms, statements, rows = told[sizes[-1]][name]
        cells = [name, *(f"{ms:.1f}" for ms in times), f"{times[-1] / times[0]:.2f}", str(rows), str(statements)]
        lines.append(" | ".join(cells))
    return "\n".join(f"| {line} |" for line in lines) + "\n"


if __name__ == "__main__":
    main()
