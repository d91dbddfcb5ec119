"""Customers: create, change, find."""

from __future__ import annotations

from typing import Any

import pytest
import stripe


def test_create_update_and_find(client: stripe.StripeClient) -> None:
    made = client.v1.customers.create(
        {"name": "李雷", "email": "li@example.cn", "metadata": {"a": "1", "b": "2"}, "address": {"city": "上海"}}
    )
    assert made.id.startswith("cus_")
    assert made.address
    assert (made.address.city, made.address.country) == ("上海", None)
    changed = client.v1.customers.update(made.id, {"name": "李雷雷", "metadata": {"a": "", "c": "3"}})
    assert changed.name == "李雷雷"
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}
    emptied = client.v1.customers.update(made.id, {"metadata": ""})
    assert emptied.metadata is not None
    assert emptied.metadata.to_dict() == {}
    client.v1.customers.create({"email": "other@example.cn"})
    assert [found.id for found in client.v1.customers.list({"email": "li@example.cn"}).data] == [made.id]
    assert [event.type for event in client.v1.events.list({"type": "customer.*"}).data] == ["customer.created"] * 2


def test_an_unknown_customer(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.retrieve("cus_nobody")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    assert refused.value.request_id


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"email": "no address"}, "email"),
        ({"email": ""}, "email"),
        ({"balance": 5}, "balance"),
        ({"metadata": {"k" * 41: "v"}}, "metadata"),
    ],
)
def test_refused(client: stripe.StripeClient, params: Any, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.create(params)
    assert refused.value.param == param
