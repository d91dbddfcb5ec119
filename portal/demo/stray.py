"""A payment that belongs to no order: somebody made a page by hand at the provider. Its webhook tells finance."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from flask import current_app

from payments.gateway.base import CustomerWish, SessionWish, WishedLine
from portal.checkout.flows.ground import gateway
from portal.demo import shopper
from portal.kit.settings import Settings

KEY: Final = "demo:by-hand"
REFERENCE: Final = "INV-2024-0391"
LIVES: Final = timedelta(hours=2)


def pay(at: datetime) -> None:
    """Make the page and pay on it. Under one key, so that doing it again soon pays nothing twice. Raises
    GatewayError."""
    settings: Settings = current_app.extensions["settings"]
    customer = gateway().create_customer(
        CustomerWish("by-hand", "Dunmarrow Marine Supply", "till@dunmarrow.example")
    )
    wish = SessionWish(
        reference=REFERENCE, quote_id="", attempt_key="", customer_id=customer, currency="USD",
        lines=(WishedLine("Training, two days", "agreed by telephone", 240_000),), locale="en",
        success_url=settings.base_url, cancel_url=settings.base_url,
        expires_at=(at + LIVES).replace(minute=0, second=0, microsecond=0),
    )  # fmt: skip
    made = gateway().open_session(gateway().prepare(wish), KEY)
    if made.url is not None:
        shopper.choose(made.url, "succeed")
