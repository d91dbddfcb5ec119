"""Rows into contracts: those of one contract agree on all but product, seats and price, or all are refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from typing import Final

from portal.contracts.imports import cells
from portal.contracts.imports.model import LineRow, RowProblem, Sheet, Wanted
from portal.contracts.rules import LineSpec

MAX_LINES: Final = 100
_OF_A_ROW: Final = {"row", "contract_number", "product", "seats", "unit_minor"}
_SHARED: Final = tuple(field.name for field in fields(LineRow) if field.name not in _OF_A_ROW)


def grouped(sheet: Sheet) -> tuple[list[Wanted], list[RowProblem]]:
    """The contracts that the file wants, in the file's order, and the problems where it contradicts itself."""
    by_number: dict[str, list[LineRow]] = defaultdict(list)
    for row in sheet.rows:
        by_number[row.contract_number].append(row)
    countries = _countries(sheet.rows)
    wanted: list[Wanted] = []
    problems: list[RowProblem] = []
    for number, rows in by_number.items():
        found = _spoilt(rows, sheet.spoilt.get(number, ())) or _disagreements(rows) or _lines_problems(rows)
        country = countries.get(rows[0].company) or cells.country_of(rows[0].time_zone)
        if not found and country is None:
            found = [RowProblem(row.row, "country", "country_needed", {"zone": row.time_zone}) for row in rows]
        problems += found
        if not found and country:
            lines = [LineSpec(row.product, row.seats, row.unit_minor) for row in rows]
            wanted.append(Wanted(rows[0], [row.row for row in rows], lines, country))
    return wanted, problems


def _countries(rows: Sequence[LineRow]) -> dict[str, str]:
    """The country that the file names for a company, for all its rows. Rows that contradict each other are found
    when the company is there."""
    named: dict[str, str] = {}
    for row in rows:
        if row.country:
            named.setdefault(row.company, row.country)
    return named


def _spoilt(rows: Sequence[LineRow], bad: Sequence[int]) -> list[RowProblem]:
    if not bad:
        return []
    return [RowProblem(row.row, "", "other_row_refused", {"other": bad[0]}) for row in rows]


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
