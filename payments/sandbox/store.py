"""Where the sandbox remembers: one SQLite file, written by one transaction at a time."""

from __future__ import annotations

import json
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    created INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_of_kind ON objects (kind, seq);
CREATE TABLE IF NOT EXISTS tasks (
    id INTEGER PRIMARY KEY, due REAL NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS tasks_due ON tasks (due);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY, event TEXT NOT NULL, target TEXT NOT NULL, state TEXT NOT NULL,
    due REAL NOT NULL, first REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, due);
CREATE INDEX IF NOT EXISTS deliveries_of_event ON deliveries (event);
CREATE TABLE IF NOT EXISTS keys (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
    created REAL NOT NULL);
CREATE TABLE IF NOT EXISTS paid_out (txn TEXT PRIMARY KEY, payout TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS paid_out_of ON paid_out (payout);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
TABLES = ("objects", "tasks", "deliveries", "keys", "paid_out", "settings")


def state_file(given: Path) -> Path:
    """`given` itself when it names a database file, else a file inside that folder."""
    return given if given.suffix in {".db", ".sqlite", ".sqlite3"} else given / "stripe.db"


class Rows:
    """What one transaction may read and, if it is a writing one, change."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def find(self, kind: str, id_: str) -> Json | None:
        row = self.db.execute("SELECT body FROM objects WHERE id = ? AND kind = ?", (id_, kind)).fetchone()
        return json.loads(row[0]) if row else None

    def any(self, id_: str) -> Json | None:
        """The object with that id, whatever its kind."""
        row = self.db.execute("SELECT body FROM objects WHERE id = ?", (id_,)).fetchone()
        return json.loads(row[0]) if row else None

    def select(self, kind: str, where: str = "1", args: Sequence[object] = (), tail: str = "") -> list[Json]:
        """The objects of `kind` that fit; `where` and `tail` come from our own code, never from a caller."""
        sql = f"SELECT body FROM objects WHERE kind = ? AND {where} {tail}"  # noqa: S608  # nosec B608
        return [json.loads(row[0]) for row in self.db.execute(sql, (kind, *args))]

    def position(self, kind: str, id_: str) -> int | None:
        """The place of an object in the order of creation."""
        row = self.db.execute("SELECT seq FROM objects WHERE id = ? AND kind = ?", (id_, kind)).fetchone()
        return row[0] if row else None

    def add(self, body: Json, kind: str = "") -> Json:
        self.db.execute(
            "INSERT INTO objects (id, kind, created, body) VALUES (?, ?, ?, ?)",
            (body["id"], kind or body["object"], body.get("created", 0), json.dumps(body)),
        )
        return body

    def save(self, body: Json) -> Json:
        self.db.execute("UPDATE objects SET body = ? WHERE id = ?", (json.dumps(body), body["id"]))
        return body

    def remove(self, id_: str) -> None:
        self.db.execute("DELETE FROM objects WHERE id = ?", (id_,))

    def setting(self, name: str, default: Any = None) -> Any:
        row = self.db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else default

    def set(self, name: str, value: Any) -> None:
        self.db.execute(
            "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, json.dumps(value)),
        )

    def task(self, due: float, kind: str, subject: str) -> None:
        """Remember to do `kind` with the object `subject` at `due` of the sandbox's clock."""
        self.db.execute("INSERT INTO tasks (due, kind, subject) VALUES (?, ?, ?)", (due, kind, subject))

    def forget_everything(self) -> None:
        for table in TABLES:
            self.db.execute(f"DELETE FROM {table}")  # noqa: S608  # nosec B608


class Store:
    """The file. `reading()` and `writing()` hand out Rows; after each write `on_commit` is called."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.on_commit: Callable[[], None] = lambda: None
        # A queue of idle readers: a connection may serve any thread, but only one at a time.
        self._readers: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._writer = self._connect()
        self._writer.executescript(SCHEMA)

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=10)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        return db

    @contextmanager
    def reading(self) -> Iterator[Rows]:
        try:
            db = self._readers.get_nowait()
        except queue.Empty:
            db = self._connect()
        db.execute("BEGIN")
        try:
            yield Rows(db)
        finally:
            db.execute("ROLLBACK")
            self._readers.put(db)

    @contextmanager
    def writing(self) -> Iterator[Rows]:
        """One writer at a time; all or nothing."""
        with self._lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield Rows(self._writer)
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")
        self.on_commit()

    def close(self) -> None:
        with self._lock:
            self._writer.close()
        while not self._readers.empty():
            self._readers.get_nowait().close()
