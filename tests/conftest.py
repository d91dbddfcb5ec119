"""Fixtures every test can ask for: an app on each database, emptied after each test, at a fixed instant."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import Session

from migrations import steps
from migrations.tables import METADATA
from portal.app import create_app
from portal.kit.db import database, transaction
from portal.kit.settings import Settings
from tests import leaks, ran, servers
from tests.web import Browser

# A Sunday afternoon in Shanghai, the day of the reference pages.
NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
SQLITE, POSTGRES = "sqlite", "postgres"
# Nobody cuts the power here: what waits for no disk is quicker by a tenth, where there is the memory for it.
MEMORY = Path("/dev/shm")
IN_MEMORY = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2_000_000_000
# Each process's own, so that no test writes into the folder of a portal that runs from this checkout.
DATA_DIR = Path(tempfile.mkdtemp(prefix="portal-test-", dir=MEMORY if IN_MEMORY else None))
atexit.register(shutil.rmtree, DATA_DIR, True)
POSTGRES_DIALECT = "postgresql"
HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", default="sqlite,postgres", help="databases to run on: sqlite, postgres or both")
    parser.addoption(
        "--part", choices=("covered", "rest"), help="the part whose coverage is measured, or the rest"
    )


def pytest_configure(config: pytest.Config) -> None:
    leaks.start(config)


PASSED: set[str] = set()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.passed:
        PASSED.add(ran.bare(report.nodeid))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    leaks.finish(session)
    ran.note(session, PASSED)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Coverage doubles what a test costs: it is measured once, on SQLite, and not where every page is walked or
    much is done."""
    part = config.getoption("--part")
    if part is None:
        return
    config.hook.pytest_deselected(items=[item for item in items if _is_covered(item) is not (part == "covered")])
    items[:] = [item for item in items if _is_covered(item) is (part == "covered")]


def _is_covered(item: pytest.Item) -> bool:
    walks = item.path.is_relative_to(HERE / "portal" / "access") or item.path.name == "test_junk.py"
    browser = item.get_closest_marker("browser") is not None
    backend = getattr(item, "callspec", None) and item.callspec.params.get("backend")  # type: ignore[attr-defined]
    slow = item.get_closest_marker("slow") is not None
    return not walks and not browser and not slow and backend != POSTGRES


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" not in metafunc.fixturenames:
        return
    wanted = metafunc.config.getoption("--db").split(",")
    if set(wanted) - {SQLITE, POSTGRES}:
        raise pytest.UsageError("--db takes sqlite, postgres, or both with a comma")
    if any(metafunc.definition.get_closest_marker(name) for name in ("browser", "pages_alone")):
        wanted = wanted[:1]  # pages look the same on both; the journeys without a browser run on both
    metafunc.parametrize("backend", wanted, scope="session")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Address of a PostgreSQL server."""
    with servers.postgres() as address:
        yield address


@pytest.fixture(scope="session")
def database_url(backend: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated, empty database of this worker's own."""
    if backend == SQLITE:
        url = f"sqlite:///{DATA_DIR / 'shared.db'}"
        _migrate(url)
        yield url
        return
    server = make_url(request.getfixturevalue("postgres_server")).set(drivername="postgresql+psycopg")
    name = f"portal_test_{os.getpid()}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
        # Nobody cuts the power here, and waiting for the disk is a third of the tests' time.
        connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
    url = server.set(database=name).render_as_string(hide_password=False)
    _migrate(url)
    yield url
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    admin.dispose()


def _migrate(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        steps.upgrade(connection)
    engine.dispose()


def make_settings(**changes: Any) -> Settings:
    """Settings for a test; changes by the environment's names."""
    given = {
        "PORTAL_SECRET_KEY": "t" * 40,
        "PORTAL_MODE": "test",
        "PORTAL_DATA_DIR": DATA_DIR,
        "PORTAL_BASE_URL": "http://localhost",
        "PORTAL_SELLER_NAME": "Tidewell",
        "PORTAL_SELLER_ADDRESS": "1 Harbour Road, Shanghai",
        "PORTAL_SELLER_TAX_ID": "91110000600037341L",
        "PORTAL_SELLER_ZONE": "Asia/Shanghai",
        "PORTAL_BOOKS_CURRENCY": "CNY",
        "PORTAL_SUPPORT_EMAIL": "support@portal.example",
        "STRIPE_API_KEY": "sk_test_portal",
        "STRIPE_WEBHOOK_SECRET": "whsec_test",
    }
    return Settings.model_validate(given | changes)


@pytest.fixture(scope="session")
def shared_app(database_url: str) -> Iterator[Flask]:
    """One app for each database and worker; building it takes longer than most tests."""
    app = create_app(make_settings(PORTAL_DATABASE_URL=database_url))
    app.test_client_class = Browser
    yield app
    with app.app_context():
        database.engine.dispose()


@contextmanager
def emptied(app: Flask) -> Iterator[None]:
    """Empty every table afterwards."""
    try:
        yield
    finally:
        with app.app_context(), transaction() as db:
            empty(db)


def empty(db: Session) -> None:
    """All tables at once on PostgreSQL, where each statement is a way there and back."""
    deletes = [str(table.delete()) for metadata in METADATA for table in reversed(metadata.sorted_tables)]
    at_once = db.get_bind().dialect.name == POSTGRES_DIALECT
    for sql in ["; ".join(deletes)] if at_once else deletes:
        db.connection().exec_driver_sql(sql)


@pytest.fixture
def app(shared_app: Flask) -> Iterator[Flask]:
    """The app inside an application context, on an empty database, with the clock standing at NOW."""
    with time_machine.travel(NOW, tick=False), emptied(shared_app), shared_app.app_context():
        yield shared_app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def statements(app: Flask) -> Iterator[Callable[[], list[str]]]:
    """Counts SQL: a function that returns the statements since the last call."""
    from sqlalchemy import event  # noqa: PLC0415

    seen: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)

    def taken() -> list[str]:
        copy = list(seen)
        seen.clear()
        return copy

    yield taken
    event.remove(database.engine, "before_cursor_execute", note)
