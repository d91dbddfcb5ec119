"""Webhooks: signed, repeated after a failure, and badly behaved on request."""

from __future__ import annotations

import socket

import pytest
import stripe

from payments.sandbox.app import Sandbox
from payments.sandbox.webhooks import loopback_url, signature
from tests.payments.sandbox.support import SECRET, Payer, Receiver

PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"]


@pytest.fixture(autouse=True)
def _targeted(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.target(receiver.url, SECRET)


def test_signed_and_in_order(payer: Payer, sandbox: Sandbox, receiver: Receiver) -> None:
    session = payer.paid()
    events = [receiver.take() for _ in PAID]
    assert [event.type for event in events] == PAID
    assert events[-1].data.object["id"] == session.id
    assert events[-1].object == "event"
    sandbox.deliver()
    listed = payer.client.v1.events.list({"delivery_success": True})
    assert {event.pending_webhooks for event in listed.data} == {0}
    assert len(listed.data) == 4


def test_tried_again_after_a_failure(payer: Payer, sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.script = [500, 302]
    payer.client.v1.customers.create({})
    assert receiver.types(sandbox) == []
    pending = payer.client.v1.events.list({"delivery_success": False}).data[0]
    assert pending.pending_webhooks == 1
    sandbox.advance(1.1)
    assert receiver.types(sandbox) == []
    sandbox.advance(5.1)
    assert receiver.types(sandbox) == ["customer.created"]
    assert payer.client.v1.events.retrieve(pending.id).pending_webhooks == 0


def test_given_up_after_three_days(payer: Payer, sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.script = [500] * 200
    payer.client.v1.customers.create({})
    for _ in range(80):
        sandbox.advance(3_601)
        sandbox.deliver()
    assert sandbox.summary()["deliveries"] == {"failed": 1}
    assert 70 < 200 - len(receiver.script) < 80


def test_dropped(payer: Payer, sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.modes(drop=2)
    payer.paid()
    assert receiver.types(sandbox) == PAID[2:]
    sandbox.modes(drop=True)
    payer.client.v1.customers.create({})
    sandbox.advance(100)
    assert receiver.types(sandbox) == []
    assert len(payer.client.v1.events.list().data) == 5


def test_duplicated(payer: Payer, sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.modes(duplicate=1)
    payer.client.v1.customers.create({})
    sandbox.deliver()
    assert receiver.take().id == receiver.take().id


def test_reordered(payer: Payer, sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.modes(reorder=True)
    payer.paid()
    assert receiver.types(sandbox) == PAID[::-1]


def test_delayed(payer: Payer, sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.modes(delay=60)
    payer.client.v1.customers.create({})
    assert receiver.types(sandbox) == []
    sandbox.advance(61)
    assert receiver.types(sandbox) == ["customer.created"]


def test_stopped_and_resumed(payer: Payer, sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.modes(stop=True)
    payer.client.v1.customers.create({})
    assert receiver.types(sandbox) == []
    sandbox.modes(stop=False)
    assert receiver.types(sandbox) == ["customer.created"]


def test_nobody_listens(payer: Payer, sandbox: Sandbox) -> None:
    sandbox.target("http://127.0.0.1:9/nobody", SECRET)
    payer.client.v1.customers.create({})
    sandbox.deliver()
    assert sandbox.summary()["deliveries"] == {"pending": 1}


def test_stopping_hangs_up_on_a_silent_receiver(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sandbox.target(f"http://127.0.0.1:{silent.getsockname()[1]}/", SECRET)
        client.v1.customers.create({})
        line, _ = silent.accept()
        line.settimeout(5)
        assert line.recv(10) == b"POST / HTT"
        sandbox.stop_background()
        assert sandbox.summary()["deliveries"] == {"pending": 1}
        line.close()


def test_endpoints_of_the_api(payer: Payer, sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.target(None)
    endpoints = payer.client.v1.webhook_endpoints
    made = endpoints.create({"url": receiver.url, "enabled_events": ["checkout.session.completed"]})
    assert made.secret
    assert made.secret.startswith("whsec_")
    assert not hasattr(endpoints.retrieve(made.id), "secret")
    assert [endpoint.id for endpoint in endpoints.list().data] == [made.id]
    payer.paid()
    sandbox.deliver()
    body, header = receiver._arrived.get(timeout=5)
    event = stripe.Webhook.construct_event(body, header, made.secret)
    assert event.type == "checkout.session.completed"
    assert receiver._arrived.empty()
    assert endpoints.delete(made.id).deleted
    payer.paid()
    assert receiver.types(sandbox) == []


def test_only_this_machine(payer: Payer, sandbox: Sandbox) -> None:
    for url in ("http://example.com/", "https://127.0.0.1/", "http://10.0.0.1/", "http://localhost.example/", "x"):
        assert not loopback_url(url)
    assert loopback_url("http://[::1]:80/x")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        payer.client.v1.webhook_endpoints.create({"url": "http://example.com/", "enabled_events": ["*"]})
    assert refused.value.param == "url"
    with pytest.raises(ValueError, match=r"example\.com"):
        sandbox.target("http://example.com/")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        payer.client.v1.webhook_endpoints.create(
            {"url": "http://localhost/", "enabled_events": ["*"], "api_version": "2020-08-27"}
        )
    assert refused.value.param == "api_version"


def test_the_signature_uses_real_time(payer: Payer, sandbox: Sandbox, receiver: Receiver) -> None:
    """The SDK refuses signatures older than five minutes; an advanced clock must not matter."""
    sandbox.advance(40 * 86_400)
    payer.client.v1.customers.create({})
    sandbox.deliver()
    assert receiver.take().created > 0


def test_a_signature_by_hand() -> None:
    """Computed once with openssl: printf '12.{}' | openssl dgst -sha256 -hmac whsec_x"""
    found = signature("whsec_x", b"{}", 12)
    assert found == "t=12,v1=a1a23aaa11a5e60d05ced9d65a8cc37815848ba1b24be623e8a0ef3a117faa11"
