"""Import of 100,000 rows beside a bare load of the very rows that it wrote: `python -m tests.bench.imports`.

The bare load is COPY on PostgreSQL and executemany on SQLite, each in one transaction, into empty tables with the
same indexes, the rows already in memory as the driver takes them. `--rows N` for another size.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Table, select

from portal.accounts.models import Company, CompanyKey, Membership, Person
from portal.audit.models import AuditNote
from portal.contracts import imports
from portal.contracts.imports import switch
from portal.contracts.imports.shapes import MAX_ROWS_AT_ONCE
from portal.contracts.models import Contract, Term, TermLine
from portal.kit import bulk
from portal.kit.db import Base, database, transaction
from tests.bench import import_file
from tests.bench.rig import backends, peak_mb, portal_on, timed
from tests.conftest import NOW, SQLITE

MODELS: tuple[type[Base], ...] = (Company, CompanyKey, Person, Membership, Contract, Term, TermLine, AuditNote)
Loaded = dict[str, list[tuple[Any, ...]]]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    rows: int = parser.parse_known_args()[0].rows
    click.echo(f"| database | what | rows | seconds | rows a second | of the bare load | peak MB |\n|{'---|' * 7}")
    for backend in backends():
        for mode in ("plain", "all or nothing"):
            # A process for each, since the most memory ever held never goes down.
            size = (
                min(rows, MAX_ROWS_AT_ONCE["sqlite" if backend == SQLITE else "postgresql"])
                if mode != "plain"
                else rows
            )
            child = multiprocessing.get_context("spawn").Process(target=_measured, args=(backend, size, mode))
            child.start()
            child.join()


def _measured(backend: str, rows: int, mode: str) -> None:
    with tempfile.TemporaryDirectory() as folder, portal_on(backend):
        import_file.prepare()
        good, mixed, changed = (Path(folder) / name for name in ("good.csv", "mixed.csv", "changed.csv"))
        import_file.write(good, rows)
        import_file.write(mixed, rows, bad_every=20)
        import_file.write(changed, rows, changed_every=20)
        at_once = mode != "plain"
        start = peak_mb()
        dry = _run(good, dry_run=True) if not at_once else 0.0
        held: list[float] = []
        write = switch._switch
        switch._switch = lambda *given: held.append(timed(lambda: write(*given))[0])
        fresh = _run(good, all_or_nothing=at_once)
        peak = peak_mb()
        again = _run(good, all_or_nothing=at_once)
        upsert = _run(changed) if not at_once else 0.0
        content = _taken()
        _emptied()
        bare = _bare(content)
        _emptied()
        bad = _run(mixed) if not at_once else 0.0
    measured = {
        "dry run": dry, f"new contracts, {mode}": fresh, "1 row in 20 is bad": bad,
        "of it, the switch under the lock": sum(held[:1]),
        f"the same file again, {mode}": again, "1 contract in 20 changed": upsert, "bare load": bare,
    }  # fmt: skip
    for name, seconds in measured.items():
        if seconds:
            memory = f"{peak:.0f} ({start:.0f} before)" if name.startswith("new") else ""
            speed, share = rows / seconds, bare / seconds
            click.echo(
                f"| {backend} | {name} | {rows:,} | {seconds:.1f} | {speed:,.0f} | {share:.2f} | {memory} |"
            )


def _run(file: Path, **options: Any) -> float:
    seconds, result = timed(lambda: imports.run(file, by="system", at=NOW, **options))
    assert result.tally.kept, "an import that keeps nothing measures nothing"
    return seconds


def _table(model: type[Base]) -> Table:
    return bulk.table_of(model)


def _taken() -> Loaded:
    """Every row that is there, as the driver gives it."""
    with database.engine.connect() as connection:
        raw = connection.connection.cursor()
        found: Loaded = {}
        for model in MODELS:
            names = ", ".join(f'"{column.name}"' for column in _table(model).c)
            raw.execute(f'SELECT {names} FROM "{_table(model).name}"')
            found[_table(model).name] = [tuple(_plain(value) for value in row) for row in raw.fetchall()]
        raw.close()
        return found


def _plain(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    from psycopg.types.json import Json  # noqa: PLC0415 - SQLite's runs do not need it

    return Json(value)


def _emptied() -> None:
    with transaction() as db:
        staff = select(Person.id).where(Person.staff_role.is_not(None))
        for model in (AuditNote, TermLine, Term, Contract, Membership):
            db.execute(_table(model).delete())
        db.execute(_table(Person).delete().where(Person.id.not_in(staff)))
        db.execute(_table(Company).delete())
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("VACUUM ANALYZE")


def _bare(content: Loaded) -> float:
    staff = {row[0] for row in content["people"][:20]}
    content["people"] = [row for row in content["people"] if row[0] not in staff]
    return timed(lambda: _load(content))[0]


def _load(content: Loaded) -> None:
    with transaction() as db:
        raw: Any = db.connection().connection.driver_connection
        for model in MODELS:
            table = _table(model)
            names = ", ".join(f'"{column.name}"' for column in table.c)
            if db.get_bind().dialect.name == "sqlite":
                marks = ", ".join("?" * len(table.c))
                raw.executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', content[table.name])
                continue
            with raw.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
                for row in content[table.name]:
                    copy.write_row(row)


if __name__ == "__main__":
    main()
