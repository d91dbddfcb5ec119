"""The contract that our gateway lives by, asked of the sandbox and, on wish, of Stripe itself.

With a key of a Stripe test account (never a live one) in STRIPE_TEST_KEY the same tests run there as well:
`STRIPE_TEST_KEY=sk_test_… pytest -m real_stripe`. Only what needs nobody in a browser can be asked.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

import pytest
import stripe

from payments.errors import GatewayRefused, NotAtProvider
from payments.gateway.base import CustomerWish, RefundStatus, RefundWish, SessionStatus, SessionWish, WishedLine
from payments.gateway.stripe import StripeGateway
from payments.sandbox.app import create_sandbox

KEY: Final = os.environ.get("STRIPE_TEST_KEY", "")
STRIPE = [pytest.param("stripe", marks=pytest.mark.real_stripe)] if KEY else []
PAGE: Final = "https://portal.example/done?session={CHECKOUT_SESSION_ID}"

T = TypeVar("T")


@dataclass
class Account:
    """Where the tests ask."""

    gateway: StripeGateway
    client: stripe.StripeClient

    def wish(self, **changes: object) -> SessionWish:
        name = f"RNW-{secrets.token_hex(4)}"
        customer = self.gateway.create_customer(CustomerWish(f"test:{name}", "Aurora", "pay@aurora.example"))
        given = {
            "reference": name, "quote_id": "Q-1", "attempt_key": f"test:{name}:1", "customer_id": customer,
            "currency": "USD", "lines": (WishedLine("Insight", "20 seats", 120_000),), "locale": "en",
            "success_url": PAGE, "cancel_url": PAGE, "expires_at": datetime.now(UTC) + timedelta(hours=2),
        }  # fmt: skip
        return SessionWish(**(given | changes))  # type: ignore[arg-type]

    def charge(self, amount: int = 10_000) -> str:
        """A captured charge that no page was needed for."""
        intent = self.client.v1.payment_intents.create(
            {
                "amount": amount, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True,
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            }
        )  # fmt: skip
        assert intent.status == "succeeded"
        return str(intent.latest_charge)


@pytest.fixture(params=["sandbox", *STRIPE])
def account(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Account]:
    if request.param == "stripe":
        assert KEY.startswith("sk_test_"), "STRIPE_TEST_KEY is no key of a test account"
        gateway = StripeGateway(KEY, base=None, secrets=[], in_transaction=lambda: False)
        yield Account(gateway, stripe.StripeClient(KEY, max_network_retries=2))
        return
    sandbox = create_sandbox(tmp_path / "stripe.db")
    with sandbox.serving() as base:
        key = "sk_test_sandbox"
        gateway = StripeGateway(key, base=base, secrets=[], in_transaction=lambda: False)
        yield Account(gateway, stripe.StripeClient(key, base_addresses={"api": base}))
    sandbox.close()


def sooner_or_later(ask: Callable[[], T | None]) -> T:
    """Balance transactions and events may come a moment after their charge."""
    for _again in range(20):
        found = ask()
        if found:
            return found
        time.sleep(1)
    raise AssertionError("nothing came")


def test_a_page_opens_once_under_its_key_and_closes_once(account: Account) -> None:
    wish = account.wish()
    asked = account.gateway.prepare(wish)
    page = account.gateway.open_session(asked, wish.attempt_key)
    assert account.gateway.open_session(asked, wish.attempt_key).session_id == page.session_id
    with pytest.raises(GatewayRefused):
        account.gateway.open_session(asked | {"locale": "zh"}, wish.attempt_key)
    truth = account.gateway.fetch_session(page.session_id)
    assert (truth.status, truth.paid, truth.amount_minor, truth.currency) == (
        SessionStatus.OPEN, False, 120_000, "USD",
    )  # fmt: skip
    assert (truth.reference, truth.charge_id) == (wish.reference, None)
    assert truth.url == page.url
    since = datetime.now(UTC) - timedelta(minutes=5)
    assert account.gateway.find_session(asked, since) == page.session_id
    account.gateway.expire_session(page.session_id)
    closed = account.gateway.fetch_session(page.session_id)
    assert (closed.status, closed.url) == (SessionStatus.EXPIRED, None)
    with pytest.raises(GatewayRefused):
        account.gateway.expire_session(page.session_id)


@pytest.mark.parametrize(("currency", "minor"), [("CNY", 120_001), ("JPY", 5_001), ("KWD", 12_340)])
def test_minor_units_are_the_currencys(account: Account, currency: str, minor: int) -> None:
    wish = account.wish(currency=currency, lines=(WishedLine("Insight", "20 seats", minor),))
    page = account.gateway.open_session(account.gateway.prepare(wish), wish.attempt_key)
    truth = account.gateway.fetch_session(page.session_id)
    assert (truth.amount_minor, truth.currency) == (minor, currency)
    account.gateway.expire_session(page.session_id)


def test_what_nobody_knows(account: Account) -> None:
    with pytest.raises(NotAtProvider):
        account.gateway.fetch_session("cs_test_none")
    with pytest.raises(NotAtProvider):
        account.gateway.fetch_refund("re_none")
    assert account.gateway.fetch_balance("ch_none") is None


def test_money_comes_and_its_fee_is_told(account: Account) -> None:
    charge = account.charge()
    balance = sooner_or_later(lambda: account.gateway.fetch_balance(charge))
    assert balance.reporting_category == "charge"
    assert balance.net_minor == balance.gross_minor - balance.fee_minor
    assert balance.source_id == charge
    now = datetime.now(UTC)
    listed = account.gateway.payments_between(now - timedelta(hours=1), now + timedelta(minutes=5))
    assert (charge, 10_000, "USD") in [(each.charge_id, each.amount_minor, each.currency) for each in listed]


def test_money_goes_back_in_parts_and_never_more_than_came(account: Account) -> None:
    charge = account.charge()
    wish = RefundWish(charge, 4_000, f"refund:{charge}:1", "RNW-TEST")
    made = account.gateway.refund(wish)
    assert (made.status, made.amount_minor, made.key) == (RefundStatus.SUCCEEDED, 4_000, wish.key)
    assert account.gateway.refund(wish).id == made.id
    with pytest.raises(GatewayRefused):
        account.gateway.refund(RefundWish(charge, 6_001, f"refund:{charge}:2", "RNW-TEST"))
    account.gateway.refund(RefundWish(charge, 6_000, f"refund:{charge}:3", "RNW-TEST"))
    assert [each.amount_minor for each in account.gateway.refunds_of(charge)] == [4_000, 6_000]


def test_a_refused_card_says_why_and_where(account: Account) -> None:
    with pytest.raises(stripe.CardError) as refused:
        account.client.v1.payment_intents.create(
            {
                "amount": 500, "currency": "usd", "payment_method": "pm_card_chargeDeclined", "confirm": True,
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            }
        )  # fmt: skip
    error = refused.value.error
    assert error is not None
    assert (refused.value.http_status, error.code, error.decline_code) == (402, "card_declined", "generic_decline")
    assert error.payment_intent is not None
    assert error.payment_intent.status == "requires_payment_method"


def test_what_happened_is_listed_from_old_to_new(account: Account) -> None:
    since = datetime.now(UTC) - timedelta(seconds=5)
    charge = account.charge()
    account.gateway.refund(RefundWish(charge, 100, f"refund:{charge}:1", "RNW-TEST"))
    kinds = ["charge.refunded", "refund.created"]

    def both() -> list[str] | None:
        found = [event.type for event in account.gateway.events_since(since, kinds)]
        return found if set(kinds) <= set(found) else None

    assert sooner_or_later(both)
    made = [event.created_at for event in account.gateway.events_since(since, kinds)]
    assert made == sorted(made)
