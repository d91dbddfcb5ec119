"""Find the imports that people started."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from portal.contracts.imports.models import ImportRun, RunState
from portal.kit import listing
from portal.kit.db import Json
from portal.kit.listing import Cursor, Page

PAGE_SIZE = 50
AT_WORK = (RunState.WAITING, RunState.RUNNING)


def page(db: Session, cursor: Cursor | None) -> Page[ImportRun] | None:
    """Imports, newest first; None when the first page shows as much."""

    def fetch(at: Cursor | None, limit: int) -> Sequence[ImportRun]:
        wanted = select(ImportRun).options(joinedload(ImportRun.by))
        return db.scalars(listing.beyond(wanted, ImportRun.created_at, ImportRun.id, at, limit)).all()

    return listing.page(fetch, lambda run: (run.created_at, run.id), cursor, PAGE_SIZE)


def by_id(db: Session, run_id: int) -> ImportRun | None:
    """The import with this id, as it is now."""
    return db.get(ImportRun, run_id, options=[joinedload(ImportRun.by)], populate_existing=True)


def lock(db: Session, run_id: int) -> ImportRun | None:
    """The import, held until the caller's transaction ends."""
    return db.scalar(select(ImportRun).where(ImportRun.id == run_id).with_for_update())


def kept_mapping(db: Session, signature: str) -> Json | None:
    """The mapping that was used last for a file with these headers."""
    used = select(ImportRun.mapping).where(ImportRun.signature == signature, ImportRun.mapping.is_not(None))
    return db.scalar(used.order_by(ImportRun.id.desc()).limit(1))


def due(db: Session, at: datetime) -> Sequence[ImportRun]:
    """Imports that wait for a worker, or whose worker is gone, the oldest first."""
    free = or_(ImportRun.lease_until.is_(None), ImportRun.lease_until <= at)
    return db.scalars(select(ImportRun).where(ImportRun.state.in_(AT_WORK), free).order_by(ImportRun.id)).all()


def older(db: Session, before: datetime) -> Sequence[ImportRun]:
    """Imports from before `before` that are over, or were never begun, and whose file is still here."""
    over = ImportRun.state.not_in(AT_WORK)
    return db.scalars(
        select(ImportRun).where(ImportRun.stored.is_not(None), ImportRun.created_at < before, over)
    ).all()


def stored_names(db: Session) -> set[str]:
    """The names of all files that an import still has."""
    return {name for name in db.scalars(select(ImportRun.stored).where(ImportRun.stored.is_not(None))) if name}
