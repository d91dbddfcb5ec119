"""CSV for spreadsheets: nothing that people typed can run as a formula, and Chinese opens as Chinese."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

BOM: Final = "\ufeff"
# A cell that begins so is a formula to Excel, LibreOffice or WPS; full-width signs are read as the narrow ones.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
FLUSH_ROWS: Final = 200

Cell = str | int | Decimal | None


def safe(cell: Cell) -> str:
    """The cell as text, with a leading apostrophe when a spreadsheet would run it. Numbers are ours and stay."""
    if cell is None:
        return ""
    if isinstance(cell, int | Decimal):
        return format(cell, "d" if isinstance(cell, int) else "f")
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


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
