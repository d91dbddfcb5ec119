"""Rows into contracts: those of one contract agree on all but product, seats and price, or all are refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from portal.contracts.imports import cells
from portal.contracts.imports.shapes import LineRow, RowProblem, Wanted
from portal.contracts.imports.spool import Rows
from portal.contracts.rules import LineSpec

MAX_LINES: Final = 100
_OF_A_ROW: Final = {"row", "contract_number", "product", "seats", "unit_minor"}
_SHARED: Final = tuple(name for name in LineRow._fields if name not in _OF_A_ROW)


def grouped(rows: Rows) -> Iterator[Wanted | list[RowProblem]]:
    """One contract after the other, in the file's order: what the file wants, or where it contradicts itself."""
    for of_one in rows.contracts():
        head = of_one[0]
        yield _wanted(of_one, rows.spoilt.get(head.contract_number), rows.countries.get(head.company))


def _wanted(rows: Sequence[LineRow], spoilt: int | None, named: str | None) -> Wanted | list[RowProblem]:
    head = rows[0]
    if spoilt is not None:
        return [RowProblem(row.row, "", "other_row_refused", {"other": spoilt}) for row in rows]
    if len(rows) > 1 and (found := _disagreements(rows) or _lines_problems(rows)):
        return found
    country = named or cells.country_of(head.time_zone)
    if country is None:
        return [RowProblem(row.row, "country", "country_needed", {"zone": row.time_zone}) for row in rows]
    lines = [LineSpec(row.product, row.seats, row.unit_minor) for row in rows]
    return Wanted(head, [row.row for row in rows], lines, country)


def _disagreements(rows: Sequence[LineRow]) -> list[RowProblem]:
    first = rows[0]
    differing = [name for name in _SHARED if any(getattr(row, name) != getattr(first, name) for row in rows)]
    if not differing:
        return []
    numbers = ", ".join(str(row.row) for row in rows[:20])
    return [RowProblem(row.row, name, "rows_disagree", {"rows": numbers}) for row in rows for name in differing]


def _lines_problems(rows: Sequence[LineRow]) -> list[RowProblem]:
    if len(rows) > MAX_LINES:
        return [RowProblem(row.row, "contract_number", "too_many_lines", {"limit": MAX_LINES}) for row in rows]
    seen: dict[tuple[str, int], int] = {}
    for row in rows:
        key = (row.product, row.unit_minor)
        if key in seen:
            return [RowProblem(each.row, "product", "line_twice", {"first": seen[key], "second": row.row})
                    for each in rows]  # fmt: skip
        seen[key] = row.row
    return []
