"""The refused rows of an import, on disk beside its file: found again by page, and given back to be mended."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Final

from portal.contracts.imports.shapes import RowProblem
from portal.contracts.imports.source import Source

JOURNAL: Final = ".journal"
LIST: Final = ".refused"
PAGE_SIZE: Final = 50


def beside(file: Path, kind: str) -> Path:
    """The journal or the list that belongs to an uploaded file."""
    return file.with_name(file.name + kind)


def append(journal: Path, valid: int, found: Sequence[RowProblem]) -> int:
    """Add to the journal, whose first `valid` bytes count, and see it on disk: how many bytes count with these.
    Called before the transaction that refuses them commits; if it does not, they do not count."""
    if not found:
        return valid
    with journal.open("r+b" if journal.exists() else "w+b") as file:
        file.truncate(valid)
        file.seek(valid)
        file.writelines(_line(problem) for problem in found)
        file.flush()
        os.fsync(file.fileno())
        return file.tell()


def read(file: Path, valid: int | None = None) -> Iterator[RowProblem]:
    """The problems in the journal or the list, as far as they count."""
    if not file.exists():
        return
    with file.open("rb") as lines:
        for line in lines:
            if valid is not None and lines.tell() > valid:
                return
            yield _problem(line)


def write(target: Path, problems: Iterable[RowProblem]) -> None:
    """Write the whole list, sorted by row already; it is there or it is not."""
    half = target.with_name(target.name + ".half")
    with half.open("wb") as file:
        file.writelines(_line(problem) for problem in problems)
    half.replace(target)


def page(target: Path, start: int) -> tuple[list[tuple[int, list[RowProblem]]], int | None]:
    """Some refused rows with their problems, from byte `start` of the list on, and where the next page starts."""
    found: list[tuple[int, list[RowProblem]]] = []
    if not target.exists() or not 0 <= start < target.stat().st_size:
        return found, None
    with target.open("rb") as file:
        if start:
            file.seek(start - 1)
            file.readline()  # to the next line, wherever somebody's address pointed to
        while True:
            place = file.tell()
            line = file.readline()
            if not line:
                return found, None
            problem = _problem(line)
            if found and found[-1][0] == problem.row:
                found[-1][1].append(problem)
            elif len(found) == PAGE_SIZE:
                return found, place
            else:
                found.append((problem.row, [problem]))


def with_cells(source: Source, target: Path) -> Iterator[tuple[Sequence[str], list[RowProblem]]]:
    """Every refused row as it stands in the file, with its problems. Cells that could not be told apart are left
    empty."""
    records = source.records()
    for row, problems in groupby(read(target), key=attrgetter("row")):
        told = list(problems)
        record = next((record for number, record in records if number == row), None)
        yield (record if isinstance(record, list) else []), told


def _line(problem: RowProblem) -> bytes:
    return json.dumps([*problem[:3], dict(problem.facts)], ensure_ascii=False).encode() + b"\n"


def _problem(line: bytes) -> RowProblem:
    row, field, code, facts = json.loads(line)
    return RowProblem(row, field, code, facts)
