from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select, update

from payments.charges.models import AttemptState, PaymentAttempt
from payments.inbox.models import EventState, ProviderEvent
from payments.ledger import queries as ledger
from payments.ledger.models import Account
from portal.checkout import flows, queries
from portal.checkout.flows import intake
from portal.kit import clock
from portal.kit.db import reading, transaction
from portal.orders.models import OrderState
from tests.conftest import NOW
from tests.fakes.gateway import SIGNATURE, FakeGateway
from tests.portal.checkout.support import (
    attempts_of,
    balances,
    broken,
    handle,
    kinds,
    open_page,
    order_of,
    renewal,
    tell,
    terms_of,
)

COMPLETED = "checkout.session.completed"
EXPIRED = "checkout.session.expired"
DECLINED = "payment_intent.payment_failed"


def event_states() -> list[str]:
    with reading() as db:
        return [row.state.value for row in db.scalars(select(ProviderEvent).order_by(ProviderEvent.id))]


def test_the_door_keeps_first_and_works_later(gateway: FakeGateway, client: FlaskClient) -> None:
    made = renewal()
    gateway.pay(open_page(made))
    body = gateway.event(COMPLETED, gateway.newest.id)
    for _delivery in range(2):
        answer = client.post("/stripe/webhook", data=body, headers={"Stripe-Signature": SIGNATURE})
        assert answer.status_code == 200
    assert event_states() == ["new"]
    assert order_of(made.number).state is OrderState.AWAITING_PAYMENT
    handle()
    assert event_states() == ["done"]
    assert order_of(made.number).state is OrderState.PAID
    with reading() as db:
        assert [event.type for event in queries.events(db, made.number)] == [COMPLETED]


def test_a_forged_webhook_is_refused_and_leaves_nothing(gateway: FakeGateway, client: FlaskClient) -> None:
    body = gateway.event(COMPLETED, "cs_1")
    for headers in ({"Stripe-Signature": "t=1,v1=abc"}, {}):
        assert client.post("/stripe/webhook", data=body, headers=headers).status_code == 400
    assert event_states() == []


def test_the_door_needs_no_token_but_takes_only_posts_of_a_bearable_size(
    gateway: FakeGateway, client: FlaskClient
) -> None:
    assert client.get("/stripe/webhook").status_code == 405
    answer = client.post("/stripe/webhook", data=b"x" * 1_000_001, headers={"Stripe-Signature": SIGNATURE})
    assert answer.status_code == 413


def test_the_real_gateway_guards_the_door(app: object, client: FlaskClient) -> None:
    """The app as wired, with the secret of the test settings."""
    from flask import current_app  # noqa: PLC0415
    from stripe import WebhookSignature  # noqa: PLC0415

    from portal import wiring  # noqa: PLC0415

    settings = current_app.extensions["settings"]
    current_app.extensions["gateway"] = wiring.stripe_gateway(settings)
    body = (
        '{"id": "evt_1", "object": "event", "type": "some.new.kind", "livemode": false, "created": 1795329000,'
        ' "data": {"object": {"id": "obj_1"}}}'
    )
    signed = WebhookSignature.generate_signature_header(body, "whsec_test")
    assert client.post("/stripe/webhook", data=body, headers={"Stripe-Signature": signed}).status_code == 200
    forged = WebhookSignature.generate_signature_header(body, "whsec_guessed")
    assert client.post("/stripe/webhook", data=body, headers={"Stripe-Signature": forged}).status_code == 400
    handle()
    assert event_states() == ["ignored"]


def test_without_a_key_there_is_no_gateway() -> None:
    from portal import wiring  # noqa: PLC0415
    from tests.conftest import make_settings  # noqa: PLC0415

    assert wiring.stripe_gateway(make_settings(STRIPE_API_KEY="")) is None


