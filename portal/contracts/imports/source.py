"""Open an import file: is it text at all, in which encoding and with which delimiter, and what are its headers?

Files are read from disk as a stream; none is ever whole in memory.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from portal.contracts.imports import columns
from portal.contracts.imports.shapes import MAX_BYTES, MAX_COLUMNS, REQUIRED, ImportUnreadable, RowProblem

DELIMITERS: Final = (",", ";", "\t")
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_BLOCK: Final = 1_000_000
# No cell of ours is near this long: a longer one is a quotation mark that never closes.
_LONGEST_CELL: Final = 100_000
_EXAMPLES: Final = 3

Record = list[str] | RowProblem


@dataclass(frozen=True, slots=True)
class Source:
    """A file that can be read: `names` are its headers as they stand there, in row `head_row`."""

    path: Path
    encoding: str
    delimiter: str
    names: tuple[str, ...]
    head_row: int

    def records(self) -> Iterator[tuple[int, Record]]:
        """Each record below the header with its number as spreadsheets count; one whose quotes are broken comes as
        a problem. Raises ImportUnreadable when a quotation mark never closes."""
        return islice(_records(self.path, self.encoding, self.delimiter), self.head_row, None)

    def examples(self) -> list[list[str]]:
        """The first rows that hold something, for people to recognise their columns by."""
        found = (record for _number, record in self.records() if not isinstance(record, RowProblem))
        return list(islice((record for record in found if any(cell.strip() for cell in record)), _EXAMPLES))


def opened(path: Path) -> Source:
    """What kind of file this is. Raises ImportUnreadable when it is no CSV or has no row of headers."""
    if path.stat().st_size > MAX_BYTES:
        raise ImportUnreadable("too_large", limit=MAX_BYTES // 1_000_000)
    encoding = _encoding(path)
    delimiter = _delimiter(path, encoding)
    for number, record in _records(path, encoding, delimiter):
        if isinstance(record, RowProblem):
            break
        if not any(cell.strip() for cell in record) or record[0].lower().startswith("sep="):
            continue
        if len(record) > MAX_COLUMNS:
            raise ImportUnreadable("too_many_columns", limit=MAX_COLUMNS)
        return Source(path, encoding, delimiter, tuple(cell.strip() for cell in record), number)
    raise ImportUnreadable("missing_columns", columns=", ".join(REQUIRED))


def _encoding(path: Path) -> str:
    """UTF-16 with its mark, UTF-8 with or without one, or GBK (of which GB 18030 is the whole)."""
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(_WORKBOOKS):
        raise ImportUnreadable("workbook")
    marked = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    if start.startswith(b"%PDF") or (b"\x00" in start and not marked):
        raise ImportUnreadable("not_text")
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        if _reads_as(path, encoding):
            return encoding
    raise ImportUnreadable("not_text")


def _reads_as(path: Path, encoding: str) -> bool:
    """Is all of the file text in this encoding? Raises ImportUnreadable when nothing stands in it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    anything = False
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                text = decoder.decode(block)
                anything = anything or bool(text.strip())
        rest = decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    if not anything and not rest.strip():
        raise ImportUnreadable("empty")
    return True


def _delimiter(path: Path, encoding: str) -> str:
    """The delimiter by which the header shows most columns that we know, or else most columns."""
    with path.open(encoding=encoding, newline="") as file:
        lines = (line for line in iter(lambda: file.readline(_LONGEST_CELL), "") if line.strip())
        head = next(lines, "")
        if head.lower().startswith("sep="):
            head = next(lines, "")

    def known(delimiter: str) -> tuple[int, int]:
        cells = head.split(delimiter)
        return sum(columns.guess(cell.strip().strip('"')) is not None for cell in cells), len(cells)

    return max(DELIMITERS, key=known)


def _records(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, Record]]:
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        number = 0
        while True:
            number += 1
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if "unexpected end" in str(error) or "field limit" in str(error):
                    raise ImportUnreadable("unclosed_quotes", row=number) from None
                yield number, RowProblem(number, "", "broken_quotes")
            else:
                yield number, record
