"""Rows and problems wait on disk, and only where they lie is kept in memory: an import of any size stays small."""

from __future__ import annotations

import mmap
import pickle
import tempfile
import weakref
from array import array
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import IO, Self

from portal.contracts.imports.shapes import LineRow, RowProblem


class Rows:
    """The rows of a file by their contract's number, in the order in which the numbers first appear."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="import")  # noqa: SIM115 - closed with this
        self._end = 0
        self._places: dict[str, int | list[int]] = {}
        # Contract numbers of rows with problems, as far as they can be read, and the first such row.
        self.spoilt: dict[str, int] = {}
        # The country that the file names for a company holds for all its rows; contradictions show later.
        self.countries: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        """How many contracts there are."""
        return len(self._places)

    def add(self, row: LineRow) -> None:
        place, number = self._end, row.contract_number
        self._end += self._file.write(pickle.dumps(tuple(row), pickle.HIGHEST_PROTOCOL))
        if row.country:
            self.countries.setdefault(row.company, row.country)
        there = self._places.setdefault(number, place)
        if there is place:
            return
        if isinstance(there, list):
            there.append(place)
        else:
            self._places[number] = [there, place]

    def contracts(self) -> Iterator[list[LineRow]]:
        """All rows of one contract after the other."""
        if not self._places:
            return
        self._file.flush()
        with mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ) as stored, memoryview(stored) as view:
            for places in self._places.values():
                yield [_row(view, place) for place in (places if isinstance(places, list) else [places])]


def _row(view: memoryview, place: int) -> LineRow:
    with view[place:] as rest:
        return LineRow._make(pickle.loads(rest))  # noqa: S301 - our own file, which nobody else can open  # nosec B301


class Problems:
    """Every problem of every refused row, sorted by row when read. The file goes when nobody holds this."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="import")  # noqa: SIM115 - closed with this
        weakref.finalize(self, self._file.close)
        self._rows, self._places = array("Q"), array("Q")
        self._end = 0
        # How many rows are refused. All problems of a row are told one after the other.
        self.rows = 0

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, found: Iterable[RowProblem]) -> None:
        for problem in found:
            if not self._rows or self._rows[-1] != problem.row:
                self.rows += 1
            self._rows.append(problem.row)
            self._places.append(self._end)
            self._end += self._file.write(pickle.dumps(tuple(problem), pickle.HIGHEST_PROTOCOL))

    def __iter__(self) -> Iterator[RowProblem]:
        for index in sorted(range(len(self._rows)), key=self._rows.__getitem__):
            self._file.seek(self._places[index])
            yield RowProblem._make(pickle.load(self._file))  # noqa: S301 - our own file  # nosec B301
        self._file.seek(self._end)