def test_t3_a_webhook_before_the_session_is_recorded_settles(gateway: FakeGateway) -> None:
    """T3 (statamic-cargo #190): the page is paid and told of before our own answer was written down."""
    made = renewal()

    def faster(call: str) -> None:
        if call == "open_session":
            gateway.after = lambda _call: None
            gateway.pay(gateway.newest.id)
            tell(gateway, COMPLETED, gateway.newest.id)
            handle()

    gateway.after = faster
    with pytest.raises(Exception, match="AlreadyPaid"):
        open_page(made)
    assert order_of(made.number).state is OrderState.PAID
    assert attempts_of(made.number)[0].session_id == gateway.newest.id
    assert broken() == []


def test_t3_an_event_for_an_unknown_page_is_parked_and_resolved_when_the_attempt_appears(
    gateway: FakeGateway,
) -> None:
    """T3 and R11: the attempt's row comes back (from a backup); the parked event finds it within a minute, and the
    suspended money goes where it belongs."""
    made = renewal()
    session = open_page(made)
    gateway.pay(session)
    gateway.sessions[session].attempt_key = None
    with transaction() as db:
        db.execute(update(PaymentAttempt).values(session_id="cs_forgotten", state=AttemptState.EXPIRED))
    tell(gateway, COMPLETED, session)
    handle()
    assert event_states() == ["parked"]
    assert order_of(made.number).state is OrderState.AWAITING_PAYMENT
    assert balances()[Account.UNAPPLIED_CASH, "CNY"] == -order_of(made.number).total_minor
    with transaction() as db:
        db.execute(update(PaymentAttempt).values(session_id=session, state=AttemptState.OPEN))
    with time_machine.travel(NOW + timedelta(seconds=31), tick=False):
        handle()
    assert event_states() == ["done"]
    assert order_of(made.number).state is OrderState.PAID
    assert kinds(made.number) == ["sale", "apply"]
    assert (Account.UNAPPLIED_CASH, "CNY") not in balances()
    assert (Account.RECEIVABLE, "CNY") not in balances()
    assert broken() == []


def test_t4_two_events_at_once_make_one_payment(gateway: FakeGateway) -> None:
    """T4 (lago-api PR 3223, Couchers #1664): two webhooks, one payment row."""
    made = renewal()
    session = open_page(made)
    gateway.pay(session)
    for number in range(5):
        tell(gateway, COMPLETED, session, f"evt_a{number}")
    handle()
    assert event_states() == ["done"] * 5
    assert kinds(made.number) == ["sale", "charge", "fee"]
    assert len(terms_of(made.contract_id)) == 2


def test_t7_money_without_an_order_waits_in_suspense_and_is_shown(gateway: FakeGateway) -> None:
    """T7 (saleor #10925, pretix #74): money that matches nothing is never dropped."""
    stranger = gateway.stranger(5_000, reference="RNW-2025-000001")
    gateway.pay(stranger.id)
    gateway.sessions[stranger.id].balance = None
    for number in range(2):
        tell(gateway, COMPLETED, stranger.id, f"evt_b{number}")
    handle()
    assert event_states() == ["parked", "parked"]
    with reading() as db:
        (entry,) = ledger.suspended(db)
        assert (entry.subject, entry.source) == (f"session:{stranger.id}", f"stripe:ch_{stranger.id}")
    assert balances() == {
        (Account.STRIPE_CLEARING, "CNY"): 5_000,
        (Account.UNAPPLIED_CASH, "CNY"): -5_000,
    }
    assert intake.alarms(NOW + timedelta(seconds=61)) != []
    assert intake.alarms(NOW) == []
    with time_machine.travel(NOW + timedelta(seconds=31), tick=False):
        handle()
    assert balances()[Account.STRIPE_FEES, "CNY"] == 170
    with time_machine.travel(NOW + timedelta(seconds=62), tick=False):
        handle()
    assert event_states() == ["parked", "parked"]
    assert broken() == []


