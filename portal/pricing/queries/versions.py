"""Find versions of the price book."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.kit import listing
from portal.pricing.models import PriceVersion, VersionRow


def versions(db: Session, cursor: listing.Cursor | None, limit: int) -> Sequence[PriceVersion]:
    """Versions beyond the cursor with their prices, newest first, in two statements."""
    wanted = select(PriceVersion).options(selectinload(PriceVersion.rows))
    return db.scalars(listing.beyond(wanted, PriceVersion.created_at, PriceVersion.id, cursor, limit)).all()


def version(db: Session, version_id: int, lock: bool = False) -> PriceVersion | None:
    """The version with its prices, their products and contracts; with `lock` nobody else changes it until the
    caller's transaction ends."""
    rows = selectinload(PriceVersion.rows)
    wanted = (
        select(PriceVersion)
        .where(PriceVersion.id == version_id)
        .options(rows.joinedload(VersionRow.product), rows.joinedload(VersionRow.contract))
    )
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return db.scalar(wanted)
