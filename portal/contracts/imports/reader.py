"""Read an import file's rows: each cell judged, good rows spooled by contract, bad ones told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from portal.contracts.imports import cells
from portal.contracts.imports.shapes import COLUMNS, MAX_ROWS, ImportUnreadable, LineRow, RowProblem
from portal.contracts.imports.source import Source
from portal.contracts.imports.spool import Problems, Rows

TELL_EVERY: Final = 2_000
_NUMBER: Final = COLUMNS.index("contract_number")


def read(
    source: Source, placed: Mapping[str, int], rows: Rows, problems: Problems,
    tell: Callable[[int], None] = lambda count: None,
) -> int:  # fmt: skip
    """Fill `rows` and `problems` from the file, whose columns stand as `placed` says; how many rows there are.

    Touches no database. `tell` hears now and then how many were read. Raises ImportUnreadable.
    """
    order = [placed.get(name, -1) for name in COLUMNS]
    width = len(source.names)
    count = 0
    for number, record in source.records():
        if not _holds(record):
            continue
        count += 1
        if count > MAX_ROWS:
            raise ImportUnreadable("too_many_rows", limit=MAX_ROWS)
        if count % TELL_EVERY == 0:
            tell(count)
        row, found, contract = judged(number, record, order, width)
        if row is not None:
            rows.add(row)
            continue
        problems.add(found)
        if contract:
            rows.spoilt.setdefault(contract, number)
    if count == 0:
        raise ImportUnreadable("no_rows")
    return count


def _holds(record: list[str] | RowProblem) -> bool:
    """Does anything stand in it?"""
    return isinstance(record, RowProblem) or any(cell.strip() for cell in record)


def judged(
    number: int, record: Sequence[str] | RowProblem, order: Sequence[int], width: int
) -> tuple[LineRow | None, list[RowProblem], str | None]:
    """The row, or its problems and its contract's number as far as that can be read."""
    if isinstance(record, RowProblem):
        return None, [record], None
    texts = [record[place] if -1 < place < len(record) else "" for place in order]
    if len(record) > width and any(cell.strip() for cell in record[width:]):
        too_many = RowProblem(number, "", "too_many_cells", {"columns": width})
        return None, [too_many], cells.number_in(texts[_NUMBER])
    row, found = cells.parse(number, texts)
    return row, found, None if row is not None else cells.number_in(texts[_NUMBER])
