"""Payments while an import of 100,000 rows runs on SQLite: `python -m tests.bench.import_and_pay`.

The whole product runs in one process: portal, worker, and the sandbox too. One payment after the other is placed,
paid at the sandbox and settled by its webhook, while the worker imports. `--rows N` for another size.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import click
from sqlalchemy import select

from portal.accounts.models import Company, StaffRole
from portal.contracts.imports import actions, columns, queries, source
from portal.contracts.imports.models import ImportRun, RunState
from portal.kit import clock, files
from portal.kit.db import reading, transaction
from portal.orders.models import Order, OrderState
from tests import factories
from tests.bench import import_file
from tests.bench.rig import empty_database
from tests.conftest import SQLITE
from tests.journey.live import Live, live_portal
from tests.journey.surfer import Surfer

PATIENCE_SECONDS = 60.0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--all-or-nothing", action="store_true")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        live = stack.enter_context(live_portal(stack.enter_context(empty_database(SQLITE)), Path(folder)))
        numbers = contracts(live, 200)
        alone = [_paid(live, numbers.pop()) for _ in range(10)]
        run_id = _import(live, Path(folder), asked.rows, at_once=asked.all_or_nothing)
        start = time.monotonic()
        during = []
        while not _over(live, run_id):
            during.append(_paid(live, numbers.pop()))
        whole = time.monotonic() - start
        assert live.breaks() == []
        with live.app.app_context(), reading() as db:
            run = db.get_one(ImportRun, run_id)
            assert (run.state, run.kept) == (RunState.DONE, asked.rows), run.state
    click.echo(f"Import of {asked.rows:,} rows beside {len(during)} payments: {whole:.1f} s\n")
    click.echo(f"| seconds from payment to settled order | payments | median | 90 % | most |\n|{'---|' * 5}")
    for name, seconds in (("alone", alone), ("while the import runs", during)):
        seconds.sort()
        middle, most = seconds[len(seconds) // 2], seconds[len(seconds) * 9 // 10]
        click.echo(f"| {name} | {len(seconds)} | {middle:.2f} | {most:.2f} | {seconds[-1]:.2f} |")


def contracts(live: Live, count: int) -> list[str]:
    """Contracts of the customer that may be renewed."""
    like = live.contract()
    with live.app.app_context(), transaction() as db:
        company = db.scalars(select(Company)).first()
        assert company is not None
        made = [factories.contract(db, company, ends_on=like.ends_on, starts_on=like.terms[0].starts_on)
                for _ in range(count)]  # fmt: skip
        for number in range(20):
            factories.staff(db, StaffRole.CS, f"cs{number}@portal.example")
        return [contract.number for contract in made]


def at_provider(live: Live, number: str) -> Surfer:
    """A customer who has ordered, before the provider's page."""
    customer = live.signed_in()
    customer.go(f"/contracts/{number}/renew").submit("get-quote", term_months="12")
    return customer.submit("accept-quote")


def _paid(live: Live, number: str) -> float:
    """Place an order and pay it: seconds from the sandbox's form to the order that is paid."""
    customer = at_provider(live, number)
    start = time.monotonic()
    customer.submit("pay", outcome="succeed")
    while time.monotonic() - start < PATIENCE_SECONDS:
        with live.app.app_context(), reading() as db:
            state = db.scalar(select(Order.state).order_by(Order.id.desc()).limit(1))
        if state is OrderState.PAID:
            return time.monotonic() - start
        time.sleep(0.01)
    raise AssertionError(f"the payment of {number} did not settle")


def _import(live: Live, folder: Path, rows: int, at_once: bool) -> int:
    file = folder / "import.csv"
    import_file.write(file, rows)
    names = source.opened(file).names
    with live.app.app_context():
        with file.open("rb") as content:
            stored, size = files.keep(live.app.extensions["settings"], content, size_limit(file))
        with transaction() as db:
            person = factories.staff(db, StaffRole.DATA)
            run = actions.add(db, name="import.csv", stored=stored, size=size, signature=columns.signature(names),
                              mapping=None, by_id=person.id, at=clock.now())  # fmt: skip
            actions.ask(db, run, dry_run=False, all_or_nothing=at_once, by="system", at=clock.now())
            return run.id


def size_limit(file: Path) -> int:
    return file.stat().st_size


def _over(live: Live, run_id: int) -> bool:
    with live.app.app_context(), reading() as db:
        return db.get_one(ImportRun, run_id).state not in queries.AT_WORK


if __name__ == "__main__":
    main()
