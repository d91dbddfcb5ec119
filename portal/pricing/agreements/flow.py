"""Keep a file of agreements, a piece of it in each transaction."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.contracts import queries as contracts
from portal.contracts import rules as contract_rules
from portal.contracts.imports.columns import folded
from portal.contracts.imports.shapes import ImportUnreadable, RowProblem
from portal.contracts.imports.source import opened
from portal.contracts.models import Contract
from portal.kit.db import reading, transaction
from portal.kit.errors import Refusal
from portal.pricing import actions, queries
from portal.pricing.agreements.cells import COLUMNS, REQUIRED, Agreed, read
from portal.pricing.errors import AgreedTwice, NoSuchContract, NotOneOf

MOST_ROWS: Final = 200_000
PIECE: Final = 200

Problem = tuple[int, Refusal | RowProblem]  # the row as spreadsheets count, and why it is refused
Tell = Callable[[int, int], None]


class _TrialOver(Exception):
    """Takes back what a trial run did."""


@dataclass(slots=True)
class Result:
    """What became of a file: rows in it, agreements that were `changed` or already `unchanged`, and what was
    refused, in the file's order; `ignored`: headers that are not ours."""

    rows: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)
    ignored: Sequence[str] = ()
    dry_run: bool = False

    @property
    def exit_code(self) -> int:
        """0: all kept, 2: some refused."""
        return 2 if self.problems else 0


def run(path: Path, *, by: str, at: datetime, dry_run: bool = False, tell: Tell | None = None) -> Result:
    """Keep what the file says about next prices; a trial run does the same and takes it back. A row that says what
    is agreed already changes nothing, so that a file can be run again. `tell` hears how many rows of how many are
    dealt with. Raises ImportUnreadable."""
    result = Result(dry_run=dry_run)
    rows = _read(path, result)
    for start in range(0, len(rows), PIECE):
        piece = rows[start : start + PIECE]
        with suppress(_TrialOver), transaction() as db:
            found = _keep(db, piece, by, at)
            if dry_run:
                raise _TrialOver
        for row, outcome in zip(piece, found, strict=True):
            if isinstance(outcome, Refusal):
                result.problems.append((row.row, outcome))
            else:
                result.changed += outcome
                result.unchanged += not outcome
        if tell:
            tell(start + len(piece), len(rows))
    result.problems.sort(key=lambda problem: problem[0])
    return result


def _read(path: Path, result: Result) -> list[Agreed]:
    """The rows that can be kept, as far as the file alone tells; the others become problems."""
    source = opened(path)
    places = _places(source.names)
    result.ignored = [name for name in source.names if name and folded(name) not in COLUMNS]
    with reading() as db:
        series = queries.series(db)
    rows: list[Agreed] = []
    first: dict[tuple[str, str | None], int] = {}
    for number, record in source.records():
        if isinstance(record, RowProblem):
            result.rows += 1
            result.problems.append((number, record))
            continue
        texts = {name: _cell(record, place) for name, place in places.items()}
        if not any(texts.values()):
            continue
        result.rows += 1
        if result.rows > MOST_ROWS:
            raise ImportUnreadable("too_many_rows", limit=MOST_ROWS)
        try:
            rows.append(_judged(number, texts, series, first))
        except Refusal as refused:
            result.problems.append((number, refused))
    if not result.rows:
        raise ImportUnreadable("no_rows")
    return rows


def _places(names: Sequence[str]) -> dict[str, int]:
    """Where each of our columns stands, -1 for one that is not there."""
    ours = [folded(name) for name in names]
    doubled = [name for name in COLUMNS if ours.count(name) > 1]
    if doubled:
        raise ImportUnreadable("duplicate_columns", columns=", ".join(doubled))
    missing = [name for name in REQUIRED if name not in ours]
    if missing:
        raise ImportUnreadable("missing_columns", columns=", ".join(missing))
    return {name: ours.index(name) if name in ours else -1 for name in COLUMNS}


def _cell(record: Sequence[str], place: int) -> str:
    return unicodedata.normalize("NFC", record[place]).strip() if 0 <= place < len(record) else ""


def _judged(
    number: int, texts: Mapping[str, str], series: Sequence[str], first: dict[tuple[str, str | None], int]
) -> Agreed:
    """The row. Of two about the same contract and product only the first counts: nobody knows which was meant."""
    row = read(number, texts)
    if not contract_rules.is_number(row.contract_number):  # nor one that a database could be asked for
        raise NoSuchContract(number=row.contract_number[:40])
    index = row.agreement.series
    if index is not None and index not in series:
        raise NotOneOf(field="index", value=index[:40], known=list(series))
    about = row.contract_number, row.agreement.product_code
    if first.setdefault(about, number) != number:
        raise AgreedTwice(number=row.contract_number, row=first[about])
    return row


def _keep(db: Session, piece: Sequence[Agreed], by: str, at: datetime) -> list[bool | Refusal]:
    """For each row whether it changed something, or why it could not."""
    numbers = {row.contract_number for row in piece}
    held = db.scalars(contracts.locked(select(Contract).where(Contract.number.in_(numbers)))).all()
    return list(_outcomes(db, piece, {contract.number: contract for contract in held}, by, at))


def _outcomes(
    db: Session, piece: Sequence[Agreed], held: Mapping[str, Contract], by: str, at: datetime
) -> Iterator[bool | Refusal]:
    for row in piece:
        try:
            if row.contract_number not in held:
                raise NoSuchContract(number=row.contract_number)
            yield actions.agree_renewal(db, held[row.contract_number], row.agreement, by, at)
        except Refusal as refused:  # raised before anything is changed
            yield refused
