"""/v1/refunds"""

from __future__ import annotations

from stripe.params import RefundCreateParams, RefundListParams, RefundRetrieveParams

from payments.sandbox import refunding
from payments.sandbox.api.route import Route
from payments.sandbox.envelope import ApiError
from payments.sandbox.paging import Filter, page
from payments.sandbox.store import Json
from payments.sandbox.work import Work


def create(work: Work, params: Json) -> Json:
    return refunding.refund(work, _charge(work, params), params)


def _charge(work: Work, params: Json) -> Json:
    if "charge" in params:
        return work.need("charge", params["charge"], "charge", param="charge")
    if "payment_intent" not in params:
        raise ApiError("One of the following params should be provided: payment_intent or charge.")
    intent = work.need("payment_intent", params["payment_intent"], "payment_intent", param="payment_intent")
    return work.need("charge", intent["latest_charge"] or "", "charge", param="payment_intent")


def retrieve(work: Work, _params: Json, id_: str) -> Json:
    return work.need("refund", id_, "refund")


def index(work: Work, params: Json) -> Json:
    wanted = Filter("refund")
    for name in ("charge", "payment_intent"):
        wanted.equals(name, params.get(name))
    return page(work.rows, wanted, params, "/v1/refunds", "refund")


ROUTES = [
    Route("POST", "/v1/refunds", RefundCreateParams, create),
    Route("GET", "/v1/refunds", RefundListParams, index),
    Route("GET", "/v1/refunds/{id}", RefundRetrieveParams, retrieve),
]
