"""Background work: pollers that run all the time, schedules that run now and then, and the threads that do both.

Embedded, the web process runs one Worker; at scale `flask jobs work` runs it in processes of its own. A
schedule's row is claimed by whoever comes first, so each run happens once however many workers there are.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from flask import Flask
from sqlalchemy import or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kit import clock, outbox
from portal.kit.db import Base, reading, transaction

IDLE_SECONDS = 1.0
# What a busy machine may need on top before a schedule counts as late.
GRACE = timedelta(minutes=10)

log = structlog.get_logger(__name__)


class ScheduleRow(Base):
    """When each schedule last began, and until when its run is somebody's."""

    __tablename__ = "schedules"

    name: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]


@dataclass(frozen=True)
class Schedule:
    name: str
    every: timedelta
    run: Callable[[], object]


class Timetable:
    """What the worker does. Filled once, by wiring."""

    def __init__(self) -> None:
        self.pollers: list[Callable[[], int]] = [outbox.run_due]
        self.schedules: list[Schedule] = []

    def poll(self, poller: Callable[[], int]) -> None:
        """Call `poller` about once a second, and again at once while it returns more than 0."""
        self.pollers.append(poller)

    def every(self, name: str, period: timedelta, run: Callable[[], object]) -> None:
        self.schedules.append(Schedule(name, period, run))

    def clear(self) -> None:
        self.pollers[:] = [outbox.run_due]
        self.schedules.clear()


timetable = Timetable()
_lane = threading.local()


def asked_to_stop() -> bool:
    """Should the worker that runs this end? Long work looks here now and then, and leaves the rest to the next."""
    stop: threading.Event | None = getattr(_lane, "stop", None)
    return stop is not None and stop.is_set()


def run_schedules() -> int:
    """Run the schedules that are due; returns how many."""
    return sum(_run_schedule(schedule) for schedule in timetable.schedules)


def run_due() -> int:
    """Do all that is due now, schedules first; returns how many pieces of work were done."""
    done = run_schedules()
    while more := sum(poller() for poller in timetable.pollers):
        done += more
    return done


def late(db: Session, at: datetime) -> list[str]:
    """Names of the schedules that have not begun for far longer than their time: the worker stands still, or one
    run hangs. A schedule that never began is late once another one has run for that long."""
    begun = {row.name: row.started_at for row in db.scalars(select(ScheduleRow)) if row.started_at}
    if not begun:
        return []
    first = min(begun.values())
    return sorted(
        schedule.name
        for schedule in timetable.schedules
        if begun.get(schedule.name, first) < at - 3 * schedule.every - GRACE
    )


def _run_schedule(schedule: Schedule) -> int:
    at = clock.now()
    if not _claim(schedule, at):
        return 0
    try:
        schedule.run()
    except Exception:
        log.exception("schedule.failed", schedule=schedule.name)
    finally:
        with transaction() as db:
            db.execute(update(ScheduleRow).where(ScheduleRow.name == schedule.name).values(lease_until=None))
    return 1


def _claim(schedule: Schedule, at: datetime) -> bool:
    with reading() as db:
        row = db.get(ScheduleRow, schedule.name)
    if row and row.started_at and row.started_at > at - schedule.every:
        return False
    with transaction() as db:
        insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
        db.execute(insert(ScheduleRow).values(name=schedule.name).on_conflict_do_nothing())
        taken = db.execute(
            update(ScheduleRow)
            .where(
                ScheduleRow.name == schedule.name,
                or_(ScheduleRow.started_at.is_(None), ScheduleRow.started_at <= at - schedule.every),
                or_(ScheduleRow.lease_until.is_(None), ScheduleRow.lease_until <= at),
            )
            .values(started_at=at, lease_until=at + max(schedule.every, timedelta(minutes=5)))
            .returning(ScheduleRow.name)
        )
        return taken.scalar() is not None


class Worker:
    """The background threads of one process: one for the schedules and one for each poller, so that a mail server
    that hangs cannot keep a payment waiting."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stop = threading.Event()
        lanes: list[Callable[[], int]] = [run_schedules, *timetable.pollers]
        self._threads = [
            threading.Thread(target=self._loop, args=(lane,), name=f"worker-{lane.__name__}", daemon=True)
            for lane in lanes
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def ask_to_stop(self) -> None:
        """Finish the piece of work at hand, then end."""
        self._stop.set()
        outbox.wake.set()

    def stop(self, seconds: float = 10) -> None:
        """Ask the threads to stop and wait for them."""
        self.ask_to_stop()
        for thread in self._threads:
            thread.join(seconds)

    def run_here(self) -> None:
        """Work until somebody calls `ask_to_stop`; for a worker process."""
        self.start()
        self._stop.wait()
        self.stop()

    def _loop(self, lane: Callable[[], int]) -> None:
        _lane.stop = self._stop
        while not self._stop.is_set():
            done = 0
            try:
                with self._app.app_context():
                    done = lane()
            except Exception:
                # A database that is away must not end the worker; it looks again in a second.
                log.exception("worker.failed", lane=lane.__name__)
            if not done:
                self._rest(lane)

    def _rest(self, lane: Callable[[], int]) -> None:
        if lane is not outbox.run_due:
            self._stop.wait(IDLE_SECONDS)
        elif outbox.wake.wait(IDLE_SECONDS):
            outbox.wake.clear()
