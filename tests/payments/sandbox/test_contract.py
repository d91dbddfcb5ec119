"""Requests are held against the SDK's own types, and against Stripe's rules that types cannot tell."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import stripe

from payments.sandbox.app import Sandbox
from tests.payments.sandbox.support import Payer, order, priced


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"payment_method_types": ["card"]}, "payment_method_types", "parameter_unknown"),
        ({"ui_mode": "hosted"}, "ui_mode", None),
        ({"locale": "klingon"}, "locale", None),
        ({"mode": None}, "mode", "parameter_missing"),
        ({"mode": "subscription"}, "mode", "sandbox_unsupported"),
        ({"success_url": None}, "success_url", "parameter_missing"),
        ({"success_url": "nowhere"}, "success_url", "url_invalid"),
        ({"customer": "cus_nobody"}, "customer", "resource_missing"),
        ({"discounts": [{"coupon": "x"}]}, "discounts", "sandbox_unsupported"),
        ({"automatic_tax": {"enabled": True}}, "automatic_tax", "sandbox_unsupported"),
        ({"expires_at": "soon"}, "expires_at", "parameter_invalid_integer"),
        ({"adaptive_pricing": {"enabled": "maybe"}}, "adaptive_pricing[enabled]", None),
        ({"adaptive_pricing": {"wrong": True}}, "adaptive_pricing[wrong]", "parameter_unknown"),
        ({"client_reference_id": "x" * 201}, "client_reference_id", None),
        ({"line_items": [{"price": "price_x", "quantity": 1}]}, "line_items[0][price]", "resource_missing"),
        ({"line_items": [{"quantity": 1}]}, "line_items[0][price_data]", "parameter_missing"),
        ({"line_items": priced("usd", 5, 0)}, "line_items[0][quantity]", "parameter_invalid_integer"),
        ({"line_items": priced("xxx", 5)}, "line_items[0][price_data][currency]", None),
        ({"line_items": priced("kwd", 1_234)}, "line_items", "parameter_invalid_integer"),
        ({"line_items": priced("usd", 5) + priced("eur", 5)}, "line_items", None),
        ({"currency": "eur"}, "line_items", None),
        ({"line_items": "all"}, "line_items", None),
        ({"line_items": [{"quantity": 1, "price_data": "free"}]}, "line_items[0][price_data]", None),
        ({"metadata": {"a": {"b": "c"}}}, "metadata[a]", None),
        ({"metadata": "text"}, "metadata", None),
        ({"adaptive_pricing": "no"}, "adaptive_pricing", None),
        ({"expires_at": {"gt": 5}}, "expires_at", None),
        ({"success_url": "http://127.0.0.1/" + "x" * 5_000}, "success_url", None),
        (
            {"payment_intent_data": {"capture_method": "manual"}},
            "payment_intent_data[capture_method]",
            "sandbox_unsupported",
        ),
        ({"allowed_payment_method_types": ["sofort"]}, None, None),
        ({"line_items": priced("usd", 0)}, None, "amount_too_small"),
        ({"line_items": priced("usd", 99_999_999, 2)}, None, "amount_too_large"),
    ],
)
def test_refused_sessions(payer: Payer, changes: dict[str, Any], param: str | None, code: str | None) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        payer.session(**changes)
    assert refused.value.http_status == 400
    assert (refused.value.param, refused.value.code) == (param, code)
    assert payer.client.v1.checkout.sessions.list().data == []


@pytest.mark.parametrize("seconds", [1_790, 86_460])
def test_expiry_is_half_an_hour_to_a_day_away(payer: Payer, sandbox: Sandbox, seconds: int) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        payer.session(expires_at=sandbox.now + seconds)
    assert refused.value.param == "expires_at"


def test_a_nested_enum_and_a_nested_name(payer: Payer) -> None:
    lines = priced("usd", 500)
    lines[0]["price_data"]["tax_behavior"] = "sometimes"
    with pytest.raises(stripe.InvalidRequestError, match="must be one of exclusive") as refused:
        payer.session(line_items=lines)
    assert refused.value.param == "line_items[0][price_data][tax_behavior]"
    lines[0]["price_data"] = {"currency": "usd", "unit_amount": 500, "product_data": {"title": "x"}}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        payer.session(line_items=lines)
    assert refused.value.param == "line_items[0][price_data][product_data][title]"


def test_methods_are_filtered(payer: Payer) -> None:
    assert payer.session(allowed_payment_method_types=["card", "sofort"]).payment_method_types == ["card"]
    assert payer.session(excluded_payment_method_types=["alipay"]).payment_method_types == ["card", "wechat_pay"]
    assert payer.session(line_items=priced("thb", 5_000)).payment_method_types == ["card"]


@pytest.mark.parametrize("key", ["sk_live_x", "rk_live_x", "pk_test_x", "x"])
def test_other_keys_are_refused(base: str, key: str) -> None:
    client = stripe.StripeClient(key, base_addresses={"api": base})
    with pytest.raises(stripe.AuthenticationError) as refused:
        client.v1.customers.list()
    assert refused.value.http_status == 401


def test_another_version_is_refused(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="2025-01-27"):
        client.v1.customers.list(options={"stripe_version": "2025-01-27.acacia"})


def test_plain_http(base: str) -> None:
    """curl's way in: the key as a user name, forms with brackets, no version."""
    made = requests.post(f"{base}/v1/customers", data={"metadata[a]": "1"}, auth=("sk_test_x", ""), timeout=5)
    assert made.status_code == 200
    assert made.json()["metadata"] == {"a": "1"}
    assert made.headers["Request-Id"].startswith("req_")
    for path in ("/v1/coupons", "/v1/customers/a/b"):
        lost = requests.get(f"{base}{path}", auth=("sk_test_x", ""), timeout=5)
        assert (lost.status_code, lost.json()["error"]["type"]) == (404, "invalid_request_error")
    for form in ({"a[": "1"}, {"name": "x", "name[a]": "y"}, {"a" + "[b]" * 20: "1"}, {"name[a]": "x"}):
        bad = requests.post(f"{base}/v1/customers", data=form, auth=("sk_test_x", ""), timeout=5)
        assert bad.status_code == 400
    elsewhere = requests.get(
        f"{base}/v1/customers", headers={"Host": "rebound.example"}, auth=("sk_test_x", ""), timeout=5
    )
    assert elsewhere.status_code == 403


