"""Many new rows at once: by COPY on PostgreSQL, by one prepared statement on SQLite, with ids known beforehand.

For new rows alone: nothing is looked up, no object is made, and a row that breaks a constraint breaks the whole
transaction, whose caller looks again and tries anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import ARRAY, JSON, ColumnElement, Dialect, Table, any_, func, literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.kit.db import Base

Row: TypeAlias = Sequence[Any]


def next_ids(db: Session, model: type[Base], count: int) -> Sequence[int]:
    """`count` ids for new rows of `model`, ascending. On SQLite hold the write lock, as `transaction()` does."""
    table = table_of(model)
    if db.get_bind().dialect.name == "sqlite":
        first = (db.scalar(select(func.max(table.c.id))) or 0) + 1
        return range(first, first + count)
    sequence = func.pg_get_serial_sequence(table.name, "id")
    series = func.generate_series(1, count)
    return list(db.scalars(select(func.nextval(sequence)).select_from(series)))


def insert(db: Session, model: type[Base], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Write `rows`, whose values stand in the order of `columns`, in the caller's transaction. Raises
    IntegrityError when one of them cannot be."""
    if not rows:
        return
    table = table_of(model)
    connection = db.connection()
    given = _bound(table, columns, rows, connection.dialect)
    names = ", ".join(f'"{name}"' for name in columns)
    if connection.dialect.name == "sqlite":
        places = ", ".join("?" * len(columns))
        command = f'INSERT INTO "{table.name}" ({names}) VALUES ({places})'  # noqa: S608 - our own names  # nosec B608
        connection.exec_driver_sql(command, [tuple(row) for row in given])
        return
    command = f'COPY "{table.name}" ({names}) FROM STDIN'
    raw: Any = connection.connection.driver_connection
    try:
        with raw.cursor() as cursor, cursor.copy(command) as copy:
            for row in given:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.IntegrityError as error:  # as everything else tells it
        raise IntegrityError(command, None, error) from None


def among(db: Session, column: Any, values: Collection[str] | Collection[int]) -> ColumnElement[bool]:
    """`column` holds one of many values. As one parameter: a thousand take longer to spell than to find."""
    if db.get_bind().dialect.name == "sqlite":
        each = func.json_each(json.dumps(list(values))).table_valued("value")
        return column.in_(select(each.c.value))  # type: ignore[no-any-return]
    return column == any_(literal(list(values), ARRAY(column.type)))  # type: ignore[no-any-return]


def table_of(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _bound(table: Table, columns: Sequence[str], rows: Iterable[Row], dialect: Dialect) -> Iterable[Row]:
    """The values as the driver takes them. What stands in many rows (an instant, a day, a word) is turned once."""
    turns = []
    for place, name in enumerate(columns):
        if turn := _processor(table, name, dialect):
            once = lru_cache(maxsize=1_000)(turn)
            turns.append((place, turn if isinstance(table.c[name].type, JSON) else once))
    if not turns:
        yield from rows
        return
    for row in rows:
        made = list(row)
        for place, turn in turns:
            made[place] = turn(made[place])
        yield made


def _processor(table: Table, name: str, dialect: Dialect) -> Callable[[Any], Any] | None:
    kind = table.c[name].type.dialect_impl(dialect)
    turn: Callable[[Any], Any] | None = kind.bind_processor(dialect)
    return turn
