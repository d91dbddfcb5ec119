"""The same key: the same answer; and what Stripe does not remember under it."""

from __future__ import annotations

import threading

import pytest
import requests
import stripe

from payments.sandbox.app import Sandbox
from tests.payments.sandbox.support import order

KEY = {"idempotency_key": "order:1:session:1"}


def test_replay_and_mismatch(client: stripe.StripeClient, base: str) -> None:
    first = client.v1.checkout.sessions.create(order(), KEY)  # type: ignore[arg-type]
    again = client.v1.checkout.sessions.create(order(), KEY)  # type: ignore[arg-type]
    assert again.id == first.id
    assert len(client.v1.checkout.sessions.list().data) == 1
    assert again.last_response
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError) as refused:
        client.v1.checkout.sessions.create(order(locale="zh"), KEY)  # type: ignore[arg-type]
    assert refused.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError):
        client.v1.customers.create({}, {"idempotency_key": "order:1:session:1"})
    with pytest.raises(stripe.IdempotencyError):
        client.v1.customers.create({}, {"idempotency_key": "x" * 256})


def test_parameter_errors_are_not_kept(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create(order(mode=None), KEY)  # type: ignore[arg-type]
    assert client.v1.checkout.sessions.create(order(), KEY).status == "open"  # type: ignore[arg-type]


def test_server_errors_are_kept(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    sandbox.misbehave({"status": 500, "path_prefix": "/v1/customers"})
    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            client.v1.customers.create({}, {"idempotency_key": "k"})
        assert failed.value.http_status == 500
    assert client.v1.customers.list().data == []


def test_rate_limits_are_not_kept(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    sandbox.misbehave({"status": 429, "method": "POST"})
    with pytest.raises(stripe.RateLimitError):
        client.v1.customers.create({}, {"idempotency_key": "k"})
    assert client.v1.customers.create({}, {"idempotency_key": "k"}).id


def test_an_answer_cut_off_is_replayed(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    sandbox.misbehave({"status": "cut", "path_prefix": "/v1/checkout"})
    with pytest.raises(stripe.APIConnectionError):
        client.v1.checkout.sessions.create(order(), KEY)  # type: ignore[arg-type]
    made = client.v1.checkout.sessions.create(order(), KEY)  # type: ignore[arg-type]
    assert [session.id for session in client.v1.checkout.sessions.list().data] == [made.id]


def test_a_request_in_flight(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    sandbox.misbehave({"status": "timeout", "path_prefix": "/v1/customers", "seconds": 10})
    made: list[str] = []

    def slow() -> None:
        made.append(client.v1.customers.create({}, {"idempotency_key": "k"}).id)

    thread = threading.Thread(target=slow)
    thread.start()
    while sandbox.summary()["faults"]:
        pass
    with pytest.raises(stripe.APIError) as refused:
        client.v1.customers.create({}, {"idempotency_key": "k"})
    assert refused.value.error  # the SDK makes a plain APIError of it, without a code of its own
    assert (refused.value.http_status, refused.value.error.code) == (409, "idempotency_key_in_use")
    sandbox.misbehave()
    thread.join()
    assert client.v1.customers.create({}, {"idempotency_key": "k"}).id == made[0]


def test_keys_are_forgotten_after_a_day(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    first = client.v1.customers.create({}, {"idempotency_key": "k"})
    sandbox.advance(86_340)  # a minute for a machine with other work
    assert client.v1.customers.create({}, {"idempotency_key": "k"}).id == first.id
    sandbox.advance(61)
    assert client.v1.customers.create({}, {"idempotency_key": "k"}).id != first.id


def test_refusals_by_state_are_kept(client: stripe.StripeClient, base: str) -> None:
    session = client.v1.checkout.sessions.create(order())
    client.v1.checkout.sessions.expire(session.id)
    head = {"Authorization": "Bearer sk_test_x", "Idempotency-Key": "e"}
    answers = [
        requests.post(f"{base}/v1/checkout/sessions/{session.id}/expire", headers=head, timeout=5)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert [answer.headers.get("Idempotent-Replayed") for answer in answers] == [None, "true"]
