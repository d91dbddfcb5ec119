"""Long lists: filters read from the address, and pages by keyset: "what comes after this row", never an offset."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, or_

OLDER: Final = "older"
NEWER: Final = "newer"
LONGEST_QUERY: Final = 200
YEARS: Final = range(1970, 2200)  # beyond, midnight in a zone need not exist as an instant

Row = TypeVar("Row")
Word = TypeVar("Word", bound=StrEnum)
Chosen = TypeVar("Chosen", bound=Select[*tuple[Any, ...]])
_ORDER_NUMBER: Final = re.compile(r"rnw[\s\-–—]*(\d{4})[\s\-–—]*(\d{6,})", re.IGNORECASE | re.ASCII)
_STAMP: Final = "%Y%m%dT%H%M%S.%fZ"


@dataclass(frozen=True)
class Cursor:
    """The place of a row in a list sorted by an instant and then by id, newest first."""

    at: datetime
    id: int
    backwards: bool = False  # towards the newer rows

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC).strftime(_STAMP)}-{self.id}"

    @classmethod
    def parse(cls, text: str, backwards: bool) -> Cursor | None:
        """The cursor that `text` spells, or None when it spells none."""
        stamp, _sep, row_id = text.rpartition("-")
        if not (row_id.isascii() and row_id.isdigit() and len(row_id) <= 18):
            return None
        try:
            at = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
        except ValueError:
            return None
        return cls(at, int(row_id), backwards)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows, newest first, and the cursors to its neighbours; None at an end."""

    rows: Sequence[Row]
    newer: Cursor | None
    older: Cursor | None


def page(
    fetch: Callable[[Cursor | None, int], Sequence[Row]],
    place: Callable[[Row], tuple[datetime, int]],
    cursor: Cursor | None,
    size: int,
) -> Page[Row] | None:
    """One page. `fetch(cursor, limit)` gives rows beyond the cursor, nearest to it first. None when the first
    page shows what was asked for, and more: go there instead."""
    rows = fetch(cursor, size + 1)
    back = bool(cursor and cursor.backwards)
    if back and len(rows) <= size:
        return None
    more, rows = len(rows) > size, rows[:size]
    if not rows:
        return Page(rows, None, None)
    if back:
        rows = list(reversed(rows))
    newest, oldest = place(rows[0]), place(rows[-1])
    has_newer, has_older = (more, True) if back else (cursor is not None, more)
    return Page(rows, Cursor(*newest, True) if has_newer else None, Cursor(*oldest) if has_older else None)


def beyond(
    query: Chosen, at: ColumnElement[datetime] | Any, row_id: ColumnElement[int] | Any, cursor: Cursor | None,
    limit: int,
) -> Chosen:  # fmt: skip
    """`query` for the `limit` rows beyond the cursor, nearest first. The index on (at, id) carries it."""
    if cursor is None:
        return query.order_by(at.desc(), row_id.desc()).limit(limit)
    if cursor.backwards:
        further = and_(at >= cursor.at, or_(at > cursor.at, row_id > cursor.id))
        return query.where(further).order_by(at, row_id).limit(limit)
    further = and_(at <= cursor.at, or_(at < cursor.at, row_id < cursor.id))
    return query.where(further).order_by(at.desc(), row_id.desc()).limit(limit)


@dataclass
class Asked:
    """What an address asks for. Parts that cannot be understood are left out and told in `notes`: a bookmark made
    before a filter went away still opens."""

    args: Mapping[str, str]
    notes: list[str] = field(default_factory=list)

    def only(self, known: Sequence[str]) -> None:
        """Note the parts that this list does not know."""
        for name in self.args:
            if name not in (*known, OLDER, NEWER):
                self.notes.append(
                    _("This list has no filter “%(name)s” any more; we left it out.", name=name[:40])
                )

    def text(self, name: str) -> str:
        return " ".join(self.args.get(name, "").split())[:LONGEST_QUERY]

    def search(self, name: str) -> str:
        """What is searched for: full-width letters narrowed, and an order's number spelled as we write it."""
        given = unicodedata.normalize("NFKC", self.text(name))
        number = _ORDER_NUMBER.fullmatch(given)
        return f"RNW-{number[1]}-{number[2]}" if number else given

    def word(self, name: str, kind: type[Word], label: str) -> Word | None:
        """The member of `kind` that is asked for."""
        given = self.text(name)
        if not given:
            return None
        try:
            return kind(given)
        except ValueError:
            self._left_out(label, given)
            return None

    def one_of(self, name: str, choices: Sequence[str], label: str) -> str:
        """The choice that is asked for; empty for none."""
        given = self.text(name)
        if given and given not in choices:
            self._left_out(label, given)
            return ""
        return given

    def day(self, name: str, label: str) -> date | None:
        """The calendar day that is asked for, as YYYY-MM-DD."""
        given = self.text(name)
        if not given:
            return None
        try:
            found = date.fromisoformat(given)
        except ValueError:
            found = date.min
        if found.year in YEARS:
            return found
        self.notes.append(
            _("%(label)s: “%(given)s” is no date such as 2026-11-22; we left it out.", label=label, given=given)
        )
        return None

    def cursor(self) -> Cursor | None:
        for name in (OLDER, NEWER):
            if given := self.args.get(name):
                found = Cursor.parse(given, backwards=name == NEWER)
                if found is None:
                    self.notes.append(_("That page of the list is gone; this is the newest one."))
                return found
        return None

    def _left_out(self, label: str, given: str) -> None:
        self.notes.append(
            _("%(label)s: “%(given)s” does not exist any more; we left it out.", label=label, given=given)
        )


def short_in(zone: str, now: datetime) -> Callable[[datetime], str]:
    """Instants as a dense table shows them, in figures: "11-22 14:32", and "2025-11-22" for another year."""
    place = ZoneInfo(zone)
    year = now.astimezone(place).year

    def short(at: datetime) -> str:
        here = at.astimezone(place)
        return f"{here:%m-%d %H:%M}" if here.year == year else f"{here:%Y-%m-%d}"

    return short


def between(
    column: ColumnElement[datetime] | Any, first: date | None, last: date | None, zone: str
) -> list[ColumnElement[bool]]:
    """Conditions that `column` falls on the days from `first` to `last`, both included, as `zone` counts days."""
    found: list[ColumnElement[bool]] = []
    if first:
        found.append(column >= datetime.combine(first, time.min, ZoneInfo(zone)))
    if last:
        found.append(column < datetime.combine(last + timedelta(days=1), time.min, ZoneInfo(zone)))
    return found
