"""The imports that people started at the desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.kit.db import Base, BigId, Json, choice


class RunState(StrEnum):
    """UPLOADED: the file is here, and somebody decides what to do. WAITING and RUNNING: for a worker, or at work.
    CHECKED: looked at, and nothing changed. DONE. STOPPED by somebody; what was kept stays. FAILED: the file as a
    whole cannot be used."""

    UPLOADED = "uploaded"
    WAITING = "waiting"
    RUNNING = "running"
    CHECKED = "checked"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


_AGAIN: Final = frozenset({RunState.UPLOADED, RunState.WAITING})
MOVES: Final[Mapping[RunState, frozenset[RunState]]] = {
    RunState.UPLOADED: frozenset({RunState.UPLOADED, RunState.WAITING}),
    RunState.WAITING: frozenset({RunState.RUNNING, RunState.STOPPED}),
    RunState.RUNNING: frozenset({RunState.CHECKED, RunState.DONE, RunState.STOPPED, RunState.FAILED}),
    RunState.CHECKED: _AGAIN,
    RunState.DONE: frozenset(),
    RunState.STOPPED: _AGAIN,
    RunState.FAILED: _AGAIN,
}


class ImportRun(Base):
    """One file that somebody gave us, and how far we are with it. The file itself lies in the data folder under
    `stored`, until it is removed and `stored` is null."""

    __tablename__ = "import_runs"
    __table_args__ = (
        Index("ix_import_runs_newest", "created_at", "id"),
        # Which mapping was used last for a file with these headers.
        Index("ix_import_runs_signature", "signature", "id"),
        Index("ix_import_runs_state", "state", "lease_until"),
        CheckConstraint("size > 0", name="has_size"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    state: Mapped[RunState] = mapped_column(choice(RunState, "import_state"))
    name: Mapped[str]  # as the person's computer calls it
    stored: Mapped[str | None]
    size: Mapped[int] = mapped_column(BigId)
    signature: Mapped[str]
    # Header to our column, "" for none; null until somebody looked at it.
    mapping: Mapped[Json | None]
    dry_run: Mapped[bool] = mapped_column(default=False)
    all_or_nothing: Mapped[bool] = mapped_column(default=False)

    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    # Whoever works on it writes this in; one that lost it to another finds so and leaves.
    token: Mapped[str | None]
    stop_asked: Mapped[bool] = mapped_column(default=False)

    # While the file is read only `rows` grows; `place` and `contracts` then tell how far the work is.
    rows: Mapped[int] = mapped_column(default=0)
    contracts: Mapped[int] = mapped_column(default=0)
    place: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    # How much of the journal of refusals beside the file belongs to what is committed.
    journal_bytes: Mapped[int] = mapped_column(BigId, default=0)
    # Headers that were left out; and why the file as a whole cannot be used: code and facts.
    ignored: Mapped[Json | None]
    problem: Mapped[Json | None]

    by: Mapped[Person] = relationship()
