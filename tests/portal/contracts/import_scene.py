"""What the import tests stand on."""

from __future__ import annotations

from sqlalchemy import func, select

from portal.accounts.models import Company, Membership
from portal.audit.models import AuditNote
from portal.contracts import imports as importer
from portal.contracts import queries
from portal.contracts.imports import ImportResult
from portal.contracts.models import Contract
from portal.kit.db import reading
from tests.conftest import NOW
from tests.portal.contracts.test_import_cells import HEAD


def imported(*lines: str, **options: bool) -> ImportResult:
    return importer.run("\n".join([HEAD, *lines]).encode(), by="system", at=NOW, **options)


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
    return result.rows, result.kept, result.created, result.updated, result.unchanged
