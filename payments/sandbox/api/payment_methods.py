"""/v1/payment_methods and /v1/setup_intents: cards that are saved, with a payment or without one."""

from __future__ import annotations

from dataclasses import asdict

from stripe import SetupIntent
from stripe.params import (
    CustomerPaymentMethodListParams,
    PaymentMethodAttachParams,
    PaymentMethodDetachParams,
    PaymentMethodListParams,
    PaymentMethodRetrieveParams,
    SetupIntentCreateParams,
    SetupIntentRetrieveParams,
)

from payments.sandbox import saved
from payments.sandbox.api.route import Route
from payments.sandbox.envelope import Answer, ApiError, unbuilt
from payments.sandbox.events import emit
from payments.sandbox.objects import make, new_id
from payments.sandbox.paging import Filter, page
from payments.sandbox.store import Json
from payments.sandbox.work import Work

SETUP = frozenset(
    {"confirm", "customer", "description", "metadata", "payment_method", "usage", "return_url",
     "automatic_payment_methods"}
)  # fmt: skip


def retrieve(work: Work, _params: Json, id_: str) -> Json:
    return work.need("payment_method", id_, "PaymentMethod")


def index(work: Work, params: Json) -> Json:
    """Stripe lists a customer's methods; without a customer nothing is listed."""
    return _page(work, params, params.get("customer", ""), "/v1/payment_methods")


def of_customer(work: Work, params: Json, id_: str) -> Json:
    customer = work.need("customer", id_, "customer")["id"]
    return _page(work, params, customer, f"/v1/customers/{customer}/payment_methods")


def _page(work: Work, params: Json, customer: str, url: str) -> Json:
    wanted = Filter("payment_method").equals("customer", customer).equals("type", params.get("type"))
    return page(work.rows, wanted, params, url, "PaymentMethod")


def attach(work: Work, params: Json, id_: str) -> Json:
    if "customer" not in params:
        raise ApiError("Missing required param: customer.", code="parameter_missing", param="customer")
    return saved.attach(work, saved.find(work, id_, params["customer"]), params["customer"])


def detach(work: Work, _params: Json, id_: str) -> Json:
    return saved.detach(work, work.need("payment_method", id_, "PaymentMethod"))


def set_up(work: Work, params: Json) -> Json | Answer:
    """Save a card without a payment; its bank is asked as at a payment whose payer is there."""
    for name in params.keys() - SETUP:
        raise unbuilt(f"the setup's `{name}`", param=name)
    customer = (
        work.need("customer", params["customer"], "customer", "customer")["id"] if "customer" in params else None
    )
    used = saved.find(work, params["payment_method"], customer) if "payment_method" in params else None
    id_ = new_id("seti")
    setup = make(
        SetupIntent,
        id=id_,
        client_secret=f"{id_}_secret_{new_id('x')[2:]}",
        created=work.now,
        customer=customer,
        description=params.get("description"),
        metadata=params.get("metadata", {}),
        payment_method=used["id"] if used else None,
        payment_method_types=["card"],
        status="requires_confirmation" if used else "requires_payment_method",
        usage=params.get("usage", "off_session"),
    )
    work.rows.add(setup)
    emit(work, "setup_intent.created", setup)
    if not params.get("confirm"):
        return setup
    if used is None:
        raise ApiError(
            "You cannot confirm this SetupIntent because it has no payment method.", param="payment_method"
        )
    return _carry_out(work, setup, used)


def _carry_out(work: Work, setup: Json, used: Json) -> Json | Answer:
    why = saved.refusal_of(used, owner_is_there=True)
    if why is not None:
        error = {name: value for name, value in asdict(why).items() if value is not None}
        setup |= {"status": "requires_payment_method", "payment_method": None, "last_setup_error": error}
        work.rows.save(setup)
        emit(work, "setup_intent.setup_failed", setup)
        return saved.refused(error, setup_intent=setup, payment_method=used)
    if saved.needs_owner(used):
        setup |= {"status": "requires_action", "next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": {}}}
        work.rows.save(setup)
        emit(work, "setup_intent.requires_action", setup)
        return setup
    setup |= {"status": "succeeded"}
    work.rows.save(setup)
    if setup["customer"]:
        saved.attach(work, used, setup["customer"])
    emit(work, "setup_intent.succeeded", setup)
    return setup


def retrieve_setup(work: Work, _params: Json, id_: str) -> Json:
    return work.need("setup_intent", id_, "setupintent")


ROUTES = [
    Route("GET", "/v1/payment_methods", PaymentMethodListParams, index),
    Route("GET", "/v1/payment_methods/{id}", PaymentMethodRetrieveParams, retrieve),
    Route("GET", "/v1/customers/{id}/payment_methods", CustomerPaymentMethodListParams, of_customer),
    Route("POST", "/v1/payment_methods/{id}/attach", PaymentMethodAttachParams, attach),
    Route("POST", "/v1/payment_methods/{id}/detach", PaymentMethodDetachParams, detach),
    Route("POST", "/v1/setup_intents", SetupIntentCreateParams, set_up),
    Route("GET", "/v1/setup_intents/{id}", SetupIntentRetrieveParams, retrieve_setup),
]
