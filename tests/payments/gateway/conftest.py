"""A Stripe that is not Stripe, and the real SDK on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from payments.gateway import stripe_calls as gateways
from payments.gateway.base import SessionWish, WishedLine
from payments.gateway.stripe import StripeGateway
from tests.fakes.emulator import Emulator

open_transactions = [False]
LINES = (WishedLine("Insight 洞察", "20 seats, 24 months", 3_680_000), WishedLine("Backup", "5 seats", 90))


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    made = Emulator()
    with made.serving():
        yield made


@pytest.fixture
def gateway(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> StripeGateway:
    """The real thing, on the emulator; the SDK's waits between tries are left out."""
    monkeypatch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", 0.01)
    monkeypatch.setattr("stripe._http_client.HTTPClient.MAX_DELAY", 0.01)
    monkeypatch.setattr(gateways, "TIMEOUT", (1.0, 1.0))
    open_transactions[0] = False
    return StripeGateway(
        "sk_test_emulated", base=emulator.base, secrets=["whsec_a", "whsec_b"],
        in_transaction=lambda: open_transactions[0],
    )  # fmt: skip


def wish(customer_id: str, currency: str = "CNY", **changes: object) -> SessionWish:
    given = {
        "reference": "RNW-2026-000001", "quote_id": "Q-2026-000001", "attempt_key": "order:RNW-2026-000001:1",
        "customer_id": customer_id, "currency": currency,
        "lines": LINES,
        "locale": "zh", "success_url": "http://localhost/r?s={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://localhost/c", "expires_at": datetime.now(UTC) + timedelta(hours=2),
    }  # fmt: skip
    return SessionWish(**(given | changes))  # type: ignore[arg-type]
