"""The process dies at every single step of a payment, once each; a sweep later all is as if it had not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy.orm import Session

from portal.checkout import flows
from portal.checkout.errors import AlreadyPaid
from portal.kit import clock
from portal.kit import db as kit
from portal.orders.models import CancelledBy, OrderState
from tests.conftest import NOW
from tests.fakes.gateway import SIGNATURE, FakeGateway
from tests.portal.checkout.support import (
    Renewal,
    attempts_of,
    broken,
    kinds,
    order_of,
    renewal,
    terms_of,
)


class Killed(BaseException):
    """As by kill -9: nothing in the code may catch and mend it."""


class Reaper:
    """Kills at the n-th step: before and after each call to the provider, before and after each commit."""

    def __init__(self, fatal: int) -> None:
        self.steps = 0
        self.fatal = fatal

    def step(self, *_args: object) -> None:
        self.steps += 1
        if self.steps == self.fatal:
            raise Killed


@contextmanager
def reaping(gateway: FakeGateway, fatal: int) -> Iterator[Reaper]:
    reaper = Reaper(fatal)

    class Mortal(Session):
        """A session whose process can die on either side of its commit."""

        def commit(self) -> None:
            reaper.step()
            super().commit()
            reaper.step()

    gateway.before = gateway.after = reaper.step
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kit, "Session", Mortal)
        yield reaper
    gateway.before = gateway.after = lambda _call: None


def pay_for_it(gateway: FakeGateway, made: Renewal) -> None:
    """The customer's way, from the button to the money, and the provider's way of telling."""
    url = flows.pay(made.number, made.payer, clock.now())
    session = next(s for s in gateway.sessions.values() if s.url == url)
    gateway.pay(session.id)
    flows.receive(gateway.event("checkout.session.completed", session.id, "evt_1"), SIGNATURE)
    flows.handle_events()


def recover(gateway: FakeGateway) -> None:
    """What runs after a restart, by itself."""
    for minutes in (1, 3, 6):
        with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
            flows.handle_events()
            flows.sweep()


STEPS = 26


@pytest.mark.parametrize("fatal", range(1, STEPS))
def test_killed_while_paying(gateway: FakeGateway, fatal: int) -> None:
    made = renewal()
    with reaping(gateway, fatal) as reaper:
        try:
            pay_for_it(gateway, made)
        except Killed:
            pass
        else:
            assert reaper.steps < fatal
    recover(gateway)
    assert broken() == []
    if order_of(made.number).state is OrderState.AWAITING_PAYMENT:
        # Killed before the customer saw the page: nothing was charged, and paying works.
        assert not any(session.paid for session in gateway.sessions.values())
        with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
            pay_for_it(gateway, made)
    assert sum(session.paid for session in gateway.sessions.values()) == 1
    assert order_of(made.number).state is OrderState.PAID
    assert kinds(made.number) == ["sale", "charge", "fee"]
    assert len(terms_of(made.contract_id)) == 2
    assert len([row for row in attempts_of(made.number) if row.captured_minor]) == 1
    assert broken() == []


def test_the_kills_above_cover_every_step(gateway: FakeGateway) -> None:
    made = renewal()
    with reaping(gateway, 0) as reaper:
        pay_for_it(gateway, made)
    assert 0 < reaper.steps < STEPS


@pytest.mark.parametrize("paid", [False, True])
@pytest.mark.parametrize("fatal", range(1, 13))
def test_killed_while_cancelling(gateway: FakeGateway, fatal: int, paid: bool) -> None:
    made = renewal()
    flows.pay(made.number, made.payer, clock.now())
    if paid:
        gateway.pay(gateway.newest.id)
    with reaping(gateway, fatal), suppress(Killed, AlreadyPaid):
        flows.cancel(made.number, made.payer, CancelledBy.CUSTOMER)
    recover(gateway)
    state = order_of(made.number).state
    if paid:
        assert state is OrderState.PAID
    else:
        assert state in {OrderState.CANCELLED, OrderState.AWAITING_PAYMENT}
        assert len(terms_of(made.contract_id)) == 1
    assert broken() == []