def test_an_unknown_page_of_ours_is_parked_and_a_strangers_is_ignored(gateway: FakeGateway) -> None:
    tell(gateway, EXPIRED, gateway.stranger(reference="RNW-2025-000001").id)
    tell(gateway, EXPIRED, gateway.stranger().id)
    tell(gateway, EXPIRED, "cs_nowhere")
    handle()
    assert event_states() == ["parked", "ignored", "ignored"]
    assert balances() == {}


def test_a_page_that_borrows_another_attempts_key_is_a_stranger(gateway: FakeGateway) -> None:
    made = renewal()
    open_page(made)
    twin = gateway.stranger(reference=made.number, attempt_key=attempts_of(made.number)[0].idempotency_key)
    gateway.pay(twin.id)
    tell(gateway, COMPLETED, twin.id)
    handle()
    assert event_states() == ["parked"]
    assert order_of(made.number).state is OrderState.AWAITING_PAYMENT


def test_a_decline_is_noted_from_its_event(gateway: FakeGateway) -> None:
    made = renewal()
    session = open_page(made)
    gateway.decline(session, "expired_card")
    intent = str(gateway.sessions[session].intent_id)
    tell(gateway, DECLINED, intent)
    handle()
    # The page's intent was unknown until then; the second time it is found without asking.
    gateway.decline(session, "insufficient_funds")
    tell(gateway, DECLINED, intent)
    handle()
    assert event_states() == ["done", "done"]
    assert order_of(made.number).last_failure == "insufficient_funds"
    gateway.decline(session, "payment_intent_authentication_failure")
    tell(gateway, DECLINED, intent)
    handle()
    assert order_of(made.number).last_failure == "payment_intent_authentication_failure"
    assert attempts_of(made.number)[0].failure_code == "payment_intent_authentication_failure"
    assert gateway.calls.count("session_of_intent") == 1


def test_a_payment_without_a_page_is_not_ours(gateway: FakeGateway) -> None:
    tell(gateway, DECLINED, "pi_elsewhere")
    tell(gateway, "customer.created", "cus_1")
    handle()
    assert event_states() == ["ignored", "ignored"]


def test_a_failed_handling_is_tried_again_and_is_no_duplicate(gateway: FakeGateway) -> None:
    """frappe/payments #240: a failed event must not count as handled."""
    made = renewal()
    session = open_page(made)
    gateway.pay(session)
    tell(gateway, COMPLETED, session, "evt_once")
    gateway.go_down()
    handle()
    assert event_states() == ["new"]
    tell(gateway, COMPLETED, session, "evt_once")
    handle()
    assert order_of(made.number).state is OrderState.AWAITING_PAYMENT
    with time_machine.travel(NOW + timedelta(seconds=3), tick=False):
        handle()
    assert event_states() == ["done"]
    assert order_of(made.number).state is OrderState.PAID


def test_an_event_whose_handler_died_is_handled_when_its_lease_ends(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = renewal()
    session = open_page(made)
    gateway.pay(session)
    tell(gateway, COMPLETED, session)

    class Killed(BaseException):
        """As by kill -9."""

    def die(_call: str) -> None:
        raise Killed

    gateway.before = die
    with pytest.raises(Killed):
        handle()
    gateway.before = lambda _call: None
    handle()
    assert event_states() == ["new"]
    with time_machine.travel(NOW + timedelta(minutes=3), tick=False):
        handle()
    assert event_states() == ["done"]


def test_a_parked_event_rests_after_a_month(gateway: FakeGateway) -> None:
    tell(gateway, EXPIRED, gateway.stranger(reference="RNW-2025-000001").id)
    handle()
    with time_machine.travel(NOW + timedelta(days=2), tick=False):
        handle()
        with reading() as db:
            row = db.scalars(select(ProviderEvent)).one()
            assert row.due_at == clock.now() + timedelta(hours=1)
            assert row.state is EventState.PARKED
    with time_machine.travel(NOW + timedelta(days=31), tick=False):
        assert flows.handle_events() == 0
