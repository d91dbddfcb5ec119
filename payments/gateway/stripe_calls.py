"""Trips to Stripe: the SDK's client, the guard against open transactions, and Stripe's errors in our words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import requests
import stripe

from payments.errors import BrokenAnswer, GatewayRefused, GatewayUnreachable, NotAtProvider

# The SDK would otherwise write a file into the home directory and send platform data.
stripe.enable_telemetry = False

# Seconds to connect and to wait for an answer: with two retries a customer waits twenty at worst.
TIMEOUT: Final = (3.0, 6.0)
RETRIES: Final = 2
LIVE_KEYS: Final = ("sk_live_", "rk_live_")


class _StraightClient(stripe.RequestsClient):
    """Follows no redirect: Stripe's API sends none, and whoever does would get our key."""

    def _request_internal(self, *args: Any, **kwargs: Any) -> Any:
        if getattr(self._thread_local, "session", None) is None:
            self._thread_local.session = requests.Session()
            self._thread_local.session.max_redirects = 0
        return super()._request_internal(*args, **kwargs)


class StripeCalls:
    """What every call to Stripe stands on. `base` replaces Stripe's own address (an emulator); `in_transaction`
    tells whether the caller has a database transaction open."""

    name = "stripe"

    def __init__(self, key: str, *, base: str | None, in_transaction: Callable[[], bool]) -> None:
        self.livemode = key.startswith(LIVE_KEYS)
        self._in_transaction = in_transaction
        self._client = stripe.StripeClient(
            key,
            base_addresses={"api": base} if base else {},
            max_network_retries=RETRIES,
            http_client=_StraightClient(timeout=TIMEOUT),
        )

    @contextmanager
    def _call(self) -> Iterator[None]:
        """One trip to Stripe: refuses inside a transaction, and speaks our errors."""
        if self._in_transaction():
            raise RuntimeError("a payment provider must not be asked inside a transaction")
        try:
            yield
        except stripe.StripeError as error:
            raise _refusal(error) from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BrokenAnswer(error=repr(error)[:200]) from error


def _refusal(error: stripe.StripeError) -> GatewayUnreachable | GatewayRefused:
    """What went wrong, in our words. An APIError is a 5xx, a 409 for a key in use, or an unreadable answer."""
    facts = {"code": error.code, "status": error.http_status, "request_id": error.request_id}
    if isinstance(error, stripe.APIConnectionError | stripe.RateLimitError | stripe.APIError):
        replayed = (error.headers or {}).get("Idempotent-Replayed") == "true"
        return GatewayUnreachable(**facts, replayed=replayed)
    facts |= {"param": getattr(error, "param", None)}
    if error.code == "resource_missing":
        return NotAtProvider(**facts)
    if isinstance(error, stripe.IdempotencyError):
        facts |= {"code": "idempotency_error"}
    return GatewayRefused(**facts)
