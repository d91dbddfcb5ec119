"""CSV for spreadsheets: nothing that people typed can run as a formula, and Chinese opens as Chinese."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from payments.money import Money

BOM: Final = "\ufeff"
# A cell that begins so is a formula to Excel, LibreOffice or WPS, also behind spaces; full-width signs are read as
# the narrow ones.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
BLANK_STARTS: Final = ("\t", "\r", "\n")
FLUSH_ROWS: Final = 200

# An instant stands in the zone that its head names. None is an empty cell.
Cell = str | int | Decimal | Money | date | datetime | None


def safe(cell: Cell) -> str:
    """The cell as text, with a leading apostrophe when a spreadsheet would run it. Numbers are ours and stay; an
    amount is a plain number in major units."""
    match cell:
        case None:
            return ""
        case str():
            runs = cell.startswith(BLANK_STARTS) or cell.lstrip().startswith(FORMULA_STARTS)
            return f"'{cell}" if runs else cell
        case Money():
            return format(cell.major, "f")
        case datetime():
            return f"{cell:%Y-%m-%d %H:%M:%S}"
        case date():
            return cell.isoformat()
        case int():
            return format(cell, "d")
    return format(cell, "f")


def stream(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """UTF-8 text with a byte order mark and CRLF, some rows at a time, for a response that may be long."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BOM)
    writer.writerow([safe(cell) for cell in head])
    for count, row in enumerate(rows, start=1):
        writer.writerow([safe(cell) for cell in row])
        if count % FLUSH_ROWS == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
