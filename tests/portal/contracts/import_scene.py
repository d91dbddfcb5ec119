"""What the import tests stand on."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from portal.accounts.models import Company, Membership
from portal.audit.models import AuditNote
from portal.contracts import imports as importer
from portal.contracts import queries
from portal.contracts.imports import ImportResult, LineRow, RowProblem, columns, reader, source
from portal.contracts.imports.shapes import COLUMNS
from portal.contracts.imports.spool import Problems, Rows
from portal.contracts.models import Contract
from portal.kit.db import reading
from tests.conftest import NOW

HEAD = ",".join(COLUMNS)
GOOD = {
    "contract_number": "CT-2023-00417", "company": "Aurora 极光科技", "contact_email": "Owner@Aurora.example",
    "product": "insight", "seats": "20", "unit_price": "1000.00", "currency": "cny", "time_zone": "Asia/Shanghai",
    "starts_on": "2025-12-13", "ends_on": "2026/12/12", "owner_email": "cs@portal.example", "segment": "Standard",
    "language": "zh-CN", "country": "cn",
}  # fmt: skip


def line(separator: str = ",", **changes: str) -> str:
    given = GOOD | changes
    return separator.join(f'"{cell}"' if separator in cell else cell for cell in (given[name] for name in COLUMNS))


@contextmanager
def written(content: bytes) -> Iterator[Path]:
    """A file with this content."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "contracts.csv"
        file.write_bytes(content)
        yield file


@dataclass
class Sheet:
    """A file as read: rows that make sense, problems of those that don't, their number together."""

    rows: list[LineRow]
    problems: list[RowProblem]
    count: int
    ignored: list[str]


def sheet_of(content: bytes, mapping: dict[str, str] | None = None) -> Sheet:
    with written(content) as file, Rows() as rows:
        opened = source.opened(file)
        placed = columns.places(opened.names, mapping)
        problems = Problems()
        found = reader.read(opened, placed, rows, problems)
        good = sorted(row for of_one in rows.contracts() for row in of_one)
        return Sheet(good, list(problems), found, columns.left_out(opened.names, placed))


def imported(*lines: str, **options: Any) -> ImportResult:
    with written("\n".join([HEAD, *lines]).encode()) as file:
        return importer.run(file, by="system", at=NOW, **options)


def whole(number: str = "CT-2023-00417") -> Contract:
    with reading() as db:
        found = queries.by_number(db, number)
    assert found is not None, f"{number} was kept"
    return found


def count(what: type[Contract | Company | AuditNote | Membership]) -> int:
    with reading() as db:
        return db.scalar(select(func.count()).select_from(what)) or 0


def codes(result: ImportResult) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.field, problem.code) for problem in result.refused]


def totals(result: ImportResult) -> tuple[int, int, int, int, int]:
    tally = result.tally
    return result.rows, tally.kept, tally.created, tally.updated, tally.unchanged
