"""Size: rows that lie apart, memory that stays flat, and bulk inserts that write what the careful way writes."""

from __future__ import annotations

import tracemalloc
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts import actions as accounts
from portal.accounts.models import Company, CompanyRole, Membership, Person
from portal.audit.models import AuditNote
from portal.contracts import actions as contracts
from portal.contracts import imports as importer
from portal.contracts.imports import columns, reader, source
from portal.contracts.imports.spool import Problems, Rows
from portal.contracts.models import Contract, Segment, Term, TermLine
from portal.contracts.rules import LineSpec
from portal.kit.db import Base, reading, transaction
from tests import factories
from tests.bench import import_file
from tests.conftest import NOW, empty
from tests.portal.contracts.import_scene import codes, imported, line, totals

TABLES: tuple[type[Base], ...] = (Company, Person, Membership, Contract, Term, TermLine, AuditNote)

IDS = ("company_id", "owner_id", "person")


def rows_of(model: type[Base]) -> list[dict[str, Any]]:
    """Every row but for what differs from run to run."""
    table: Any = model.__table__
    with reading() as db:
        found = [dict(row._mapping) for row in db.execute(select(table).order_by(table.c.id))]
    for row in found:
        row.pop("fs_uniquifier", None)
        row.pop("id")
        for name in [name for name in row if name.endswith("_id") and row[name] is not None]:
            row[name] = "somebody"
    return found


def facts_without_ids(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for row in rows:
        row["subject"] = row["subject"].rstrip("0123456789")
        row["facts"] = {name: fact for name, fact in row["facts"].items() if name not in IDS}
    return sorted(rows, key=lambda row: str(row["action"]))


def seen() -> dict[str, list[dict[str, Any]]]:
    found = {model.__name__: rows_of(model) for model in TABLES}
    found["AuditNote"] = facts_without_ids(found["AuditNote"])
    return found


def test_bulk_inserts_write_what_the_careful_way_writes(app: Flask) -> None:
    with transaction() as db:
        factories.products(db)
    imported(line(owner_email="", seats="20"), line(owner_email="", product="backup", seats="3", unit_price="9.5"))
    bulk = seen()
    with transaction() as db:
        empty(db)
    with transaction() as db:
        factories.products(db)
        company = accounts.create_company(db, name="Aurora 极光科技", country="CN", language="zh_Hans_CN",
                                          zone="Asia/Shanghai", by="system", at=NOW)  # fmt: skip
        contracts.create_contract(
            db, number="CT-2023-00417", company=company, currency="CNY", zone="Asia/Shanghai",
            language="zh_Hans_CN", segment=Segment.STANDARD, owner_id=None,
            starts_on=date(2025, 12, 13), ends_on=date(2026, 12, 12),
            lines=[LineSpec("insight", 20, 100_000), LineSpec("backup", 3, 950)], by="system", at=NOW,
        )  # fmt: skip
        accounts.add_member(db, company, "owner@aurora.example", "Owner", CompanyRole.OWNER, "system", NOW)
    assert seen() == bulk


def test_rows_of_a_contract_may_lie_apart(prepared: Flask) -> None:
    others = [line(contract_number=f"CT-{n}", company=f"Company {n}") for n in range(30)]
    apart = line(contract_number="CT-7", product="backup", company="Company 7", ends_on="2027-01-31")
    result = imported(line(), *others, line(product="backup"), apart)
    assert codes(result) == [(10, "ends_on", "rows_disagree"), (34, "ends_on", "rows_disagree")]
    assert totals(result) == (33, 31, 30, 0, 0)


def _read(file: Path) -> float:
    """Most memory, in bytes for each row, that reading the file took."""
    tracemalloc.start()
    with Rows() as rows:
        opened = source.opened(file)
        count = reader.read(opened, columns.places(opened.names), rows, Problems())
        for _contract in rows.contracts():
            pass
        peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / count


@pytest.mark.slow
def test_reading_takes_little_memory_for_each_row_however_many_there_are(tmp_path: Path) -> None:
    few, many = tmp_path / "few.csv", tmp_path / "many.csv"
    import_file.write(few, 5_000)
    import_file.write(many, 10_000)
    _read(few)  # caches of cells fill once
    assert _read(many) < 1_000
    assert _read(many) < 1.1 * _read(few)


def test_a_trial_of_all_or_nothing_and_the_plain_way_agree(prepared: Flask, tmp_path: Path) -> None:
    file = tmp_path / "mixed.csv"
    import_file.write(file, 400, bad_every=7)
    found = [
        importer.run(file, by="system", at=NOW, dry_run=True),
        importer.run(file, by="system", at=NOW, dry_run=True, all_or_nothing=True),
        importer.run(file, by="system", at=NOW),
    ]
    told = [codes(result) for result in found]
    assert told[0] == told[1] == told[2]
