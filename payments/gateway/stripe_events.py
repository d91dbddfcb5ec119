"""Verify Stripe's webhooks, in the classic shape and the thin one."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import stripe

from payments.errors import BadSignature
from payments.gateway.base import EventFacts

LARGEST: Final = 1_000_000
ID: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,254}", re.ASCII)
TOLERANCE: Final = timedelta(minutes=5)


def read(body: bytes, signature: str, secrets: Sequence[str], livemode: bool, at: datetime) -> EventFacts:
    """The facts of a webhook that one of `secrets` signed within five minutes of `at`. Several secrets hold while
    one replaces the other. Raises BadSignature."""
    if len(body) > LARGEST:
        raise BadSignature(reason="too_large")
    _verify(body, signature, secrets, at)
    facts = _facts(body)
    if facts.livemode is not livemode:
        raise BadSignature(reason="livemode", event_id=facts.event_id)
    return facts


def _verify(body: bytes, signature: str, secrets: Sequence[str], at: datetime) -> None:
    if not any(_signed(body, signature, secret) for secret in secrets):
        raise BadSignature(reason="signature")
    age = at.timestamp() - _signed_at(signature)
    # The SDK looks at the past only; a stamp from the future would stay good for as long as it lies ahead.
    if abs(age) > TOLERANCE.total_seconds():
        raise BadSignature(reason="time")


def _signed(body: bytes, signature: str, secret: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(body, signature, secret, tolerance=None))
    except (stripe.SignatureVerificationError, ValueError, TypeError):
        return False


def _signed_at(signature: str) -> int:
    return next(int(part[2:]) for part in signature.split(",") if part.startswith("t="))


def _facts(body: bytes) -> EventFacts:
    try:
        event = json.loads(body)
        return _thin(event) if event["object"] == "v2.core.event" else classic(event)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError, OSError):
        raise BadSignature(reason="body") from None


def classic(event: dict[str, Any]) -> EventFacts:
    """A classic event, as a webhook's body or as listed. Raises KeyError, TypeError, ValueError."""
    if event["object"] != "event":
        raise ValueError(event["object"])
    return EventFacts(
        event_id=_text(event["id"]),
        type=_text(event["type"]),
        object_id=_text(event["data"]["object"].get("id") or event["id"]),
        livemode=event["livemode"] is True,
        created_at=_sane(datetime.fromtimestamp(event["created"], UTC)),
    )


def _thin(event: dict[str, Any]) -> EventFacts:
    """A thin event names the classic one it stands for, so that an account that sends both is heard once."""
    return EventFacts(
        event_id=_text(event.get("snapshot_event") or event["id"]),
        type=_text(event["type"]).removeprefix("v1."),
        object_id=_text((event.get("related_object") or event)["id"]),
        livemode=event["livemode"] is True,
        created_at=_sane(datetime.fromisoformat(event["created"])),
    )


def _sane(at: datetime) -> datetime:
    if at.tzinfo is None or not 2000 <= at.year <= 2200:
        raise ValueError("no time")
    return at


def _text(value: Any) -> str:
    """An id or a type; ids go into addresses, so nothing that could lead elsewhere."""
    if not isinstance(value, str) or not ID.fullmatch(value):
        raise ValueError("no id")
    return value
