"""Long lists: filters read from the address, and pages by keyset: "what comes after this row", never an offset."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, Subquery, and_, false, literal, or_, select, true, tuple_, union

OLDER: Final = "older"
NEWER: Final = "newer"
LONGEST_QUERY: Final = 200
YEARS: Final = range(1970, 2200)  # beyond, midnight in a zone need not exist as an instant

Row = TypeVar("Row")
Word = TypeVar("Word", bound=StrEnum)
Chosen = TypeVar("Chosen", bound=Select[*tuple[Any, ...]])
_ORDER_NUMBER: Final = re.compile(r"rnw[\s\-–—]*(\d{4})[\s\-–—]*(\d{6,})", re.IGNORECASE | re.ASCII)
_STAMP: Final = "%Y%m%dT%H%M%S.%fZ"
_DAY: Final = "%Y%m%d"
LIST: Final = "list"  # carries a list's own filters to a thing in it and back


@dataclass(frozen=True)
class Cursor:
    """The place of a row in a list sorted by an instant or a day, and then by id."""

    at: datetime | date
    id: int
    backwards: bool = False  # against the list's order

    def __str__(self) -> str:
        if isinstance(self.at, datetime):
            return f"{self.at.astimezone(UTC).strftime(_STAMP)}-{self.id}"
        return f"{self.at:%Y%m%d}-{self.id}"

    @classmethod
    def parse(cls, text: str, backwards: bool, by_day: bool = False) -> Cursor | None:
        """The cursor that `text` spells, or None when it spells none; `by_day`: the list is sorted by a day."""
        stamp, _sep, row_id = text.rpartition("-")
        if not (row_id.isascii() and row_id.isdigit() and len(row_id) <= 18):
            return None
        try:
            read = datetime.strptime(stamp, _DAY if by_day else _STAMP).replace(tzinfo=UTC)
        except ValueError:
            return None
        return cls(read.date() if by_day else read, int(row_id), backwards)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows in the list's order, and the cursors to its neighbours; None at an end. `newer` leads
    before the first row, `older` behind the last: a list by rising days calls them earlier and later."""

    rows: Sequence[Row]
    newer: Cursor | None
    older: Cursor | None


@dataclass(frozen=True)
class Sorting:
    """The order of a list: by an instant or a day and then by id, falling unless `rising`."""

    at: Any  # columns
    id: Any
    rising: bool = False

    def beyond(self, query: Chosen, cursor: Cursor | None, limit: int | None, lead: Sequence[Any] = ()) -> Chosen:
        """`query` for the `limit` rows beyond the cursor, nearest first. An index on (at, id) carries it; columns
        that stand before those in the index, and are the same in all rows, are named in `lead`."""
        up = self.rising != bool(cursor and cursor.backwards)
        if cursor is not None:
            place = tuple_(literal(cursor.at, self.at.type), literal(cursor.id, self.id.type))
            key = tuple_(self.at, self.id)
            query = query.where(key > place if up else key < place)
        columns = (*lead, self.at, self.id)
        return query.order_by(*(column if up else column.desc() for column in columns)).limit(limit)

    def among(self, branches: Sequence[Branch], cursor: Cursor | None, limit: int) -> ColumnElement[bool]:
        """A condition: the row is among the `limit` nearest beyond the cursor in any of the branches.

        Each branch is walked by its own index and left after `limit` rows, so that neither a value that nearly all
        rows have nor one that hardly any has makes the list slow."""
        if not branches:
            return false()
        found: ColumnElement[bool] = self.id.in_(select(self.nearest(branches, cursor, limit).c.id))
        return found

    def nearest(self, branches: Sequence[Branch], cursor: Cursor | None, limit: int) -> Subquery:
        """The ids of the rows that `among` chooses. Where a list joins many tables, begin with it: planners keep
        to the written order beyond some joins."""
        walks = [
            self.beyond(select(self.id.label("id")).where(*branch.where), cursor, limit, branch.lead).subquery()
            for branch in branches
        ]
        return union(*(select(each.c.id) for each in walks)).subquery("nearest")


