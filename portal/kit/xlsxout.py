"""XLSX for spreadsheets: rows go to a temporary file one by one, so that memory stays flat however many there are."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, Final

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from payments.money import Money, exponent
from portal.kit.csvout import Cell
from portal.kit.errors import Refusal

MOST_ROWS: Final = 1_048_576  # Excel's own limit, the head included
LONGEST_TEXT: Final = 32_767
EXACT_DIGITS: Final = 15  # a spreadsheet's number holds no more
COLUMN_WIDTH: Final = 18


class TooManyRows(Refusal):
    """More rows than a spreadsheet can hold. Facts: most."""

    code = "too_many_rows"


def write(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> IO[bytes]:
    """A workbook of one sheet as an open file at its start, gone when closed. Texts are texts, never formulas;
    amounts are numbers with their currency's decimals, days and instants are dates.

    Raises TooManyRows.
    """
    target = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it when it is sent
    try:
        _fill(target, head, rows)
    except BaseException:
        target.close()
        raise
    target.seek(0)
    return target


def _fill(target: IO[bytes], head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    with xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        put = _writer(sheet, lambda form: book.add_format({"num_format": form}))
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(head) - 1, COLUMN_WIDTH)
        for column, cell in enumerate(head):
            sheet.write_string(0, column, cell, bold)
        for number, row in enumerate(rows, start=1):
            if number >= MOST_ROWS:
                raise TooManyRows(most=MOST_ROWS - 1)
            for column, cell in enumerate(row):
                if cell is not None:
                    put(number, column, cell)


def _writer(sheet: Worksheet, new_format: Callable[[str], Any]) -> Callable[[int, int, Cell], None]:
    """A function that writes a cell as what it is; each format is made once."""
    made: dict[str, Any] = {}

    def styled(form: str) -> Any:
        if form not in made:
            made[form] = new_format(form)
        return made[form]

    def put(row: int, column: int, cell: Cell) -> None:
        match cell:
            case str():
                sheet.write_string(row, column, cell[:LONGEST_TEXT])
            case Money() if len(str(abs(cell.minor))) <= EXACT_DIGITS:
                places = exponent(cell.currency)
                sheet.write_number(
                    row, column, float(cell.major), styled(f"#,##0{'.' + '0' * places if places else ''}")
                )
            case Money():
                sheet.write_string(row, column, format(cell.major, "f"))
            case datetime():
                sheet.write_datetime(
                    row, column, cell.replace(tzinfo=None, microsecond=0), styled("yyyy-mm-dd hh:mm:ss")
                )
            case date():
                sheet.write_datetime(row, column, datetime(cell.year, cell.month, cell.day), styled("yyyy-mm-dd"))  # noqa: DTZ001 - a spreadsheet's dates are naive
            case int() | Decimal():
                sheet.write_number(row, column, float(cell))

    return put
