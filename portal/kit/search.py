"""Search in long lists: what is typed becomes a few ids by indexes, and the ids drive the list.

Nothing is looked for in the middle of a text: a list of a million rows must answer as quickly as one of a
thousand. What shall be found from its middle, such as a company's name, has search keys
(accounts.rules.search_keys).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, String, and_, func, literal, select, union_all
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

MOST: Final = 200  # hits of each way; more are told, not searched
BATCH: Final = 1_000  # rows that an export takes from the database at a time
LAST_CHAR: Final = "\U0010ffff"
_PARTS: Final = re.compile(r"[^\W_]+")
# Letters, a year, a serial: RNW-2026-000043.
_NUMBER: Final = re.compile(r"([A-Z]*)(20\d\d)(\d{3,9})", re.ASCII)
# For an index's `postgresql_ops`: text in the order of its bytes, whatever language the database sorts by.
BYTES: Final = 'COLLATE "C"'


class bytewise(FunctionElement[str]):  # noqa: N801 - reads like SQL's own functions
    """A text column in the order of its bytes: SQLite's own order; PostgreSQL is told, and uses an index with
    `postgresql_ops={…: BYTES}`."""

    type = String()
    inherit_cache = True


@compiles(bytewise)
def _plain(element: bytewise, compiler: Any, **given: Any) -> str:
    return str(compiler.process(element.clauses, **given))


@compiles(bytewise, "postgresql")
def _collated(element: bytewise, compiler: Any, **given: Any) -> str:
    return f"({_plain(element, compiler, **given)} {BYTES})"


def spellings(typed: str, *prefixes: str) -> list[str]:
    """How a number that somebody typed may be kept: as typed, in capitals, in small letters, with dashes for what
    they put between its parts ("ct 2022 02042") or left out ("CT202202042"), and with one of `prefixes` where they
    began with the year ("2026-000043")."""
    plain = unicodedata.normalize("NFKC", typed).strip()
    found = {plain, plain.upper(), plain.lower()}
    found.add("-".join(_PARTS.findall(plain.upper())))
    parts = _NUMBER.fullmatch("".join(_PARTS.findall(plain.upper())))
    if parts:
        letters, year, serial = parts.groups()
        found |= {f"{each}-{year}-{serial}" for each in ([letters] if letters else prefixes)}
    return sorted(each for each in found if each)


def begins(column: Any, start: str) -> ColumnElement[bool]:
    """The column begins with `start`, letter for letter; an index on it is walked."""
    key = bytewise(column)
    return and_(key >= start, key < start + LAST_CHAR)


def values(column: Any, *where: ColumnElement[bool]) -> Select[str]:
    """The different values of a column, by jumps along an index that begins with it (or with what `where` fixes):
    one look for each value, however many rows there are."""
    walk = select(func.min(column).label("value")).where(*where).cte(recursive=True)
    following = select(func.min(column)).where(column > walk.c.value, *where).scalar_subquery()
    walk = walk.union_all(select(following).where(walk.c.value.is_not(None)))
    return select(walk.c.value).where(walk.c.value.is_not(None))


@dataclass(frozen=True)
class Found:
    """What a search found: ids by what they are of. `cut`: there were more than MOST of one kind."""

    ids: Mapping[str, Sequence[int]] = field(default_factory=dict)
    cut: bool = False

    def conditions(self, columns: Mapping[str, Any]) -> list[ColumnElement[bool]]:
        """One condition for each kind that anything was found of; none: nothing matches."""
        return [columns[kind].in_(ids) for kind, ids in self.ids.items() if ids]


def find(db: Session, ways: Mapping[str, Sequence[Select[int]]]) -> Found:
    """The ids that the selects of each kind give, at most MOST of each select, in one statement."""
    asked = [(kind, way.limit(MOST + 1).subquery()) for kind, all_ways in ways.items() for way in all_ways]
    if not asked:
        return Found()
    told = [
        select(literal(number).label("way"), next(iter(way.c)).label("id"))
        for number, (_kind, way) in enumerate(asked)
    ]
    by_way: dict[int, list[int]] = {}
    for number, row_id in db.execute(union_all(*told)):
        by_way.setdefault(number, []).append(row_id)
    ids: dict[str, dict[int, None]] = {kind: {} for kind in ways}
    for number, (kind, _way) in enumerate(asked):
        ids[kind].update(dict.fromkeys(by_way.get(number, [])[:MOST]))
    return Found(
        {kind: list(found) for kind, found in ids.items()}, any(len(found) > MOST for found in by_way.values())
    )


def note_cut(found: Found | None, typed: str, notes: list[str]) -> None:
    """Tell when the search was too wide to be searched whole."""
    if found and found.cut:
        notes.append(
            _("More than %(count)s things match “%(typed)s”; the list holds the first of them only. Type more.",
              count=MOST, typed=typed)
        )  # fmt: skip