def test_what_cannot_be_expanded(payer: Payer) -> None:
    session = payer.session()
    for path in ("amount_total", "nothing", "payment_intent.amount", "a.b.c.d.e", "total_details"):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            payer.again(session, path)
        assert refused.value.param == "expand"
    with pytest.raises(stripe.InvalidRequestError):
        payer.client.v1.checkout.sessions.list({"expand": ["payment_intent"]})


def test_expanding_in_lists(payer: Payer) -> None:
    payer.paid()
    found = payer.client.v1.checkout.sessions.list(
        {"expand": ["data.payment_intent.latest_charge.balance_transaction"]}
    )
    intent = found.data[0].payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert isinstance(intent.latest_charge.balance_transaction, stripe.BalanceTransaction)
    txns = payer.client.v1.balance_transactions.list({"expand": ["data.source.payment_intent"]})
    assert isinstance(txns.data[0].source, stripe.Charge)
    assert isinstance(txns.data[0].source.payment_intent, stripe.PaymentIntent)


def test_list_filters(payer: Payer) -> None:
    customer = payer.client.v1.customers.create({"email": "a@example.com"})
    mine = payer.paid(customer=customer.id)
    payer.session()
    sessions = payer.client.v1.checkout.sessions
    assert [s.id for s in sessions.list({"customer": customer.id}).data] == [mine.id]
    assert [s.id for s in sessions.list({"status": "complete"}).data] == [mine.id]
    assert [s.id for s in sessions.list({"payment_intent": str(mine.payment_intent)}).data] == [mine.id]
    assert [s.id for s in sessions.list({"customer_details": {"email": "a@example.com"}}).data] == [mine.id]
    assert sessions.list({"created": {"gt": mine.created + 60}}).data == []
    charges = payer.client.v1.charges.list({"payment_intent": str(mine.payment_intent)})
    assert payer.client.v1.charges.retrieve(charges.data[0].id).customer == customer.id
    assert payer.client.v1.payment_intents.list({"customer": customer.id}).data[0].id == mine.payment_intent
    with pytest.raises(stripe.InvalidRequestError) as refused:
        payer.client.v1.balance_transactions.list({"payout": "po_x"})
    assert refused.value.param == "payout"


def test_customer_and_email_exclude_each_other(payer: Payer) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        payer.client.v1.checkout.sessions.create(order(customer="cus_x", customer_email="a@example.com"))
