"""Keep how far the trial of a draft is. A draft that was changed meanwhile has another `rev`, a trial that
somebody else took over has another claim, and none of this finds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import or_, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate, Update

from portal.kit import numbers
from portal.kit.db import Json
from portal.pricing.actions.periods import BOOK_VERSION
from portal.pricing.models import PriceVersion, TrialState, VersionState

LEASE: Final = timedelta(minutes=2)


@dataclass(frozen=True)
class Claim:
    """A trial that is one worker's: of which version, in which state of the draft, by which claim."""

    version_id: int
    rev: int
    number: int


def claim(db: Session, version_id: int, on: date, at: datetime) -> Claim | None:
    """Take a trial for one worker, on the day `on` and with the book as it is; None when another was faster."""
    free = or_(PriceVersion.trial_state == TrialState.WAITING, PriceVersion.trial_until <= at)
    taken = (
        update(PriceVersion)
        .where(
            PriceVersion.id == version_id, PriceVersion.state == VersionState.DRAFT, free,
            PriceVersion.trial_state.in_((TrialState.WAITING, TrialState.RUNNING)),
        )
        .values(
            trial_state=TrialState.RUNNING, trial_until=at + LEASE, trial_done=0, trial_on=on,
            trial_book=numbers.last(db, BOOK_VERSION), trial_claim=PriceVersion.trial_claim + 1,
        )
        .returning(PriceVersion.rev, PriceVersion.trial_claim)
    )  # fmt: skip
    found = db.execute(taken).one_or_none()
    return Claim(version_id, found.rev, found.trial_claim) if found else None


def note_progress(db: Session, mine: Claim, at: datetime, done: int, whole: int) -> bool:
    """Write how many contracts were tried and hold on to the trial; False when it is ours no longer."""
    values = {"trial_until": at + LEASE, "trial_done": done, "trial_all": whole}
    return _changed(db, _running(mine).values(**values))


def finish(db: Session, mine: Claim, sums: Json) -> None:
    """The trial is over, and this came of it."""
    ended = {"trial_state": TrialState.DONE, "trial_until": None, "trial_sums": sums}
    _changed(db, _running(mine).values(**ended))


def let_go(db: Session, mine: Claim) -> None:
    """The worker ends before the trial does: whoever comes next begins it anew."""
    _changed(db, _running(mine).values(trial_state=TrialState.WAITING, trial_until=None))


def _running(mine: Claim) -> Update:
    return update(PriceVersion).where(
        PriceVersion.id == mine.version_id, PriceVersion.rev == mine.rev,
        PriceVersion.trial_claim == mine.number, PriceVersion.trial_state == TrialState.RUNNING,
    )  # fmt: skip


def _changed(db: Session, wanted: Update) -> bool:
    told: ReturningUpdate[tuple[int]] = wanted.returning(PriceVersion.id)
    return db.execute(told).scalar() is not None
