"""What is locked stays locked: a second writer waits for the first, whichever database keeps the rows.

Versions on the rows would catch most races that a missing lock lets in, so only a look at the lock itself shows
that it is there.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from payments.charges import queries as attempts
from portal.contracts import queries as contracts
from portal.kit.db import database, transaction
from portal.orders import actions as placing
from portal.orders import queries as orders
from portal.pricing.models import Quote
from tests.conftest import NOW
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import Renewal, attempts_of, open_page, renewal

Lock = Callable[[Session, Renewal], object]
LOCKS: dict[str, Lock] = {
    "order": lambda db, made: orders.lock(db, made.number),
    "contract": lambda db, made: contracts.lock(db, made.contract_id),
    # Placing holds the contract, so that nobody corrects its term between the look and the order.
    "place": lambda db, made: placing.place(
        db, db.get_one(Quote, made.quote_id), made.payer, "a@aurora.example", None, "2026-03", NOW
    ),
    "attempt": lambda db, made: attempts.lock(db, attempts_of(made.number)[-1].id),
}


def must_wait(app: Flask, lock: Lock, made: Renewal) -> bool:
    """Does another connection, that does not wait long, fail to take the lock?"""
    refused: list[bool] = []

    def try_it() -> None:
        with app.app_context():
            try:
                _hurried(lock, made)
            except (OperationalError, sqlite3.OperationalError):
                refused.append(True)

    thread = threading.Thread(target=try_it)
    thread.start()
    thread.join(20)
    return bool(refused)


def _hurried(lock: Lock, made: Renewal) -> None:
    if database.engine.dialect.name == "sqlite":  # one writer at a time: not even the transaction begins
        raw = sqlite3.connect(str(database.engine.url.database), timeout=0.1, isolation_level=None)
        try:
            raw.execute("BEGIN IMMEDIATE")
            raw.execute("ROLLBACK")
        finally:
            raw.close()
        return
    with transaction() as db:
        db.execute(text("SET LOCAL lock_timeout = '200ms'"))
        lock(db, made)


@pytest.mark.parametrize("name", LOCKS)
def test_a_second_writer_waits(app: Flask, gateway: FakeGateway, name: str) -> None:
    made = renewal()
    open_page(made)
    assert not must_wait(app, LOCKS[name], made)
    with transaction() as db:
        LOCKS[name](db, made)
        assert must_wait(app, LOCKS[name], made)
