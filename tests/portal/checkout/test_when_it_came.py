"""Money is dated by when it came, not by when we heard of it: a day, a month, a year may lie between."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from payments.ledger.models import LedgerEntry
from portal.kit.db import reading
from tests.conftest import NOW
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import broken, open_page, order_of, renewal, settle, terms_of

CAME = datetime(2026, 12, 31, 15, 59, 58, tzinfo=UTC)  # two seconds before the year ends in Shanghai


def test_a_payment_just_before_midnight_settled_after_it(gateway: FakeGateway) -> None:
    with time_machine.travel(CAME, tick=False):
        made = renewal(at=CAME)
        gateway.pay(open_page(made))
    heard = CAME + timedelta(hours=7)
    with time_machine.travel(heard, tick=False):
        settle(made)
        assert broken() == []
    assert order_of(made.number).paid_at == CAME
    with reading() as db:
        entries = db.scalars(select(LedgerEntry).where(LedgerEntry.subject == f"order:{made.number}")).all()
    assert {entry.happened_at for entry in entries} == {CAME}
    assert {entry.posted_at for entry in entries} == {heard}


def test_a_lapsed_contract_starts_on_the_day_the_money_came(gateway: FakeGateway) -> None:
    with time_machine.travel(CAME, tick=False):
        made = renewal(ends_on=date(2026, 9, 1), at=CAME)
        gateway.pay(open_page(made))
    with time_machine.travel(CAME + timedelta(hours=7), tick=False):
        settle(made)
    assert terms_of(made.contract_id)[-1].starts_on == date(2026, 12, 31)


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(hours=1)])
def test_a_provider_whose_clock_runs_ahead_dates_nothing_into_the_future(
    gateway: FakeGateway, ahead: timedelta
) -> None:
    made = renewal()
    session = open_page(made)
    gateway.pay(session)
    gateway.sessions[session].captured_at = NOW + ahead
    settle(made)
    assert order_of(made.number).paid_at == NOW
