"""What this database is: whether it ever ran in production, and since when it runs at all."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kit.db import Base
from portal.kit.settings import Mode, SettingsError


class Installation(Base):
    """The one row about this database."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    production_since: Mapped[datetime | None]
    # Demo data counts its dates from here; without the second one it was interrupted.
    demo_began_at: Mapped[datetime | None]
    demo_done_at: Mapped[datetime | None]


def enter(db: Session, mode: Mode, at: datetime) -> Installation:
    """Note that the portal starts on this database in `mode`. Raises SettingsError when demo would play with a
    database that was ever run in production."""
    row = db.get(Installation, 1)
    if row is None:
        row = Installation(id=1, started_at=at, production_since=None, demo_began_at=None, demo_done_at=None)
        db.add(row)
    if mode is Mode.PRODUCTION:
        row.production_since = row.production_since or at
    elif row.production_since is not None:
        raise SettingsError(
            ["PORTAL_DATABASE_URL: this database was run in production; demo mode leaves it alone."]
        )
    return row
