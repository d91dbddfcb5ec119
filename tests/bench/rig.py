"""What every measurement needs: a fresh database of either kind, an app on it, a clock, and memory used.

A measurement is a script, never a test: `python -m tests.bench.<name> [--db sqlite|postgres]`. It prints a table
in Markdown, ready for docs/performance.md. Compare within one run only: the machine's mood changes between runs.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from flask import Flask
from sqlalchemy import create_engine, make_url, text

from migrations import steps
from portal.app import create_app
from portal.kit.db import database
from tests.conftest import POSTGRES, SQLITE, make_settings

Done = TypeVar("Done")
SERVER = "postgresql://postgres@127.0.0.1:5432/postgres"


def backends() -> list[str]:
    """The databases that the command line asks for; both without a word."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--db", choices=[SQLITE, POSTGRES])
    asked: str | None = parser.parse_known_args()[0].db
    return [asked] if asked else [SQLITE, POSTGRES]


@contextmanager
def empty_database(backend: str) -> Iterator[str]:
    """Address of a migrated, empty database that is gone afterwards. PostgreSQL's server: TEST_POSTGRES_URL."""
    if backend == SQLITE:
        with tempfile.TemporaryDirectory(prefix="bench") as folder:
            yield _migrated(f"sqlite:///{Path(folder) / 'portal.db'}")
        return
    server = make_url(os.environ.get("TEST_POSTGRES_URL", SERVER)).set(drivername="postgresql+psycopg")
    name = f"portal_bench_{os.getpid()}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        yield _migrated(server.set(database=name).render_as_string(hide_password=False))
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        admin.dispose()


def _migrated(url: str) -> str:
    engine = create_engine(url)
    with engine.begin() as connection:
        steps.upgrade(connection)
    engine.dispose()
    return url


@contextmanager
def portal_on(backend: str) -> Iterator[Flask]:
    """The app, in its context, on an empty database of this kind."""
    with empty_database(backend) as url:
        app = create_app(make_settings(PORTAL_DATABASE_URL=url))
        gc.collect()
        gc.freeze()  # as wsgi.py does
        with app.app_context():
            yield app
            database.engine.dispose()


def timed(work: Callable[[], Done]) -> tuple[float, Done]:
    """Seconds that `work` took, and what it gave."""
    start = time.perf_counter()
    done = work()
    return time.perf_counter() - start, done


@contextmanager
def memory_grown() -> Iterator[Callable[[], float]]:
    """By how many MB the process grew at most since the block began, however large it was before."""
    page = resource.getpagesize() / 1024**2

    def now() -> float:
        return int(Path("/proc/self/statm").read_text().split()[1]) * page

    gc.collect()
    first = most = now()
    over = threading.Event()

    def watch() -> None:
        nonlocal most
        while not over.wait(0.05):
            most = max(most, now())

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield lambda: most - first
    finally:
        over.set()
        watcher.join()


def peak_mb() -> float:
    """Most memory that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
