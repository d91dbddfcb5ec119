"""Real processes at the same instant: `python -m tests.torture.races [--rounds 100] [--db sqlite,postgres]`.

Each round takes a renewal in some state and lets several processes do what may meet in life: webhook, return page,
sweep and staff settle one payment; two tabs pay; two colleagues ask for the whole money back; a refund and a
dispute arrive together. Afterwards the invariants are asked, as after a crash.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from uuid import uuid4

import time_machine
from sqlalchemy import Engine, create_engine, make_url, select, text
from sqlalchemy.orm import Session

from migrations import steps as migrations
from payments.errors import PaymentsError
from payments.gateway.base import RefundStatus
from payments.ledger import queries as ledger
from payments.refunds.actions import PROVIDER
from payments.refunds.models import Refund
from payments.transfers import actions as banking
from portal.app import create_app
from portal.checkout import flows
from portal.checkout.queries import left_of
from portal.kit import clock
from portal.kit.db import engine_options, prepare, reading, transaction
from portal.kit.errors import Refusal
from tests import servers
from tests.conftest import NOW, make_settings
from tests.portal.checkout import support
from tests.torture import checks
from tests.torture.crash import quiet
from tests.torture.deeds import MEETINGS, Deed
from tests.torture.provider import Near, Provider, Remote
from tests.torture.world import FINANCE


@contextmanager
def database(backend: str) -> Iterator[str]:
    """A database of its own, gone afterwards."""
    name = f"races_{uuid4().hex[:12]}"
    if backend == "sqlite":
        path = f"/dev/shm/{name}.db" if os.path.isdir("/dev/shm") else f"/tmp/{name}.db"
        yield f"sqlite:///{path}"
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                os.unlink(path + suffix)
        return
    with servers.postgres() as server:
        yield from _on(server, name)


def _on(server: str, name: str) -> Iterator[str]:
    maintenance = create_engine(
        make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with maintenance.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield str(make_url(server).set(database=name).render_as_string(hide_password=False))
    with maintenance.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    maintenance.dispose()


def _served(provider: Provider, pipes: list[Connection]) -> list[str]:
    """Answer all of them until all are silent; what they told of themselves."""
    lines: list[str] = []
    waiting = set(pipes)
    while waiting:
        ready = wait(list(waiting))
        for pipe in [pipe for pipe in pipes if pipe in ready]:
            try:
                kind, *rest = pipe.recv()
            except EOFError:
                waiting.remove(pipe)
                continue
            if kind == "call":
                pipe.send(provider.answer(*rest))
            else:
                lines += rest[0]
    return lines


def _account() -> None:
    with transaction() as db:
        banking.add_account(
            db, FINANCE, NOW, currency="CNY", holder="Tidewell", bank="Bank of Shanghai", number="6222 0000 1111",
            routing="BOSHCNSH", note="",
        )  # fmt: skip


def _asked_too_much(db: Session) -> list[str]:
    """Nobody made a refund at the provider itself beside these: so people may not ask for more than came."""
    payments = db.scalars(select(Refund.payment).where(Refund.requested_by != PROVIDER).distinct())
    taken = [ledger.taken(db, [payment]) for payment in payments]
    return [f"{each.source} is to go back twice" for each in taken if each and left_of(db, each).minor < 0]


class Races:
    """Rounds on one database; its rows stay, so that each round meets a database with a past."""

    def __init__(self, url: str, without_unique: bool) -> None:
        self.url = url
        self.app = create_app(make_settings(PORTAL_DATABASE_URL=url))
        with self.app.app_context():
            engine = self._engine()
            with engine.begin() as connection:
                migrations.upgrade(connection)
                if without_unique:
                    connection.execute(text("DROP INDEX uq_payment_attempts_live_subject"))
            _account()
            engine.dispose()

    def _engine(self) -> Engine:
        """A fresh engine: connections must not be shared with a forked process."""
        url = str(self.app.extensions["settings"].sqlalchemy_url)
        engine = create_engine(url, **engine_options(url))
        prepare(engine)
        self.app.extensions["engine"] = engine
        return engine

    def round(self, number: int) -> list[str]:
        """One meeting; what is broken after it."""
        chance = random.Random(number)
        start, deeds = chance.choice(MEETINGS)
        provider = Provider((number + 1) * 1_000)
        with time_machine.travel(NOW, tick=False), self.app.app_context():
            engine = self._engine()
            made = self._begin(start, Near(provider))
            engine.dispose()
            lines = self._meet(provider, deeds, made)
            engine = self._engine()
            lines += self._after(provider)
            engine.dispose()
        return [f"{start}, {' and '.join(deed.__name__ for deed in deeds)}: {line}" for line in lines]

    def _begin(self, start: str, gateway: Near) -> support.Renewal:
        self.app.extensions["gateway"] = gateway
        made = support.renewal()
        if start == "awaiting a transfer":
            flows.pay_by_transfer(made.number, made.payer, clock.now())
        if start in {"placed", "awaiting a transfer"}:
            return made
        gateway.act("pay", support.open_page(made))
        if start == "paid there":
            return made
        support.settle(made)
        if start == "refunded and disputed there":
            charge = support.payment(made).partition(":")[2]
            gateway.act("begin_refunds", RefundStatus.SUCCEEDED)
            gateway.act("refund_at_provider", charge, 100)
            gateway.act("dispute", charge, 500, "needs_response")
        return made

    def _meet(self, provider: Provider, deeds: list[Deed], made: support.Renewal) -> list[str]:
        """All deeds at once, each in a process; what they could not bear."""
        pipes = dict(self._fork(deed, made) for deed in deeds)
        for pipe in pipes:
            assert pipe.recv() == ("ready",)
        for pipe in pipes:
            pipe.send("go")
        lines = _served(provider, list(pipes))
        for pipe, child in pipes.items():
            pipe.close()
            os.waitpid(child, 0)
        return lines

    def _fork(self, deed: Deed, made: support.Renewal) -> tuple[Connection, int]:
        ours, theirs = Pipe()
        child = os.fork()
        if child == 0:
            self._child(theirs, deed, made)
        theirs.close()
        return ours, child

    def _child(self, pipe: Connection, deed: Deed, made: support.Renewal) -> None:
        """Never returns."""
        try:
            self._engine()
            self.app.extensions["gateway"] = remote = Remote(pipe)
            pipe.send(("ready",))
            pipe.recv()
            with suppress(Refusal, PaymentsError):
                deed(remote, made)
        except BaseException:
            pipe.send(("lines", [traceback.format_exc()[-1500:]]))
        pipe.close()
        os._exit(0)

    def _after(self, provider: Provider) -> list[str]:
        near = Near(provider)
        self.app.extensions["gateway"] = near
        flows.catch_up()
        while flows.handle_events():
            pass
        with time_machine.travel(NOW, tick=False):
            flows.sweep()
        with reading() as db:
            found = checks.broken_here(db) + _asked_too_much(db)
        return found + provider.violations


def prove(backend: str, rounds: int, without_unique: bool, stop_at: int) -> int:
    began, bad = time.monotonic(), 0
    with database(backend) as url:
        races = Races(url, without_unique)
        quiet()
        for number in range(rounds):
            broken = races.round(number)
            bad += bool(broken)
            for line in broken:
                print(f"{backend}, round {number}: BROKEN {line}", flush=True)
            if bad >= stop_at:
                break
    print(f"{backend}: {number + 1} rounds, {bad} broken, {time.monotonic() - began:.0f} s", flush=True)
    return bad


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=100)
    asked.add_argument("--db", default="sqlite,postgres")
    asked.add_argument("--stop-at", type=int, default=1)
    asked.add_argument("--without-unique", action="store_true", help="drop the index that allows one live attempt")
    given = asked.parse_args()
    bad = 0
    for backend in given.db.split(","):
        bad += prove(backend, given.rounds, given.without_unique, given.stop_at)
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
