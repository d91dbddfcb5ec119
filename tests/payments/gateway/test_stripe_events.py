from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from stripe import WebhookSignature

from payments.errors import BadSignature
from payments.gateway import stripe_events
from payments.gateway.base import EventFacts
from payments.gateway.stripe import StripeGateway

AT = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
CLASSIC = {
    "id": "evt_1", "object": "event", "type": "checkout.session.completed", "livemode": False,
    "created": int(AT.timestamp()), "data": {"object": {"id": "cs_1", "object": "checkout.session"}},
}  # fmt: skip
THIN = {
    "id": "evt_thin", "object": "v2.core.event", "type": "v1.checkout.session.completed", "livemode": False,
    "created": "2026-11-22T06:30:00.000Z", "snapshot_event": "evt_1",
    "related_object": {"id": "cs_1", "type": "checkout.session", "url": "/v1/checkout/sessions/cs_1"},
}  # fmt: skip
EXPECTED = EventFacts("evt_1", "checkout.session.completed", "cs_1", False, AT)


def signed(event: Any, secret: str = "whsec_a", at: datetime = AT) -> tuple[bytes, str]:
    body = event if isinstance(event, str) else json.dumps(event)
    return body.encode(), WebhookSignature.generate_signature_header(body, secret, int(at.timestamp()))


def read(body: bytes, signature: str, at: datetime = AT, livemode: bool = False) -> EventFacts:
    return stripe_events.read(body, signature, ["whsec_a", "whsec_b"], livemode, at)


@pytest.mark.parametrize("event", [CLASSIC, THIN])
def test_both_shapes_of_an_event_are_one(event: dict[str, Any]) -> None:
    assert read(*signed(event)) == EXPECTED


def test_a_thin_event_of_its_own_has_its_own_id() -> None:
    facts = read(*signed(THIN | {"snapshot_event": None, "related_object": None}))
    assert (facts.event_id, facts.object_id) == ("evt_thin", "evt_thin")


def test_an_event_about_nothing_is_about_itself() -> None:
    assert read(*signed(CLASSIC | {"data": {"object": {}}})).object_id == "evt_1"


def test_f13_both_secrets_hold_while_one_replaces_the_other() -> None:
    assert read(*signed(CLASSIC, "whsec_b")) == EXPECTED
    body, old = signed(CLASSIC, "whsec_old")
    _body, new = signed(CLASSIC, "whsec_a")
    assert read(body, f"{old},v1={new.rpartition('v1=')[2]}") == EXPECTED
    with pytest.raises(BadSignature):
        read(body, old)


@pytest.mark.parametrize("seconds", [-301, 301, -86_400, 86_400])
def test_f6_a_stamp_too_old_or_from_the_future_is_refused(seconds: int) -> None:
    with pytest.raises(BadSignature) as refusal:
        read(*signed(CLASSIC, at=AT + timedelta(seconds=seconds)))
    assert refusal.value.facts == {"reason": "time"}
    assert read(*signed(CLASSIC, at=AT + timedelta(seconds=300 if seconds > 0 else -300))) == EXPECTED


def test_a_changed_body_is_refused() -> None:
    body, signature = signed(CLASSIC)
    with pytest.raises(BadSignature):
        read(body.replace(b"cs_1", b"cs_2"), signature)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "nonsense",
        "t=1",
        "v1=abc",
        "t=,v1=",
        "t=x,v1=abc",
        "t=1,v1=é",
        "t=1,v0=abc",
        "t=" + "9" * 5_000 + ",v1=a",
    ],
)
def test_a_signature_that_proves_nothing_is_refused(signature: str) -> None:
    with pytest.raises(BadSignature):
        read(signed(CLASSIC)[0], signature)


def test_no_secret_lets_nobody_in() -> None:
    body, signature = signed(CLASSIC, "")
    for secrets in ([], [""]):
        with pytest.raises(BadSignature):
            stripe_events.read(body, signature, secrets, False, AT)


@pytest.mark.parametrize(
    "body",
    [
        "", "null", "[]", "7", '"event"', "{}", "{", "[" * 100_000, '{"object": "customer"}',
        '{"object": "event"}',
        json.dumps(CLASSIC | {"id": 5}), json.dumps(CLASSIC | {"id": ""}), json.dumps(CLASSIC | {"id": "x" * 256}),
        json.dumps(CLASSIC | {"id": "evt\u0000"}), json.dumps(CLASSIC | {"created": "x"}),
        json.dumps(CLASSIC | {"created": 1e300}), json.dumps(CLASSIC | {"data": None}),
        json.dumps(THIN | {"created": "yesterday"}), json.dumps(THIN | {"related_object": 5}),
    ],
)  # fmt: skip
def test_a_signed_body_that_is_no_event_is_refused(body: str) -> None:
    with pytest.raises(BadSignature) as refusal:
        read(*signed(body))
    assert refusal.value.facts == {"reason": "body"}


def test_a_body_that_is_no_text_or_too_long_is_refused() -> None:
    with pytest.raises(BadSignature):
        read(b"\xff\xfe", "t=1,v1=a")
    with pytest.raises(BadSignature) as refusal:
        read(b"x" * 1_000_001, "t=1,v1=a")
    assert refusal.value.facts == {"reason": "too_large"}


@pytest.mark.parametrize("livemode", [True, False])
def test_play_money_does_not_speak_for_real_money(livemode: bool) -> None:
    event = CLASSIC | {"livemode": livemode}
    assert read(*signed(event), livemode=livemode).livemode is livemode
    with pytest.raises(BadSignature) as refusal:
        read(*signed(event), livemode=not livemode)
    assert refusal.value.facts["reason"] == "livemode"


def test_the_gateway_reads_by_its_own_secrets_and_mode(gateway: StripeGateway) -> None:
    body, signature = signed(CLASSIC, "whsec_b")
    assert gateway.read_event(body, signature, AT) == EXPECTED


@pytest.mark.parametrize(
    "event",
    [
        CLASSIC | {"data": {"object": "cs_1"}},
        CLASSIC | {"data": {"object": {"id": "../customers/x"}}},
        CLASSIC | {"id": "evt 1"},
        CLASSIC | {"created": -1e17},
        CLASSIC | {"created": 0},
        THIN | {"created": "2026-11-22T06:30:00"},
        THIN | {"created": "0001-01-01T00:00:00+14:00"},
    ],
)
def test_a_signed_body_of_odd_shape_is_refused_and_never_our_fault(event: dict[str, Any]) -> None:
    with pytest.raises(BadSignature) as refusal:
        read(*signed(event))
    assert refusal.value.facts == {"reason": "body"}
