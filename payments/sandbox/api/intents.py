"""/v1/payment_intents: those of payment pages, and those that charge a saved card."""

from __future__ import annotations

from stripe import PaymentIntent
from stripe.params import (
    PaymentIntentCancelParams,
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
    PaymentIntentListParams,
    PaymentIntentRetrieveParams,
)

from payments.sandbox import amounts, pay, saved
from payments.sandbox.api.route import Route
from payments.sandbox.envelope import Answer, ApiError, unbuilt, wrong_state
from payments.sandbox.events import emit
from payments.sandbox.objects import make, new_id
from payments.sandbox.paging import Filter, page
from payments.sandbox.store import Json
from payments.sandbox.work import Work

# Kept on the intent as they were given.
KEPT = frozenset(
    {
        "description",
        "metadata",
        "receipt_email",
        "setup_future_usage",
        "statement_descriptor",
        "statement_descriptor_suffix",
    }
)
# How it is carried out. The sandbox has cards only here, and no page to return from.
HOW = frozenset({"confirm", "off_session", "return_url", "automatic_payment_methods"})
CONFIRMABLE = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})


def create(work: Work, params: Json) -> Json | Answer:
    for name in params.keys() - KEPT - HOW - {"amount", "currency", "customer", "payment_method"}:
        raise unbuilt(f"the intent's `{name}`", param=name)
    currency = params["currency"].lower()
    amounts.check(params["amount"], currency, what="Amount", param="amount")
    if "off_session" in params and not params.get("confirm"):
        raise ApiError("`off_session` may only be sent together with `confirm`.", param="off_session")
    customer = (
        work.need("customer", params["customer"], "customer", "customer")["id"] if "customer" in params else None
    )
    id_ = new_id("pi")
    intent = make(
        PaymentIntent,
        id=id_,
        amount=params["amount"],
        capture_method="automatic_async",
        client_secret=f"{id_}_secret_{new_id('x')[2:]}",
        confirmation_method="automatic",
        created=work.now,
        currency=currency,
        customer=customer,
        payment_method_types=["card"],
        status="requires_payment_method",
    )
    intent |= {"metadata": {}} | {name: params[name] for name in KEPT & params.keys()}
    work.rows.add(intent)
    emit(work, "payment_intent.created", intent)
    if params.get("confirm"):
        return _confirm(work, intent, params)
    if "payment_method" in params:
        used = saved.find(work, params["payment_method"], customer)
        intent = work.rows.save(intent | {"payment_method": used["id"], "status": "requires_confirmation"})
    return intent


def confirm(work: Work, params: Json, id_: str) -> Json | Answer:
    for name in params.keys() - {"payment_method", "off_session", "return_url"}:
        raise unbuilt(f"the confirmation's `{name}`", param=name)
    intent = _free(work, id_, "confirm")
    if intent["status"] not in CONFIRMABLE:
        message = (
            f"This PaymentIntent has a status of {intent['status']} and cannot be confirmed; only "
            "requires_payment_method, requires_confirmation and requires_action can."
        )
        raise wrong_state(message, code="payment_intent_unexpected_state", payment_intent=intent)
    return _confirm(work, intent, params)


def _confirm(work: Work, intent: Json, params: Json) -> Json | Answer:
    named = params.get("payment_method") or intent["payment_method"]
    if not named:
        message = "You cannot confirm this PaymentIntent because it has no payment method."
        raise ApiError(message, code="payment_intent_unexpected_state", param="payment_method")
    used = saved.find(work, named, intent["customer"])
    return saved.confirm(work, intent, used, owner_is_there=not params.get("off_session"))


def retrieve(work: Work, _params: Json, id_: str) -> Json:
    return work.need("payment_intent", id_, "payment_intent")


def index(work: Work, params: Json) -> Json:
    wanted = Filter("payment_intent").equals("customer", params.get("customer"))
    wanted.equals("customer_account", params.get("customer_account"))
    return page(work.rows, wanted, params, "/v1/payment_intents", "payment_intent")


def cancel(work: Work, params: Json, id_: str) -> Json:
    return pay.cancel(work, _free(work, id_, "cancel"), params.get("cancellation_reason"))


def _free(work: Work, id_: str, verb: str) -> Json:
    """The intent, unless an open payment page drives it."""
    intent = work.need("payment_intent", id_, "payment_intent")
    owner = Filter("checkout.session").equals("payment_intent", id_).equals("status", "open")
    if work.rows.select(owner.kind, owner.where, owner.args):
        message = (
            f"You cannot {verb} this PaymentIntent because it belongs to an open Checkout Session. Expire the "
            "Checkout Session instead."
        )
        raise wrong_state(message, code="payment_intent_unexpected_state", payment_intent=intent)
    return intent


ROUTES = [
    Route("POST", "/v1/payment_intents", PaymentIntentCreateParams, create),
    Route("GET", "/v1/payment_intents", PaymentIntentListParams, index),
    Route("GET", "/v1/payment_intents/{id}", PaymentIntentRetrieveParams, retrieve),
    Route("POST", "/v1/payment_intents/{id}/confirm", PaymentIntentConfirmParams, confirm),
    Route("POST", "/v1/payment_intents/{id}/cancel", PaymentIntentCancelParams, cancel),
]
