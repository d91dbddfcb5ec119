"""Many new rows at once: by COPY on PostgreSQL, by one prepared statement on SQLite, with ids known beforehand.

For new rows alone: nothing is looked up, no ORM object is made, and a row that breaks a constraint breaks the whole
transaction, whose caller looks again and tries anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Dialect, Table, func, select
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
        connection.exec_driver_sql(f'INSERT INTO "{table.name}" ({names}) VALUES ({places})', list(given))
        return
    command = f'COPY "{table.name}" ({names}) FROM STDIN'
    raw: Any = connection.connection.driver_connection
    try:
        with raw.cursor() as cursor, cursor.copy(command) as copy:
            for row in given:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.IntegrityError as error:  # as everything else tells it
        raise IntegrityError(command, None, error) from None


def table_of(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _bound(table: Table, columns: Sequence[str], rows: Iterable[Row], dialect: Dialect) -> Iterable[Row]:
    """The values as the driver takes them. What many rows share (an instant, a zone) is turned once."""
    turns = [(place, turn) for place, name in enumerate(columns) if (turn := _processor(table, name, dialect))]
    seen: list[tuple[Any, Any]] = [(_NOTHING, None)] * len(columns)
    for row in rows:
        made = list(row)
        for place, turn in turns:
            value = made[place]
            if value is not seen[place][0]:
                seen[place] = (value, turn(value))
            made[place] = seen[place][1]
        yield tuple(made)


_NOTHING = object()


def _processor(table: Table, name: str, dialect: Dialect) -> Callable[[Any], Any] | None:
    kind = table.c[name].type.dialect_impl(dialect)
    turn: Callable[[Any], Any] | None = kind.bind_processor(dialect)
    return turn
