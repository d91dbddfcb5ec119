"""Stripe, by its own SDK: hosted Checkout pages, and the truth about them."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

from stripe.params import CustomerCreateParams
from stripe.params.checkout import SessionCreateParams

from payments.db import Json
from payments.errors import GatewayRefused, GatewayUnreachable, NotAtProvider
from payments.gateway import stripe_events
from payments.gateway.base import (
    BalanceFacts,
    CustomerWish,
    EventFacts,
    SessionMade,
    SessionWish,
    Truth,
    total_of,
)
from payments.gateway.stripe_facts import balance_of, instant, truth_of
from payments.gateway.stripe_returns import StripeReturns
from payments.money import grain

EXPAND: Final = ["payment_intent.latest_charge.balance_transaction"]


class StripeGateway(StripeReturns):
    """A Gateway on Stripe's API; see StripeCalls. `secrets` are the webhook signing secrets that hold now."""

    def __init__(
        self, key: str, *, base: str | None, secrets: Sequence[str], in_transaction: Callable[[], bool]
    ) -> None:
        super().__init__(key, base=base, in_transaction=in_transaction)
        self._secrets = tuple(secrets)

    def prepare(self, wish: SessionWish) -> Json:
        """See Gateway. Stripe charges three-decimal currencies to the second decimal only."""
        if any(line.minor % grain(wish.currency) for line in wish.lines):
            raise GatewayRefused(code="amount_not_chargeable", currency=wish.currency, minor=total_of(wish.lines))
        marks = {"order": wish.reference, "quote": wish.quote_id, "attempt": wish.attempt_key}
        return {
            "mode": "payment",
            "ui_mode": "hosted_page",
            "customer": wish.customer_id,
            "client_reference_id": wish.reference,
            "metadata": marks,
            # Stripe does not copy the session's metadata to the payment.
            "payment_intent_data": {"metadata": marks, "description": wish.reference},
            "line_items": [
                {
                    # One piece at the line's total: the page's sum is the quote's, whatever seats times price is.
                    "quantity": 1,
                    "price_data": {
                        "currency": wish.currency.lower(),
                        "unit_amount": line.minor,
                        "product_data": {"name": line.name, "description": line.detail},
                    },
                }
                for line in wish.lines
            ],
            # Else Stripe would offer other currencies than the one in the quote.
            "adaptive_pricing": {"enabled": False},
            "locale": wish.locale,
            "expires_at": int(wish.expires_at.timestamp()),
            "success_url": wish.success_url,
            "cancel_url": wish.cancel_url,
        }

    def create_customer(self, wish: CustomerWish) -> str:
        params: CustomerCreateParams = {
            "name": wish.name,
            "email": wish.email,
            "metadata": {"subject": wish.subject},
        }
        digest = hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()[:24]
        key = f"customer:{wish.subject}:{digest}"
        try:
            return self._create_customer(params, key)
        except GatewayUnreachable as error:
            if not error.facts.get("replayed"):
                raise
            # Stripe repeats a failure under its key for a day. A payer who stands there twice harms nobody.
            return self._create_customer(params, f"{key}:{secrets.token_hex(4)}")

    def _create_customer(self, params: CustomerCreateParams, key: str) -> str:
        with self._call():
            return str(self._client.v1.customers.create(params, options={"idempotency_key": key}).id)

    def open_session(self, request: Json, key: str) -> SessionMade:
        with self._call():
            made = self._client.v1.checkout.sessions.create(
                cast(SessionCreateParams, request), options={"idempotency_key": key}
            ).to_dict()
            expires_at = instant(made.get("expires_at") or request["expires_at"])
            return SessionMade(str(made["id"]), made.get("url"), cast(datetime, expires_at))

    def fetch_session(self, session_id: str) -> Truth:
        with self._call():
            found = self._client.v1.checkout.sessions.retrieve(session_id, params={"expand": EXPAND})
            truth = truth_of(found.to_dict())
        if truth.livemode is not self.livemode:
            raise GatewayRefused(code="livemode", session=session_id)
        return truth

    def expire_session(self, session_id: str) -> None:
        with self._call():
            self._client.v1.checkout.sessions.expire(session_id)

    def find_session(self, request: Json, since: datetime) -> str | None:
        mark = request["metadata"]["attempt"]
        # Clocks differ by minutes at most; an hour is more than enough.
        created = {"gte": int((since - timedelta(hours=1)).timestamp())}
        with self._call():
            listed = self._client.v1.checkout.sessions.list(
                params={"customer": request["customer"], "created": cast(Any, created), "limit": 100}
            )
            for session in listed.auto_paging_iter():
                if (session.to_dict().get("metadata") or {}).get("attempt") == mark:
                    return str(session.id)
        return None

    def fetch_balance(self, charge_id: str) -> BalanceFacts | None:
        try:
            with self._call():
                charge = self._client.v1.charges.retrieve(charge_id, params={"expand": ["balance_transaction"]})
                return balance_of(charge.to_dict().get("balance_transaction"), charge_id)
        except NotAtProvider:
            return None

    def read_event(self, body: bytes, signature: str, at: datetime) -> EventFacts:
        return stripe_events.read(body, signature, self._secrets, self.livemode, at)
