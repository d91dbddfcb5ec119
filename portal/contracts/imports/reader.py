"""Read an import file: which encoding, which delimiter, which columns, and what each cell says."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence

from portal.contracts.imports import cells
from portal.contracts.imports.model import (
    COLUMNS,
    MAX_BYTES,
    MAX_ROWS,
    REQUIRED,
    ImportUnreadable,
    LineRow,
    RowProblem,
    Sheet,
)

DELIMITERS = (",", ";", "\t")
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def read(source: bytes) -> Sheet:
    """The rows of a CSV file, with a problem for each cell that makes no sense. Touches no database.

    UTF-8 (with or without byte order mark), UTF-16 with one, or GBK; comma, semicolon or tab. Raises
    ImportUnreadable when the file as a whole cannot be used.
    """
    text = decoded(source)
    delimiter = _delimiter(text)
    records = _records(text, delimiter)
    columns, ignored = _columns(records)
    rows: list[LineRow] = []
    problems: list[RowProblem] = []
    spoilt: dict[str, list[int]] = {}
    count = 0
    for number, record in records:
        if isinstance(record, RowProblem):
            count += 1
            problems.append(record)
        elif any(cell.strip() for cell in record):
            count += 1
            if count > MAX_ROWS:
                raise ImportUnreadable("too_many_rows", limit=MAX_ROWS)
            row, found = _row(number, columns, record)
            problems += found
            if row is not None and not found:
                rows.append(row)
            elif contract := cells.number_in(dict(zip(columns, record, strict=False))):
                spoilt.setdefault(contract, []).append(number)
    if count == 0:
        raise ImportUnreadable("no_rows")
    return Sheet(rows, problems, spoilt, count, ignored)


def decoded(source: bytes) -> str:
    """The file as text. Raises ImportUnreadable."""
    if len(source) > MAX_BYTES:
        raise ImportUnreadable("too_large", limit=MAX_BYTES // 1_000_000)
    if source.startswith(_WORKBOOKS):
        raise ImportUnreadable("workbook")
    marked = source.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = source.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not text.strip():
            raise ImportUnreadable("empty")
        return text
    raise ImportUnreadable("not_text")


def _head_line(text: str) -> str:
    lines = (line for line in text.splitlines() if line.strip())
    first = next(lines)
    return next(lines, "") if first.lower().startswith("sep=") else first


def _delimiter(text: str) -> str:
    """The delimiter by which the header shows most columns that we know."""
    head = _head_line(text)

    def known(delimiter: str) -> int:
        return sum(_name(cell.strip('"')) in COLUMNS for cell in head.split(delimiter))

    return max(DELIMITERS, key=known)


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str] | RowProblem]]:
    """Each record with its number as spreadsheets count; one whose quotes are broken comes as a problem."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise ImportUnreadable("unclosed_quotes", row=number) from None
            yield number, RowProblem(number, "", "broken_quotes")


def _columns(records: Iterator[tuple[int, list[str] | RowProblem]]) -> tuple[list[str], list[str]]:
    """The header's names in our spelling, and those we do not know."""
    for _number, record in records:
        if isinstance(record, RowProblem):
            break
        if not any(cell.strip() for cell in record) or record[0].lower().startswith("sep="):
            continue
        names = [_name(cell) for cell in record]
        missing = [name for name in REQUIRED if name not in names]
        if missing:
            raise ImportUnreadable("missing_columns", columns=", ".join(missing))
        doubled = sorted({name for name in names if name in COLUMNS and names.count(name) > 1})
        if doubled:
            raise ImportUnreadable("duplicate_columns", columns=", ".join(doubled))
        return names, [cell.strip()[:80] for cell in record if cell.strip() and _name(cell) not in COLUMNS]
    raise ImportUnreadable("missing_columns", columns=", ".join(REQUIRED))


def _name(cell: str) -> str:
    folded = unicodedata.normalize("NFKC", cell).strip().lower()
    return folded.replace(" ", "_").replace("-", "_")


def _row(number: int, columns: Sequence[str], record: Sequence[str]) -> tuple[LineRow | None, list[RowProblem]]:
    if any(cell.strip() for cell in record[len(columns) :]):
        return None, [RowProblem(number, "", "too_many_cells", {"columns": len(columns)})]
    padded = [*record, *[""] * (len(columns) - len(record))]
    return cells.parse(number, dict(zip(columns, padded, strict=False)))
