"""T9 and F2: the order in which events come in, how often, and whether at all, decides nothing."""

from __future__ import annotations

import itertools
import random
from datetime import timedelta

import pytest
import time_machine

from portal.checkout import flows
from portal.orders.models import OrderState
from tests.conftest import NOW
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import broken, handle, kinds, open_page, order_of, renewal, tell, terms_of

COMPLETED = "checkout.session.completed"
LATER = "checkout.session.async_payment_succeeded"
FELL = "checkout.session.async_payment_failed"
EXPIRED = "checkout.session.expired"
DECLINED = "payment_intent.payment_failed"


def _live_through(gateway: FakeGateway, session: str) -> list[tuple[str, str]]:
    """All that happens on the page, and the events about it."""
    gateway.decline(session)
    intent = str(gateway.sessions[session].intent_id)
    gateway.complete_unpaid(session)
    gateway.pay(session)
    return [(DECLINED, intent), (COMPLETED, session), (LATER, session), (COMPLETED, session)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_t9_events_in_any_order_end_the_same(gateway: FakeGateway, order: tuple[int, ...]) -> None:
    """T9 (cashier-stripe #1201, stripe-cli #418)."""
    made = renewal()
    session = open_page(made)
    events = _live_through(gateway, session)
    for index in order:
        tell(gateway, *events[index])
        handle()
    assert order_of(made.number).state is OrderState.PAID
    assert kinds(made.number) == ["sale", "charge", "fee"]
    assert len(terms_of(made.contract_id)) == 2
    assert broken() == []


@pytest.mark.parametrize("seed", range(25))
def test_t9_doubled_shuffled_dropped_and_failing(gateway: FakeGateway, seed: int) -> None:
    """What the customer does and what is told mix at random; faults in between; a sweep at the end."""
    dice = random.Random(seed)
    made = renewal()
    session = open_page(made)
    events = [DECLINED, COMPLETED, LATER, FELL, EXPIRED]
    deeds = [gateway.decline, gateway.complete_unpaid, gateway.pay][dice.randint(0, 2) :]
    for step in range(12):
        if deeds and dice.random() < 0.4:
            deeds.pop(0)(session)
        if dice.random() < 0.3:
            gateway.go_down()
        kind = dice.choice(events)
        if dice.random() < 0.8:
            about = gateway.sessions[session].intent_id if kind == DECLINED else session
            tell(gateway, kind, about or "pi_none", f"evt_{dice.randint(0, 5)}")
        with time_machine.travel(NOW + timedelta(seconds=5 * step), tick=False):
            flows.handle_events()
            if dice.random() < 0.2:
                flows.settle_order(made.number)
    for deed in deeds:
        deed(session)
    gateway._faults.clear()
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        flows.sweep()
        handle()
    assert order_of(made.number).state is OrderState.PAID
    assert kinds(made.number) == ["sale", "charge", "fee"]
    assert len(terms_of(made.contract_id)) == 2
    assert broken() == []
