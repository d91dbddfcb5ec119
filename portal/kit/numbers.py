"""Number series without gaps: the number is taken in the transaction that uses it."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kit.db import Base


class NumberSeries(Base):
    """The last number given in each series."""

    __tablename__ = "number_series"

    name: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


def take(db: Session, series: str) -> int:
    """The next number of `series`, from 1, without gaps: if the caller's transaction rolls back, the number
    goes back too. Others who want one wait until then."""
    row = db.execute(
        update(NumberSeries)
        .where(NumberSeries.name == series)
        .values(last=NumberSeries.last + 1)
        .returning(NumberSeries.last)
    ).scalar()
    if row is not None:
        return row
    # The first of a series. Two first takers at once: the key refuses one, and its caller tries again.
    db.add(NumberSeries(name=series, last=1))
    db.flush()
    return 1
