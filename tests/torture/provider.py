"""The provider outlives the process that dies: it stands in the parent, and the child talks to it through a pipe.

The parent also watches it: two pages of one order that could both be paid, or more money taken than one payment of
each page brings, is a double charge whatever our books say.
"""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any

import time_machine

from payments import errors
from payments.errors import PaymentsError
from payments.gateway.base import RefundStatus, SessionStatus
from portal.kit import clock
from portal.kit.db import in_transaction
from tests.fakes.gateway import FakeGateway


class Troubled(FakeGateway):
    """The provider in memory, with what only these proofs do to it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._born: dict[str, datetime] = {}

    def tamper(self, page: str, amount: int) -> None:
        """The page collects something else than was asked for."""
        self.sessions[page].amount = amount

    def refer(self, page: str, reference: str | None) -> None:
        self.sessions[page].reference = reference

    def begin_refunds(self, status: RefundStatus) -> None:
        self.refund_state = status

    def book_later(self) -> None:
        self.books_at_once = False

    def book_all(self) -> None:
        for page in self.sessions.values():
            if page.paid and page.balance is None:
                self.book(page.id)

    def forget_session(self, page: str) -> None:
        del self.sessions[page]
        self._by_key = {key: known for key, known in self._by_key.items() if known != page}

    def forget_customers(self) -> None:
        self.customers.clear()

    def grow_old(self) -> None:
        """Pages end when their time is over, and keys are forgotten after a day, as at Stripe."""
        old = clock.now() - timedelta(hours=24)
        for key in [*self._by_key, *self._made]:
            if self._born.setdefault(key, clock.now()) <= old:
                self._by_key.pop(key, None)
                self._made.pop(key, None)
        for page in self.sessions.values():
            if page.status is SessionStatus.OPEN and page.expires_at <= clock.now():
                self.expire(page.id)
                self.happened("checkout.session.expired", page.id)

    def get_well(self) -> None:
        """All troubles are over; what lagged is booked."""
        self._faults.clear()
        self._lost = 0
        self.books_at_once = True
        self.book_all()


class Provider:
    """Serves one run's calls; `violations` says what no provider should ever see of us."""

    def __init__(self, first_id: int = 1) -> None:
        """`first_id` keeps the ids of one provider apart from those of another on the same database."""
        self.fake = Troubled()
        self.fake._ids = itertools.count(first_id)
        self.fake._numbers = itertools.count(first_id)
        self.violations: list[str] = []

    def answer(self, at: datetime, name: str, args: tuple[Any, ...]) -> tuple[str, Any]:
        """What a method of the fake answers at `at`: ("ok", value) or ("error", class, facts)."""
        with time_machine.travel(at, tick=False):
            self.fake.grow_old()
            try:
                value = getattr(self.fake, name)
                value = value(*args) if callable(value) else value
            except PaymentsError as error:
                return "error", (type(error).__name__, error.facts)
        self._look(name)
        return "ok", list(value) if name in {"events_since", "payments_between"} else value

    def _look(self, name: str) -> None:
        if name != "open_session":
            return
        payable = Counter(
            each.reference for each in self.fake.sessions.values() if each.status is SessionStatus.OPEN
        )
        self.violations += [f"two pages of {number} can be paid" for number, count in payable.items() if count > 1]


class Remote:
    """The child's side of the pipe: a Gateway, and the hands of customer and bank beside it (`act`)."""

    name = "stripe"
    livemode = False

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def act(self, name: str, *args: object) -> Any:
        """Let something happen at the provider that we do not cause."""
        self._pipe.send(("call", clock.now(), name, args))
        kind, value = self._pipe.recv()
        if kind == "error":
            raise getattr(errors, value[0])(**value[1])
        return value

    def __getattr__(self, name: str) -> Any:
        def call(*args: object) -> Any:
            if in_transaction() and name not in {"prepare", "read_event"}:
                raise RuntimeError(f"{name} inside a transaction")
            return self.act(name, *args)

        return call


class Near(Remote):
    """The same without a pipe: provider and portal in one process."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def act(self, name: str, *args: object) -> Any:
        kind, value = self._provider.answer(clock.now(), name, args)
        if kind == "error":
            raise getattr(errors, value[0])(**value[1])
        return value
