"""One payment that nobody can read does not keep the others waiting."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from payments.errors import BrokenAnswer, GatewayUnreachable
from portal.checkout import flows
from portal.orders.models import OrderState
from tests.conftest import NOW
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import attempts_of, broken, open_page, order_of, renewal


@pytest.mark.parametrize(
    ("trouble", "second_is"),
    [(BrokenAnswer(error="x"), OrderState.PAID), (GatewayUnreachable(status=500), OrderState.AWAITING_PAYMENT)],
)
def test_a_broken_answer_is_its_own_trouble_and_an_outage_everybodys(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, trouble: Exception, second_is: OrderState
) -> None:
    first, second = renewal(), renewal()
    odd, good = open_page(first), open_page(second)
    gateway.pay(good)
    real = gateway.fetch_session

    def fetch(session_id: str) -> object:
        if session_id == odd:
            raise trouble
        return real(session_id)

    monkeypatch.setattr(gateway, "fetch_session", fetch)
    later = NOW + timedelta(minutes=1)
    with time_machine.travel(later, tick=False):
        flows.sweep()
        assert order_of(second.number).state is second_is
        if second_is is OrderState.PAID:
            assert attempts_of(first.number)[-1].checked_at == later  # to the back of the queue
            assert broken() == []
