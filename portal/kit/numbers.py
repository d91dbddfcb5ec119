"""Number series without gaps: the number is taken in the transaction that uses it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kit.db import Base


class NumberSeries(Base):
    """The last number given in each series."""

    __tablename__ = "number_series"

    name: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


def last(db: Session, series: str) -> int:
    """The last number given in `series`; 0 for none."""
    return db.scalar(select(NumberSeries.last).where(NumberSeries.name == series)) or 0


def take(db: Session, series: str) -> int:
    """The next number of `series`, from 1, without gaps: if the caller's transaction rolls back, the number
    goes back too. Others who want one wait until then."""
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    first = insert(NumberSeries).values(name=series, last=1)
    next_one = first.on_conflict_do_update(index_elements=["name"], set_={"last": NumberSeries.last + 1})
    return db.scalars(next_one.returning(NumberSeries.last)).one()
