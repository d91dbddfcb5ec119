"""Our gateway on the sandbox: what goes back, what is contested, what is listed, read into our facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from payments.errors import GatewayRefused, NotAtProvider
from payments.gateway.base import CustomerWish, RefundStatus, RefundWish, SessionWish, WishedLine
from payments.gateway.stripe import StripeGateway
from payments.sandbox import money
from payments.sandbox.app import Sandbox
from payments.sandbox.fees import DISPUTE_FEE
from tests.payments.sandbox.support import SUCCESS, Payer

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def gateway(base: str) -> StripeGateway:
    return StripeGateway("sk_test_sandbox", base=base, secrets=["whsec"], in_transaction=lambda: False)


@pytest.fixture
def charge_id(gateway: StripeGateway, payer: Payer) -> str:
    """A charge of an order of ours."""
    customer = gateway.create_customer(CustomerWish("company:1", "Aurora", "a@aurora.example"))
    wish = SessionWish(
        reference="RNW-2026-000001", quote_id="Q-1", attempt_key="k1", customer_id=customer, currency="CNY",
        lines=(WishedLine("Insight", "20 seats", 120_000),), locale="en", success_url=SUCCESS, cancel_url=SUCCESS,
        expires_at=datetime.now(UTC) + timedelta(hours=2),
    )  # fmt: skip
    page = gateway.open_session(gateway.prepare(wish), "k1")
    payer.post(page.url, outcome="succeed")
    return str(gateway.fetch_session(page.session_id).charge_id)


def test_a_refund_and_how_it_is_found_again(gateway: StripeGateway, charge_id: str) -> None:
    wish = RefundWish(charge_id, 20_000, "refund-key", "RNW-2026-000001")
    made = gateway.refund(wish)
    assert (made.status, made.amount_minor, made.currency, made.key) == (
        RefundStatus.SUCCEEDED, 20_000, "CNY", "refund-key",
    )  # fmt: skip
    assert made.balance is not None
    assert (made.balance.gross_minor, made.balance.reporting_category) == (-20_000, "refund")
    assert gateway.refund(wish) == gateway.fetch_refund(made.id) == gateway.refunds_of(charge_id)[0] == made
    with pytest.raises(GatewayRefused):
        gateway.refund(RefundWish(charge_id, 100_001, "another", "RNW-2026-000001"))
    with pytest.raises(NotAtProvider):
        gateway.fetch_refund("re_none")


def test_a_refund_that_failed_says_what_came_back(
    gateway: StripeGateway, sandbox: Sandbox, charge_id: str
) -> None:
    made = gateway.refund(RefundWish(charge_id, 20_000, "k", "RNW-2026-000001"))
    sandbox.do(lambda work: money.refund(work, made.id, {"outcome": "fail"}))
    failed = gateway.fetch_refund(made.id)
    assert failed.status is RefundStatus.FAILED
    assert failed.failure_balance is not None
    assert failed.failure_balance.net_minor == 20_000


def test_a_dispute_with_its_movements_and_a_warning(
    gateway: StripeGateway, sandbox: Sandbox, charge_id: str
) -> None:
    opened = sandbox.do(lambda work: money.contest(work, {"charge": charge_id}))
    facts = gateway.fetch_dispute(opened["id"])
    assert (facts.charge_id, facts.status, facts.amount_minor) == (charge_id, "needs_response", 120_000)
    [moved] = facts.movements
    assert (moved.gross_minor, moved.fee_minor, moved.source_id) == (-120_000, DISPUTE_FEE, opened["id"])
    assert facts.evidence_due_at is not None
    warned = sandbox.do(lambda work: money.warn(work, {"charge": charge_id}))
    assert gateway.fetch_warning(warned["id"]).kind == "made_with_stolen_card"


def test_what_happened_is_listed_from_old_to_new(gateway: StripeGateway, charge_id: str) -> None:
    gateway.refund(RefundWish(charge_id, 1, "k", "RNW-2026-000001"))
    types = ["checkout.session.completed", "refund.created", "charge.refunded"]
    assert [event.type for event in gateway.events_since(LONG_AGO, types)] == types
    assert list(gateway.events_since(datetime.now(UTC) + timedelta(hours=1), types)) == []


def test_payments_are_listed_with_what_went_back(gateway: StripeGateway, charge_id: str) -> None:
    gateway.refund(RefundWish(charge_id, 500, "k", "RNW-2026-000001"))
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    [payment] = gateway.payments_between(LONG_AGO, tomorrow)
    assert (payment.charge_id, payment.amount_minor, payment.refunded_minor) == (charge_id, 120_000, 500)
    assert payment.reference == "RNW-2026-000001"
    assert gateway.session_of_charge(charge_id) is not None
    assert list(gateway.payments_between(tomorrow, tomorrow + timedelta(days=1))) == []
