"""What no webhook told is found; what is silent is heard; what cannot be is told to finance."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from payments.charges.models import PaymentAttempt
from payments.inbox.models import ProviderEvent
from payments.reconcile.models import FinanceException
from portal.accounts.models import StaffRole
from portal.checkout import flows
from portal.kit import clock, jobs
from portal.kit.db import reading, transaction
from portal.kit.jobs import ScheduleRow
from portal.kit.mail import Mail
from portal.orders.models import Order, OrderState
from tests import factories
from tests.conftest import NOW
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import (
    broken,
    exceptions_of,
    give_back,
    handle,
    hear,
    open_page,
    order_of,
    paid,
    payment,
    refund_of,
    renewal,
    run_jobs,
)


def letters(kind: str) -> int:
    with reading() as db:
        return len(db.scalars(select(Mail).where(Mail.kind == kind)).all())


def finance() -> None:
    with transaction() as db:
        factories.staff(db, StaffRole.FINANCE)


def test_r10_a_lost_webhook_is_made_up_for_within_a_minute(gateway: FakeGateway) -> None:
    made = renewal()
    gateway.pay(open_page(made))
    with time_machine.travel(NOW + timedelta(seconds=30), tick=False):
        assert flows.catch_up() == 1
        handle()
    assert order_of(made.number).state is OrderState.PAID
    assert flows.catch_up() == 0  # listed again, with overlap, and kept once
    with reading() as db:
        assert db.scalars(select(ProviderEvent.by_webhook)).all() == [False]


def test_a_refund_made_elsewhere_is_found_without_any_webhook(gateway: FakeGateway) -> None:
    made = paid(gateway)
    gateway.refund_at_provider(payment(made).partition(":")[2], 300)
    flows.catch_up()
    handle()
    assert order_of(made.number).state is OrderState.PARTLY_REFUNDED
    assert broken() == []


@pytest.mark.parametrize("refused", [True, False])
def test_a_provider_that_lists_nothing_is_asked_again(gateway: FakeGateway, refused: bool) -> None:
    gateway.refuse() if refused else gateway.go_down()
    assert flows.catch_up() == 0
    paid(gateway)
    assert flows.catch_up() == 1


def test_a_portal_that_stood_still_for_too_long_says_so(gateway: FakeGateway) -> None:
    flows.catch_up()
    with time_machine.travel(NOW + timedelta(days=31), tick=False):
        flows.catch_up()
        assert exceptions_of() == {"silence": None}
        flows.watch()  # it is no silence that ends by itself
        assert exceptions_of() == {"silence": None}


class TestComparing:
    def test_both_sides_agree(self, gateway: FakeGateway) -> None:
        made = paid(gateway)
        give_back(made, 500)
        with time_machine.travel(NOW + timedelta(hours=3), tick=False):
            assert flows.compare() == 0
        assert exceptions_of() == {}

    def test_a_payment_that_nobody_told_of_is_carried_out(self, gateway: FakeGateway) -> None:
        made = renewal()
        gateway.pay(open_page(made))
        with time_machine.travel(NOW + timedelta(hours=3), tick=False):
            assert flows.compare() == 0
        assert order_of(made.number).state is OrderState.PAID

    def test_a_refund_that_nobody_told_of_is_carried_out(self, gateway: FakeGateway) -> None:
        made = paid(gateway)
        gateway.refund_at_provider(payment(made).partition(":")[2], 300)
        with time_machine.travel(NOW + timedelta(hours=3), tick=False):
            assert flows.compare() == 0
        assert order_of(made.number).state is OrderState.PARTLY_REFUNDED

    def test_what_the_provider_does_not_have_is_told_and_closes_when_it_is_there(
        self, gateway: FakeGateway
    ) -> None:
        made = paid(gateway)
        page = gateway.sessions.pop(gateway.newest.id)
        with time_machine.travel(NOW + timedelta(hours=3), tick=False):
            assert flows.compare() == 1
            assert exceptions_of(f"order:{made.number}") == {"not_at_provider": None}
            gateway.sessions[page.id] = page
            assert flows.compare() == 0
        assert exceptions_of(f"order:{made.number}") == {"not_at_provider": "agrees"}

    def test_another_amount_there_is_told_with_both_sides(self, gateway: FakeGateway) -> None:
        made = paid(gateway)
        gateway.newest.amount += 7
        with time_machine.travel(NOW + timedelta(hours=3), tick=False):
            assert flows.compare() == 1
        assert exceptions_of(f"order:{made.number}") == {"amount_differs": None}
        with reading() as db:
            facts = db.scalars(select(FinanceException.facts)).one()
        assert facts["theirs"][0] == facts["ours"][0] + 7

    def test_a_charge_without_a_page_stays_told(self, gateway: FakeGateway) -> None:
        stranger = gateway.stranger(amount=500)
        gateway.pay(stranger.id)
        gateway.sessions["hidden"] = gateway.sessions.pop(stranger.id)
        stranger.id = "cs_elsewhere"  # its page is another account's
        with time_machine.travel(NOW + timedelta(hours=3), tick=False):
            assert flows.compare() == 1
        assert exceptions_of() == {"not_in_ledger": None}

    def test_it_goes_back_to_the_last_time(self, gateway: FakeGateway) -> None:
        """A portal that stood still for a week compares the week."""
        flows.compare()
        made = renewal()
        gateway.pay(open_page(made))
        gateway.told.clear()
        with time_machine.travel(NOW + timedelta(days=7), tick=False):
            assert flows.compare() == 0
        assert order_of(made.number).state is OrderState.PAID


class TestWatching:
    def test_all_is_well(self, gateway: FakeGateway) -> None:
        paid(gateway)
        assert flows.watch() == 0
        assert exceptions_of() == {}

    def test_a_broken_invariant_is_told_once_and_closes_when_it_holds(self, gateway: FakeGateway) -> None:
        finance()
        made = paid(gateway)
        with transaction() as db:
            db.execute(update(Order).values(total_minor=1))
        assert flows.watch() >= 1
        flows.watch()
        run_jobs()
        assert letters("desk.alarm") == len(broken())
        assert exceptions_of()["invariant"] is None
        with transaction() as db:
            db.execute(update(Order).values(total_minor=order_of(made.number).quote.total_minor))
        assert flows.watch() == 0
        assert exceptions_of()["invariant"] == "over"
        with transaction() as db:
            db.execute(update(Order).values(total_minor=1))
        flows.watch()  # it is back: told anew
        assert exceptions_of()["invariant"] is None

    def test_r12_t15_payments_without_any_webhook_are_heard(self, gateway: FakeGateway) -> None:
        finance()
        paid(gateway)
        with time_machine.travel(NOW + timedelta(minutes=59), tick=False):
            assert flows.watch() == 0
        with time_machine.travel(NOW + timedelta(minutes=61), tick=False):
            assert flows.watch() == 1
            run_jobs()
            assert letters("desk.alarm") == 1
            assert exceptions_of() == {"silence": None}
            hear(gateway)
            assert flows.watch() == 0
        assert exceptions_of() == {"silence": "over"}

    def test_r12_t15_background_work_that_did_not_run_is_heard(self, app: Flask, gateway: FakeGateway) -> None:
        with transaction() as db:
            for schedule in jobs.timetable.schedules:
                begun = NOW - timedelta(hours=2) if schedule.name == "checkout.sweep" else NOW
                db.add(ScheduleRow(name=schedule.name, started_at=begun, lease_until=None))
        with reading() as db:
            assert jobs.late(db, clock.now()) == ["checkout.sweep"]
        assert flows.watch() == 1
        assert exceptions_of() == {"silence": None}

    def test_a_portal_that_never_ran_is_not_late(self, gateway: FakeGateway) -> None:
        with reading() as db:
            assert jobs.late(db, clock.now()) == []

    def test_without_a_provider_only_the_work_is_watched(self, app: Flask) -> None:
        app.extensions["gateway"] = None
        assert flows.watch() == 0


def test_a_refund_that_stripe_refuses_for_good_is_told(gateway: FakeGateway) -> None:
    made = paid(gateway)
    gateway.refuse("charge_expired_for_capture")
    refund_id = give_back(made, 500)
    assert refund_of(refund_id).state.value == "failed"
    assert exceptions_of(f"order:{made.number}") == {"refund_failed": None}
    assert broken() == []
    with reading() as db:
        assert db.scalars(select(PaymentAttempt.charge_id)).one() is not None
