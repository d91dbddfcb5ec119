"""The outbox: work that must happen after a transaction, written inside it, done once after it.

A row is claimed with a lease, its handler runs with no transaction open, and the row is marked done. A handler
that fails is tried again later; one that dies is tried again when its lease ends, so handlers must bear being
run twice. See docs/decisions/0002-outbox-is-the-queue.md.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import Index, UniqueConstraint, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kit import clock
from portal.kit.db import Base, BigId, Json, after_commit, choice, reading, transaction
from portal.kit.events import Event, Told, facts_of, switchboard

LEASE = timedelta(minutes=5)
# Waits before the second, third… try; after the last the row is dead, and the self-check names it.
WAITS = [timedelta(seconds=s) for s in (2, 10, 60, 300, 1800, 7200, 21600, 86400)]

log = structlog.get_logger(__name__)
wake = threading.Event()


class JobState(StrEnum):
    NEW = "new"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


class OutboxRow(Base):
    """One reaction to one fact."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("job", "subject", "occurrence"),
        Index("ix_outbox_due", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    job: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    occurrence: Mapped[str]
    facts: Mapped[Json]
    state: Mapped[JobState] = mapped_column(choice(JobState, "job_state"), default=JobState.NEW)
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


def tell(db: Session, event: Event, at: datetime) -> None:
    """Write one row for each reaction to `event`; the same fact told twice is written once."""
    for job in switchboard.reactions(event):
        later(db, job, event.subject, event.occurrence, facts_of(event), at)


def later(db: Session, job: str, subject: str, occurrence: str, facts: dict[str, Any], due: datetime) -> None:
    """Ask for `job` at `due`; a second row for the same (job, subject, occurrence) is not written."""
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    values = {"job": job, "subject": subject, "occurrence": occurrence, "facts": facts, "state": JobState.NEW,
              "due_at": due, "tries": 0, "created_at": due}  # fmt: skip
    db.execute(insert(OutboxRow).values(values).on_conflict_do_nothing())
    after_commit(db, wake.set)


def run_due(limit: int = 5) -> int:
    """Do up to `limit` due rows; returns how many were taken. Called by the worker and by tests."""
    ids = _claim(limit)
    for row_id in ids:
        _run(row_id)
    return len(ids)


def dead(db: Session, limit: int = 100) -> list[OutboxRow]:
    """Rows that nobody will try again, the oldest first."""
    wanted = select(OutboxRow).where(OutboxRow.state == JobState.DEAD).order_by(OutboxRow.id).limit(limit)
    return list(db.scalars(wanted))


def _claim(limit: int) -> list[int]:
    at = clock.now()
    due = or_(
        (OutboxRow.state == JobState.NEW) & (OutboxRow.due_at <= at),
        (OutboxRow.state == JobState.RUNNING) & (OutboxRow.lease_until <= at),
    )
    wanted = select(OutboxRow.id).where(due).order_by(OutboxRow.due_at, OutboxRow.id).limit(limit)
    with reading() as db:  # an idle worker must not take the write lock once a second
        if db.scalar(wanted.limit(1)) is None:
            return []
    with transaction() as db:
        ids = list(db.scalars(wanted.with_for_update(skip_locked=True)))
        db.execute(
            update(OutboxRow)
            .where(OutboxRow.id.in_(ids))
            .values(state=JobState.RUNNING, lease_until=at + LEASE, tries=OutboxRow.tries + 1)
        )
        return ids


def _run(row_id: int) -> None:
    with reading() as db:
        row = db.get_one(OutboxRow, row_id)
    handler = switchboard.handler(row.job)
    if row.tries > len(WAITS) + 1:  # it took its worker down with it, again and again
        _finish_failed(row, row.error or "the worker died each time")
        return
    try:
        if handler is None:
            raise LookupError(f"no handler is called {row.job}")
        handler(Told(row.subject, row.occurrence, row.facts))
    except Exception as error:
        log.warning("outbox.failed", job=row.job, subject=row.subject, tries=row.tries, error=type(error).__name__,
                    exc_info=True)  # fmt: skip
        _finish_failed(row, f"{type(error).__name__}: {error}"[:500])
    else:
        with transaction() as db:
            db.execute(
                update(OutboxRow)
                .where(OutboxRow.id == row_id)
                .values(state=JobState.DONE, done_at=clock.now(), lease_until=None, error=None)
            )


def _finish_failed(row: OutboxRow, error: str) -> None:
    at = clock.now()
    dead = row.tries > len(WAITS)
    wait = WAITS[min(row.tries, len(WAITS)) - 1]
    with transaction() as db:
        db.execute(
            update(OutboxRow)
            .where(OutboxRow.id == row.id)
            .values(state=JobState.DEAD if dead else JobState.NEW, due_at=at + wait, lease_until=None, error=error)
        )


def forget(db: Session, _person_id: int, email: str) -> None:
    """Drop the address of somebody who was erased from work that is done; work still to do finds nobody."""
    told = OutboxRow.facts["email"].as_string()
    db.execute(update(OutboxRow).where(told == email).values(facts={"email": ""}))


def forget_done(db: Session, jobs: Sequence[str], before: datetime, limit: int) -> int:
    """Delete up to `limit` rows of these jobs that were done before then; returns how many. Only for jobs whose
    subject is never used again."""
    old = select(OutboxRow.id).where(
        OutboxRow.job.in_(jobs), OutboxRow.state == JobState.DONE, OutboxRow.done_at < before
    )
    gone = delete(OutboxRow).where(OutboxRow.id.in_(old.limit(limit)))
    return len(db.execute(gone.returning(OutboxRow.id)).all())
