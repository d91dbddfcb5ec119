"""/v1/payment_intents; they are made by Checkout Sessions only, so far."""

from __future__ import annotations

from stripe.params import PaymentIntentCancelParams, PaymentIntentListParams, PaymentIntentRetrieveParams

from payments.sandbox import pay
from payments.sandbox.api.route import Route
from payments.sandbox.envelope import wrong_state
from payments.sandbox.paging import Filter, page
from payments.sandbox.store import Json
from payments.sandbox.work import Work


def retrieve(work: Work, _params: Json, id_: str) -> Json:
    return work.need("payment_intent", id_, "payment_intent")


def index(work: Work, params: Json) -> Json:
    wanted = Filter("payment_intent").equals("customer", params.get("customer"))
    wanted.equals("customer_account", params.get("customer_account"))
    return page(work.rows, wanted, params, "/v1/payment_intents", "payment_intent")


def cancel(work: Work, params: Json, id_: str) -> Json:
    intent = work.need("payment_intent", id_, "payment_intent")
    owner = Filter("checkout.session").equals("payment_intent", id_).equals("status", "open")
    if work.rows.select(owner.kind, owner.where, owner.args):
        message = (
            "You cannot cancel this PaymentIntent because it belongs to an open Checkout Session. Expire the "
            "Checkout Session instead."
        )
        raise wrong_state(message, code="payment_intent_unexpected_state", payment_intent=intent)
    return pay.cancel(work, intent, params.get("cancellation_reason"))


ROUTES = [
    Route("GET", "/v1/payment_intents", PaymentIntentListParams, index),
    Route("GET", "/v1/payment_intents/{id}", PaymentIntentRetrieveParams, retrieve),
    Route("POST", "/v1/payment_intents/{id}/cancel", PaymentIntentCancelParams, cancel),
]
