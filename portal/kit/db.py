"""Database: engine, the request's reading session, and `transaction()`, the only way to write."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from flask import Flask, current_app, g
from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import JSON

from payments import crashpoints
from payments.db import NAMING, BigId, Json, UtcDateTime, choice, move

__all__ = ["Base", "BigId", "Json", "UtcDateTime", "choice", "database", "move", "reading", "transaction"]

BUSY_TIMEOUT_MS = 10_000

_open: ContextVar[bool] = ContextVar("transaction_open", default=False)


class Base(DeclarativeBase):
    """Base of the portal's tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        datetime: UtcDateTime(),
        Json: JSON,
        dict[str, str]: JSON,
        list[Json]: JSON,
        list[str]: JSON,
    }


def init_app(app: Flask, url: str) -> None:
    """Give `app` its engine. Reads begin plainly; `transaction()` begins IMMEDIATE on SQLite."""
    engine = create_engine(url, **engine_options(url))
    prepare(engine)
    app.extensions["engine"] = engine
    app.teardown_appcontext(_close)


class _Database:
    """The current application's engine and the current request's reading session."""

    @property
    def engine(self) -> Engine:
        engine: Engine = current_app.extensions["engine"]
        return engine

    @property
    def session(self) -> Session:
        if "session" not in g:
            g.session = Session(self.engine)
        session: Session = g.session
        return session


database = _Database()


def _close(_error: BaseException | None) -> None:
    session: Session | None = g.pop("session", None)
    if session is not None:
        session.close()


def engine_options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"pool_size": 20, "max_overflow": 20}
    return {"pool_size": 10, "max_overflow": 20, "pool_pre_ping": True, "connect_args": {"connect_timeout": 5}}


def prepare(engine: Engine) -> None:
    """Set up SQLite's connections: WAL, foreign keys, busy timeout, and who begins how."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def configure(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None  # we send BEGIN ourselves
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "wal_autocheckpoint=4000",  # 16 MB: each look back into the database file is a wait for the disk
            "synchronous=FULL",  # what we answered 200 to, or mailed, must survive a power cut
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        # A plain BEGIN that turns into a write fails at once with "locked" when somebody else wrote meanwhile.
        if not writes:
            connection.exec_driver_sql("BEGIN")
            return
        _queue.append(None)
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        finally:
            _queue.pop()


# One entry for each thread of this process that waits for SQLite's write lock.
_queue: list[None] = []


def give_way(seconds: float) -> None:
    """Let those of this process write who wait for SQLite's lock, for `seconds` at most. They look for it with
    pauses between, so work that takes it piece after piece would hardly ever let them find it."""
    until = time.monotonic() + seconds
    while _queue and time.monotonic() < until:
        time.sleep(0.002)


@contextmanager
def transaction() -> Iterator[Session]:
    """One unit of work: commits at the end, rolls back on any exception. Must not be nested.

    Only views, desk, api, flows, jobs and cli open one; everything below receives the session.
    """
    if _open.get():
        raise RuntimeError("a transaction is already open; pass its session down instead")
    where = f"{crashpoints.here(2)}:transaction" if crashpoints.armed() else ""
    crashpoints.reach(f"{where}:before")
    mark = _open.set(True)
    session = Session(database.engine.execution_options(writes=True), expire_on_commit=False)
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        after = session.info.pop("after", [])
        session.close()
        _open.reset(mark)
    crashpoints.reach(f"{where}:after")
    for call in after:
        call()


def after_commit(db: Session, call: Callable[[], None]) -> None:
    """Run `call` once `db` has committed; never if it rolls back. For wake-ups only, never for truth."""
    db.info.setdefault("after", []).append(call)


def in_transaction() -> bool:
    """True inside `transaction()`: gateways refuse to work then."""
    return _open.get()


@contextmanager
def reading() -> Iterator[Session]:
    """A short reading session of its own, for jobs and flows; requests use `reader()`."""
    session = Session(database.engine, expire_on_commit=False)
    try:
        yield session
    finally:
        session.close()


def reader() -> Session:
    """The request's reading session, closed when the request ends."""
    return database.session
