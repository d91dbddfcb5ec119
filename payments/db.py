"""The tables' common ground: base class, UTC timestamps that refuse naive values, enum columns, moves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Enum, Integer, MetaData
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from payments.errors import IllegalMove

# Every constraint has a name, so that Alembic can change it on SQLite and PostgreSQL alike.
NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite numbers rows by itself only for INTEGER keys.
BigId = BigInteger().with_variant(Integer, "sqlite")

Json = dict[str, Any]


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, kept in UTC. Raises ValueError for a naive datetime."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime must not be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def choice(kind: type[StrEnum], name: str) -> Enum:
    """A text column that holds a member of `kind`, with a check constraint called `name`."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


State = TypeVar("State", bound=StrEnum)


def move(moves: Mapping[State, frozenset[State]], now: State, to: State) -> State:
    """`to`, if `moves` allows the step from `now`; raises IllegalMove otherwise."""
    if to not in moves[now]:
        raise IllegalMove(now=now.value, to=to.value)
    return to


class Base(DeclarativeBase):
    """Base of payments' own tables; they have no foreign key into the portal."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime(), Json: JSON, dict[str, str]: JSON, list[Json]: JSON}
