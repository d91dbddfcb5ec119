"""A list as a file: the same rows as CSV, streamed, or as XLSX, through a temporary file."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import IO, Any, Final, Generic, TypeVar
from zoneinfo import ZoneInfo

from flask import Response, flash, redirect, stream_with_context
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.kit import csvout, i18n, xlsxout
from portal.kit.csvout import Cell

CHUNK: Final = 64 * 1024
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Row = TypeVar("Row")


class Kind(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


KINDS: Final = "<any(csv, xlsx):kind>"  # the end of an export's address


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column: its head, and its cell of a row."""

    head: str
    cell: Callable[[Row], Cell]


def answer(
    kind: str, name: str, on: date, columns: Sequence[Column[Row]], rows: Generator[Row, None, None], list_url: str
) -> BaseResponse:
    """The file called `name` with the day in its name. Too many rows for XLSX: back to the list, which says so."""
    head = [column.head for column in columns]
    taken = [column.cell for column in columns]
    cells = ([take(row) for take in taken] for row in rows)
    if kind == Kind.CSV:
        text = stream_with_context(chunk.encode() for chunk in csvout.stream(head, cells))
        return _file(Response(text, content_type="text/csv; charset=utf-8"), name, on, kind)
    try:
        with closing(rows):
            book = xlsxout.write(head, cells)
    except xlsxout.TooManyRows as refused:
        most = i18n.number(refused.most)
        flash(
            _("An Excel sheet holds at most %(most)s rows. Choose fewer, or take the CSV file.", most=most), "warn"
        )
        return redirect(list_url)
    response = Response(_chunks(book), content_type=XLSX_TYPE)
    response.call_on_close(book.close)  # also when nobody reads it to its end
    return _file(response, name, on, kind)


def local(zone: str) -> Callable[[datetime | None], datetime | None]:
    """Instants as the clocks in `zone` show them."""
    place = ZoneInfo(zone)
    return lambda at: at.astimezone(place) if at else None


def _chunks(book: IO[bytes]) -> Iterator[bytes]:
    with book:
        while chunk := book.read(CHUNK):
            yield chunk


def _file(response: Any, name: str, on: date, kind: str) -> BaseResponse:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{on.isoformat()}.{kind}"'
    found: BaseResponse = response
    return found