@dataclass(frozen=True)
class Branch:
    """Conditions that one index answers in the list's order: equal values of its first columns, no OR, no IN with
    many hits. `lead` as in Sorting.beyond, for columns that are compared with NULL."""

    where: Sequence[ColumnElement[bool]] = ()
    lead: Sequence[Any] = ()


def any_of(branches: Sequence[Branch]) -> ColumnElement[bool]:
    """A condition: the row is in any of the branches; for an export, which reads them all."""
    return or_(false(), *(and_(true(), *branch.where) for branch in branches))


def page(
    fetch: Callable[[Cursor | None, int], Sequence[Row]],
    place: Callable[[Row], tuple[datetime | date, int]],
    cursor: Cursor | None,
    size: int,
) -> Page[Row] | None:
    """One page. `fetch(cursor, limit)` gives rows beyond the cursor, nearest to it first. None when the first
    page shows what was asked for, and more: go there instead."""
    rows = fetch(cursor, size + 1)
    if cursor and cursor.backwards and len(rows) <= size:
        return None
    return paged(rows, place, cursor, size)


def paged(
    rows: Sequence[Row], place: Callable[[Row], tuple[datetime | date, int]], cursor: Cursor | None, size: int,
    ends: bool = False,
) -> Page[Row]:  # fmt: skip
    """The page made of up to `size` + 1 rows beyond the cursor, nearest first. `ends`: nothing lies on the side
    that the cursor comes from."""
    more, rows = len(rows) > size, rows[:size]
    back = bool(cursor and cursor.backwards)
    if not rows:
        return Page(rows, None, None)
    if back:
        rows = list(reversed(rows))
    first, last = place(rows[0]), place(rows[-1])
    behind = cursor is not None and not ends
    has_newer, has_older = (more, behind) if back else (behind, more)
    return Page(rows, Cursor(*first, True) if has_newer else None, Cursor(*last) if has_older else None)


def beyond(
    query: Chosen, at: ColumnElement[datetime] | Any, row_id: ColumnElement[int] | Any, cursor: Cursor | None,
    limit: int,
) -> Chosen:  # fmt: skip
    """`query` for the `limit` rows beyond the cursor, newest first. The index on (at, id) carries it."""
    return Sorting(at, row_id).beyond(query, cursor, limit)


def kept(given: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """The filters as an address spells them, for links that stay within them."""
    return {name: str(given[name]) for name in fields if given.get(name)}


def place_in(cursor: Cursor | None, newer: str = NEWER, older: str = OLDER) -> dict[str, str]:
    """The page as an address spells it."""
    return {newer if cursor.backwards else older: str(cursor)} if cursor else {}


def way_back(carried: str, url: str, known: Sequence[str]) -> dict[str, Any]:
    """The list as it was left: its filters and page, `carried` by the address of a thing in it. `back` is what
    further links carry on, `list_url` leads back."""
    query = urlencode([(name, value) for name, value in parse_qsl(carried) if name in known])
    return {"back": query or None, "list_url": f"{url}?{query}" if query else url}


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

    def days(self) -> tuple[date | None, date | None]:
        """The days `from` and `to`; the other way round when the first lies after the last."""
        first, last = self.day("from", _("From")), self.day("to", _("To"))
        if first and last and first > last:
            self.notes.append(_("The first day lay after the last one; we exchanged them."))
            return last, first
        return first, last

    def cursor(self, newer: str = NEWER, older: str = OLDER, by_day: bool = False) -> Cursor | None:
        for name in (older, newer):
            if given := self.args.get(name):
                found = Cursor.parse(given, name == newer, by_day)
                if found is None:
                    self.notes.append(_("That page of the list is gone; this is the first one."))
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
