"""Events: snapshots, newest first, paged both ways, gone after 30 days."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from payments.sandbox.app import Sandbox
from tests.payments.sandbox.support import Payer


def customers(client: stripe.StripeClient, count: int) -> list[str]:
    return [client.v1.customers.create({"name": str(i)}).id for i in range(count)]


def subjects(events: Any) -> list[str]:
    return [event.data.object["id"] for event in events]


def test_newest_first_and_pages_in_both_directions(client: stripe.StripeClient) -> None:
    made = customers(client, 7)
    events = client.v1.events.list({"limit": 3})
    assert subjects(events.data) == made[:3:-1]
    assert events.has_more
    assert subjects(events.auto_paging_iter()) == made[::-1]

    oldest = client.v1.events.list({"limit": 100}).data[-1].id
    catch_up = client.v1.events.list({"ending_before": oldest, "limit": 2})
    assert subjects(catch_up.data) == [made[2], made[1]]
    assert subjects(catch_up.auto_paging_iter()) == made[1:]
    newest = client.v1.events.list({"limit": 1}).data[0].id
    assert client.v1.events.list({"ending_before": newest}).data == []


def test_types(payer: Payer) -> None:
    payer.paid()
    events = payer.client.v1.events
    assert [e.type for e in events.list({"type": "payment_intent.*"}).data] == [
        "payment_intent.succeeded",
        "payment_intent.created",
    ]
    assert [e.type for e in events.list({"types": ["charge.succeeded", "charge.failed"]}).data] == [
        "charge.succeeded"
    ]
    with pytest.raises(stripe.InvalidRequestError):
        events.list({"type": "charge.failed", "types": ["charge.failed"]})
    with pytest.raises(stripe.InvalidRequestError):
        events.list({"types": ["charge.failed"] * 21})


def test_an_event_is_a_snapshot(payer: Payer) -> None:
    payer.paid()
    created = payer.client.v1.events.list({"type": "payment_intent.created"}).data[0]
    assert created.data.object["status"] == "requires_payment_method"
    assert (created.livemode, created.api_version) == (False, stripe.api_version)
    assert payer.client.v1.events.retrieve(created.id).data.object["status"] == "requires_payment_method"


def test_an_event_knows_its_request(client: stripe.StripeClient) -> None:
    made = client.v1.customers.create({}, {"idempotency_key": "k"})
    assert made.last_response
    request = client.v1.events.list().data[0].request
    assert request
    assert (request.id, request.idempotency_key) == (made.last_response.request_id, "k")


def test_thirty_days(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    customers(client, 1)
    old = client.v1.events.list().data[0].id
    sandbox.advance(31 * 86_400)
    customers(client, 1)
    assert len(client.v1.events.list().data) == 1
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.events.list({"ending_before": old})
    assert (refused.value.code, refused.value.param) == ("resource_missing", "ending_before")
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.events.retrieve(old)


@pytest.mark.parametrize(
    "params",
    [{"limit": 0}, {"limit": 101}, {"starting_after": "a", "ending_before": "b"}, {"starting_after": "a"}],
)
def test_bad_pages(client: stripe.StripeClient, params: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.customers.list(params)


def test_line_items_have_pages_too(payer: Payer) -> None:
    line = {"currency": "usd", "unit_amount": 100, "product_data": {"name": "x"}}
    session = payer.session(line_items=[{"quantity": i + 1, "price_data": line} for i in range(5)])
    items = payer.client.v1.checkout.sessions.line_items
    first = items.list(session.id, {"limit": 2})
    assert [item.quantity for item in first.auto_paging_iter()] == [1, 2, 3, 4, 5]
    last = items.list(session.id, {"limit": 2, "ending_before": first.data[1].id})
    assert ([item.quantity for item in last.data], last.has_more) == ([1], False)
    with pytest.raises(stripe.InvalidRequestError):
        items.list(session.id, {"starting_after": "li_x"})
