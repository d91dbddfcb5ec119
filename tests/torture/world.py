"""One small company in a database of its own: made once, copied for each run."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import time_machine
from flask import Flask
from sqlalchemy import QueuePool, create_engine

from migrations import steps as migrations
from payments.transfers import actions as transfers
from portal.accounts.models import CompanyRole, StaffRole
from portal.app import create_app
from portal.checkout.models import MoneyLimit
from portal.kit import clock
from portal.kit.db import prepare, transaction
from portal.orders import actions as orders
from portal.pricing import actions as pricing
from tests import factories
from tests.conftest import NOW, make_settings

CONTRACT: Final = "CT-2023-00001"
OTHER: Final = "CT-2023-00002"
CS, FINANCE, SECOND = "person:901", "person:902", "person:903"


class World:
    """The app on a template database, and copies of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template.db"
        self.path = self.template
        # One engine for all copies: what it compiled is worth more than a whole run, and stays with it in a fork.
        self.engine = create_engine("sqlite://", poolclass=QueuePool, creator=self._connect)
        prepare(self.engine)
        self.app: Flask = create_app(make_settings(PORTAL_DATABASE_URL=f"sqlite:///{self.template}"))

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, check_same_thread=False, timeout=10)

    def copy(self, name: str) -> Path:
        """A database of its own for one run."""
        path = self.folder / f"{name}.db"
        shutil.copyfile(self.template, path)
        return path

    def use(self, path: Path) -> None:
        """Let the app work on `path`: called in a process that has just been forked, which must not share a
        connection with its parent."""
        self.path = path
        self.app.extensions["engine"] = self.engine
        self.engine.dispose(close=False)

    def forget(self, path: Path) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)


@contextmanager
def world() -> Iterator[World]:
    """In memory where there is such a folder: what is proven is the order of writes, not the disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        made = World(Path(folder))
        with made.app.app_context(), time_machine.travel(NOW, tick=False):
            engine = made.app.extensions["engine"]
            with engine.begin() as connection:
                migrations.upgrade(connection)
            _people()
            with engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            engine.dispose()
        yield made


def _people() -> None:
    """Two contracts of one company, an order for the first, staff, and an account at
    a bank, and limits that let small sums go."""
    with transaction() as db:
        factories.book(db)
        company = factories.company(db)
        owner = factories.member(db, company, CompanyRole.OWNER)
        factories.staff(db, StaffRole.FINANCE)
        at = clock.now()
        for number in (CONTRACT, OTHER):
            lines = (("insight", 20, 100_000), ("backup", 5, 100_000))
            contract = factories.contract(db, company, number=number, lines=lines)
            quote = pricing.seal(db, contract, 12, None, f"person:{owner.id}", at)
            orders.place(db, quote, f"person:{owner.id}", owner.email, None, "2026-01", at)
        transfers.add_account(
            db, FINANCE, at, currency="CNY", holder="Tidewell", bank="Bank of Shanghai", number="6222 0000 1111",
            routing="BOSHCNSH", note="",
        )  # fmt: skip
        db.add(
            MoneyLimit(
                currency="CNY", refund_minor=50_000, transfer_minor=50_000, second_payment_minor=10**9,
                changed_by="person:900", changed_at=at,
            )
        )  # fmt: skip
