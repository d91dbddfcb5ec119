"""XLSX for spreadsheets: rows go to a temporary file one by one, so that memory stays flat."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, Final

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from payments.money import Money, exponent
from portal.kit.csvout import Cell
from portal.kit.errors import Refusal

MOST_ROWS: Final = 1_048_576  # Excel's own limit, the head included
LONGEST_TEXT: Final = 32_767
EXACT_DIGITS: Final = 15  # a spreadsheet's number holds no more
COLUMN_WIDTH: Final = 18


class TooManyRows(Refusal):
    """More rows than a spreadsheet can hold: `most`."""

    def __init__(self, most: int) -> None:
        super().__init__(most=most)
        self.most = most


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
        sheet = _Sheet(book, book.add_worksheet())
        sheet.head(head)
        for number, row in enumerate(rows, start=1):
            if number >= MOST_ROWS:
                raise TooManyRows(most=MOST_ROWS - 1)
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.put(number, column, cell)


class _Sheet:
    """A worksheet that writes each cell as what it is; each format is made once."""

    def __init__(self, book: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        self._book, self._sheet = book, sheet
        self._formats: dict[str, Any] = {}

    def head(self, names: Sequence[str]) -> None:
        bold = self._book.add_format({"bold": True})
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(names) - 1, COLUMN_WIDTH)
        for column, name in enumerate(names):
            self._sheet.write_string(0, column, name, bold)

    def put(self, row: int, column: int, cell: str | int | Decimal | Money | date) -> None:
        if isinstance(cell, str):
            self._sheet.write_string(row, column, cell[:LONGEST_TEXT])
        elif isinstance(cell, Money):
            self._put_money(row, column, cell)
        elif isinstance(cell, date):
            self._put_date(row, column, cell)
        else:
            self._sheet.write_number(row, column, float(cell))

    def _put_money(self, row: int, column: int, cell: Money) -> None:
        if len(str(abs(cell.minor))) > EXACT_DIGITS:
            self._sheet.write_string(row, column, format(cell.major, "f"))
            return
        places = exponent(cell.currency)
        form = f"#,##0.{'0' * places}" if places else "#,##0"
        self._sheet.write_number(row, column, float(cell.major), self._styled(form))

    def _put_date(self, row: int, column: int, cell: date) -> None:
        if isinstance(cell, datetime):
            plain, form = cell.replace(tzinfo=None, microsecond=0), "yyyy-mm-dd hh:mm:ss"
        else:  # a spreadsheet's days are instants at midnight, of no zone
            plain, form = datetime(cell.year, cell.month, cell.day), "yyyy-mm-dd"  # noqa: DTZ001
        self._sheet.write_datetime(row, column, plain, self._styled(form))

    def _styled(self, form: str) -> Any:
        if form not in self._formats:
            self._formats[form] = self._book.add_format({"num_format": form})
        return self._formats[form]
