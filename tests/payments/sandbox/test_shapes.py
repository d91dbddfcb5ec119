"""No answer has a field that the SDK's classes do not know, and nothing of theirs is missing by mistake."""

from __future__ import annotations

import pytest
import requests
import stripe

from payments.sandbox import money
from payments.sandbox.app import Sandbox
from payments.sandbox.methods import NOT_AUTHENTICATED, NOT_SETTLED, REFUSALS, WALLET_REFUSED
from payments.sandbox.objects import BY_OBJECT, make
from tests.payments.sandbox.support import Payer, unknown_fields

LISTS = ["customers", "checkout/sessions", "payment_intents", "charges", "refunds", "disputes",
         "radar/early_fraud_warnings", "payouts", "balance_transactions", "events"]  # fmt: skip
EXPAND = {
    "checkout/sessions": ["data.payment_intent.payment_method", "data.line_items", "data.customer"],
    "payment_intents": ["data.latest_charge.balance_transaction"],
}


def _money_moves(payer: Payer, sandbox: Sandbox) -> None:
    """A refund that fails, a dispute that is won, a warning, a payout that comes back."""
    intent = payer.paid().payment_intent
    failing = payer.client.v1.refunds.create({"payment_intent": str(intent), "amount": 100})
    sandbox.do(lambda work: money.refund(work, failing.id, {"outcome": "fail"}))
    dispute = sandbox.do(lambda work: money.contest(work, {"payment_intent": str(intent)}))
    sandbox.do(lambda work: money.decide(work, dispute["id"], {"outcome": "won"}))
    sandbox.do(lambda work: money.warn(work, {"payment_intent": str(intent)}))
    sandbox.advance(3 * 86_400)
    sandbox.do(lambda work: money.run_payouts(work, {}))
    sandbox.advance(86_400)
    payout = payer.client.v1.payouts.list({"limit": 1}).data[0]
    sandbox.do(lambda work: money.fail_payout(work, payout.id, {}))


def test_every_object(payer: Payer, sandbox: Sandbox, base: str) -> None:
    customer = payer.client.v1.customers.create({"email": "a@example.com", "address": {"city": "x"}})
    for outcome in ("succeed", "decline", "requires_3ds", "pending_then_succeed", "pending_then_fail"):
        for method in ("card", "alipay", "wechat_pay"):
            session = payer.session(
                customer=customer.id, submit_type="pay", branding_settings={"display_name": "E"}
            )
            payer.post(session.url, outcome=outcome, method=method)
    sandbox.advance(10)
    _money_moves(payer, sandbox)
    payer.client.v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["*"]})
    seen = set()
    for path in [*LISTS, "webhook_endpoints"]:
        params = [("limit", "100"), *(("expand[]", field) for field in EXPAND.get(path, []))]
        answer = requests.get(f"{base}/v1/{path}", params=params, auth=("sk_test_x", ""), timeout=5)
        for body in answer.json()["data"]:
            assert list(unknown_fields(body, BY_OBJECT[body["object"]])) == []
            seen.add(body["object"])
            if body["object"] == "event":
                inner = body["data"]["object"]
                assert list(unknown_fields(inner, BY_OBJECT[inner["object"]])) == []
    balance = requests.get(f"{base}/v1/balance", auth=("sk_test_x", ""), timeout=5).json()
    assert list(unknown_fields(balance, stripe.Balance)) == []
    assert len(seen) == 11


def test_skeletons_hold_every_field() -> None:
    charge = make(stripe.Charge)
    assert charge["object"] == "charge"
    assert charge["billing_details"]["email"] is None
    assert "refunds" not in charge
    with pytest.raises(KeyError, match="colour"):
        make(stripe.Charge, colour="red")


def test_refusals_use_codes_the_sdk_knows() -> None:
    known = str(stripe.PaymentIntent.LastPaymentError.__annotations__["code"])
    for refusal in [*REFUSALS.values(), NOT_AUTHENTICATED, NOT_SETTLED, WALLET_REFUSED]:
        assert f"'{refusal.code}'" in known
