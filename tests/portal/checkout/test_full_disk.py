"""R16: whatever a full disk refuses is not written at all, and the next try does it."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import time_machine
from sqlalchemy.exc import OperationalError

from migrations import steps
from payments.ledger.models import LedgerLine
from portal.app import create_app
from portal.checkout import flows
from portal.kit.db import database, reading
from portal.orders.models import OrderState
from tests.conftest import NOW, make_settings
from tests.portal.checkout.support import broken, open_page, order_of, renewal, use


@contextmanager
def full(path: Path) -> Iterator[None]:
    """No file of this process may become larger than the database's journal is now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = Path(f"{path}-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_r16_a_full_disk_leaves_nothing_half_done(tmp_path: Path) -> None:
    path = tmp_path / "portal.db"
    app = create_app(make_settings(PORTAL_DATABASE_URL=f"sqlite:///{path}"))
    with time_machine.travel(NOW, tick=False), app.app_context():
        with database.engine.begin() as connection:
            steps.upgrade(connection)
        gateway = use(app)
        made = renewal()
        gateway.pay(open_page(made))
        with full(path), pytest.raises(OperationalError, match=r"disk|full"):
            flows.settle_order(made.number)
        assert order_of(made.number).state is OrderState.AWAITING_PAYMENT
        with reading() as db:
            assert db.query(LedgerLine).first() is None
        flows.settle_order(made.number)
        assert order_of(made.number).state is OrderState.PAID
        assert broken() == []
        database.engine.dispose()
