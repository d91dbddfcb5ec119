"""The shapes that an import passes on, from the file's rows to its result."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from portal.contracts.models import Segment
from portal.contracts.rules import LineSpec
from portal.kit.errors import Refusal

if TYPE_CHECKING:
    from portal.contracts.imports.spool import Problems

REQUIRED: Final = (
    "contract_number", "company", "product", "seats", "unit_price", "currency", "time_zone", "starts_on",
    "ends_on",
)  # fmt: skip
OPTIONAL: Final = ("contact_email", "owner_email", "segment", "language", "country")
COLUMNS: Final = REQUIRED + OPTIONAL

MAX_BYTES: Final = 64_000_000
MAX_ROWS: Final = 200_000
MAX_COLUMNS: Final = 100
# All-or-nothing switches in one transaction, for which other writers on SQLite wait: well within the ten seconds
# that they have, and far fewer contracts that are there already, since each of those is changed with care.
MAX_ROWS_AT_ONCE: Final = {"sqlite": 50_000, "postgresql": MAX_ROWS}
MAX_CHANGES_AT_ONCE: Final = 1_000


class ImportUnreadable(Refusal):
    """The file as a whole cannot be used; nothing was kept. `code` is one of words.FILE_PROBLEMS."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(**facts)
        self.code = code


class RowProblem(NamedTuple):
    """Why a row is refused. `row` counts as spreadsheets do (the header is usually row 1); `field` is the column,
    empty when the whole row is meant; `code` is one of words.ROW_PROBLEMS and `facts` fill its sentence."""

    row: int
    field: str
    code: str
    facts: Mapping[str, str | int] = {}


class LineRow(NamedTuple):
    """A row whose cells all make sense. An empty optional cell is None: keep what is there."""

    row: int
    contract_number: str
    company: str
    product: str
    seats: int
    unit_minor: int
    currency: str
    time_zone: str
    starts_on: date
    ends_on: date
    contact_email: str | None = None
    owner_email: str | None = None
    segment: Segment | None = None
    language: str | None = None
    country: str | None = None


class Wanted(NamedTuple):
    """A contract as the file wants it: what its rows agree on stands in `head`."""

    head: LineRow
    rows: Sequence[int]
    lines: Sequence[LineSpec]
    country: str

    @property
    def number(self) -> str:
        return self.head.contract_number


@dataclass(slots=True)
class Tally:
    """How far an import came. `place` counts the file's contracts that are dealt with, and `kept` the rows that
    were kept; `created`, `updated` and `unchanged` count contracts."""

    place: int = 0
    kept: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(slots=True)
class ImportResult:
    """What an import did: `rows` of the file, the tally, and every problem of every row that was not kept."""

    rows: int
    refused: Problems
    tally: Tally = dataclasses.field(default_factory=Tally)
    ignored: Sequence[str] = ()
    dry_run: bool = False
    # All-or-nothing was asked for, and some rows were refused: so nothing was kept.
    held_back: bool = False

    @property
    def exit_code(self) -> int:
        """0 when every row was kept, 2 when some were refused."""
        return 2 if len(self.refused) else 0
