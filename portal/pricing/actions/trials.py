"""Keep how far the trial of a draft is. A draft that was changed meanwhile has another `rev`, and none of this
finds it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate, Update

from portal.kit.db import Json
from portal.pricing.models import PriceVersion, TrialState, VersionState

LEASE: Final = timedelta(minutes=2)


def claim(db: Session, version_id: int, at: datetime) -> int | None:
    """Take a trial for one worker: the draft's rev, or None when another was faster."""
    free = or_(PriceVersion.trial_state == TrialState.WAITING, PriceVersion.trial_until <= at)
    taken = (
        update(PriceVersion)
        .where(
            PriceVersion.id == version_id, PriceVersion.state == VersionState.DRAFT, free,
            PriceVersion.trial_state.in_((TrialState.WAITING, TrialState.RUNNING)),
        )
        .values(trial_state=TrialState.RUNNING, trial_until=at + LEASE, trial_done=0)
        .returning(PriceVersion.rev)
    )  # fmt: skip
    return db.execute(taken).scalar()


def note_progress(db: Session, version_id: int, rev: int, at: datetime, done: int, whole: int) -> bool:
    """Write how many contracts were tried and hold on to the trial; False when it is ours no longer."""
    values = {"trial_until": at + LEASE, "trial_done": done, "trial_all": whole}
    return _changed(db, _running(version_id, rev).values(**values))


def finish(db: Session, version_id: int, rev: int, sums: Json) -> None:
    """The trial is over, and this came of it."""
    ended = {"trial_state": TrialState.DONE, "trial_until": None, "trial_sums": sums}
    _changed(db, _running(version_id, rev).values(**ended))


def let_go(db: Session, version_id: int, rev: int) -> None:
    """The worker ends before the trial does: whoever comes next begins it anew."""
    _changed(db, _running(version_id, rev).values(trial_state=TrialState.WAITING, trial_until=None))


def _running(version_id: int, rev: int) -> Update:
    return update(PriceVersion).where(
        PriceVersion.id == version_id, PriceVersion.rev == rev, PriceVersion.trial_state == TrialState.RUNNING
    )


def _changed(db: Session, wanted: Update) -> bool:
    told: ReturningUpdate[tuple[int]] = wanted.returning(PriceVersion.id)
    return db.execute(told).scalar() is not None
