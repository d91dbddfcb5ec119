"""The whole product, running: portal with its worker, a Stripe to talk to, one customer with a contract."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask
from flask_security.utils import hash_password
from sqlalchemy import select, update
from werkzeug.serving import make_server

from payments.charges.models import PaymentAttempt
from payments.sandbox.app import Sandbox, create_sandbox
from portal.accounts.models import CompanyRole, StaffRole
from portal.app import create_app
from portal.checkout import selfcheck
from portal.contracts import queries as contracts
from portal.contracts.models import Contract
from portal.kit import clock, jobs
from portal.kit.db import database, reading, transaction
from portal.kit.mail import Mail
from portal.orders.models import Order
from tests import factories
from tests.conftest import empty, make_settings
from tests.fakes.emulator import Emulator
from tests.fakes.waiting import eventually
from tests.journey.surfer import Surfer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PASSWORD = "renewal-demo-2026"
OWNER, STAFF, FINANCE = "owner@aurora.example", "cs@portal.example", "finance@portal.example"
SECRET = "whsec_journey"


@dataclass
class Live:
    """A running portal."""

    app: Flask
    base: str
    provider: str
    sandbox: Sandbox | None
    number: str

    def surfer(self, language: str = "en") -> Surfer:
        return Surfer(self.base, language)

    def signed_in(self, email: str = OWNER, language: str = "en") -> Surfer:
        surfer = self.surfer(language)
        surfer.sign_in(email, PASSWORD)
        assert surfer.status == 200, surfer.text
        return surfer

    def orders(self) -> list[Order]:
        with self.app.app_context(), reading() as db:
            return list(db.scalars(select(Order).order_by(Order.id)))

    def contract(self) -> Contract:
        with self.app.app_context(), reading() as db:
            found = contracts.by_number(db, self.number)
            assert found is not None
            return found

    def breaks(self) -> list[str]:
        with self.app.app_context(), reading() as db:
            return selfcheck.run(db)

    def sweep_now(self) -> None:
        """Do not wait: sweep and attempts are made older, so that the worker finds them due at its next look."""
        earlier = clock.now() - timedelta(minutes=5)
        with self.app.app_context(), transaction() as db:
            db.execute(update(PaymentAttempt).values(created_at=earlier, checked_at=earlier))
            db.execute(update(jobs.ScheduleRow).values(started_at=None))

    def mailed_code(self) -> str:
        """The code in the newest mail to sign in with, once it was written."""

        def found() -> str | None:
            with self.app.app_context(), reading() as db:
                text = db.scalar(select(Mail.text).where(Mail.kind == "accounts.code").order_by(Mail.id.desc()))
            code = re.search(r"\d{4} \d{4}", text or "")
            return code.group(0) if code else None

        return eventually(found)

    def wait_for_state(self, state: str, seconds: float = 20) -> Order:
        def reached() -> Order | None:
            orders = self.orders()
            return orders[-1] if orders and orders[-1].state == state else None

        return eventually(reached, seconds)


@contextmanager
def serving(app: WSGIApplication, port: int = 0) -> Iterator[str]:
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


def _seed(app: Flask) -> str:
    with app.app_context(), transaction() as db:
        at = clock.now()
        password = hash_password(PASSWORD)
        factories.book(db)
        aurora = factories.company(db)
        factories.member(db, aurora, CompanyRole.OWNER, email=OWNER, password=password)
        factories.staff(db, StaffRole.CS, password=password)
        factories.staff(db, StaffRole.FINANCE, password=password)
        today = clock.day(at, "Asia/Shanghai")
        ends_on = today + timedelta(days=20)
        contract = factories.contract(db, aurora, ends_on=ends_on, starts_on=ends_on - timedelta(days=364))
        return contract.number


@contextmanager
def live_portal(url: str, folder: Path, emulator: Emulator | None = None) -> Iterator[Live]:
    """Run everything on the database at `url`, with `emulator` in the sandbox's place when one is given."""
    with ExitStack() as stack:
        port = _free_port()
        base = f"http://127.0.0.1:{port}"
        hook = f"{base}/stripe/webhook"
        sandbox = None
        if emulator is None:
            sandbox = create_sandbox(folder / "stripe.db", webhook=hook, secret=SECRET, settle_seconds=1)
            provider = stack.enter_context(sandbox.serving())
        else:
            emulator.hook = (hook, SECRET)
            provider = stack.enter_context(emulator.serving())
        settings = make_settings(
            PORTAL_DATABASE_URL=url, PORTAL_BASE_URL=base, STRIPE_API_BASE=provider,
            STRIPE_BROWSER_BASE=provider, STRIPE_WEBHOOK_SECRET=SECRET, PORTAL_DATA_DIR=folder,
        )  # fmt: skip
        app = create_app(settings)
        number = _seed(app)
        stack.callback(_clean, app)
        stack.enter_context(serving(app, port))
        worker = jobs.Worker(app)
        worker.start()
        stack.callback(worker.stop)
        yield Live(app, base, provider, sandbox, number)


def _free_port() -> int:

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _clean(app: Flask) -> None:
    with app.app_context():
        with transaction() as db:
            empty(db)
        database.engine.dispose()
