"""/v1/checkout/sessions"""

from __future__ import annotations

from stripe.params.checkout import (
    SessionCreateParams,
    SessionExpireParams,
    SessionListLineItemsParams,
    SessionListParams,
    SessionRetrieveParams,
)

from payments.sandbox import pay
from payments.sandbox.api.route import Route
from payments.sandbox.api.session_create import create
from payments.sandbox.expand import INCLUDABLE
from payments.sandbox.paging import Filter, page, slice_of
from payments.sandbox.store import Json, Rows
from payments.sandbox.work import Work


def retrieve(work: Work, _params: Json, id_: str) -> Json:
    return work.need("checkout.session", id_, "checkout.session")


def index(work: Work, params: Json) -> Json:
    wanted = Filter("checkout.session")
    for name in ("customer", "customer_account", "payment_intent", "payment_link", "status", "subscription"):
        wanted.equals(name, params.get(name))
    wanted.equals("customer_details.email", params.get("customer_details", {}).get("email"))
    return page(work.rows, wanted, params, "/v1/checkout/sessions", "checkout.session")


def expire(work: Work, _params: Json, id_: str) -> Json:
    return pay.expire(work, work.need("checkout.session", id_, "checkout.session"))


def line_items(work: Work, params: Json, id_: str) -> Json:
    work.need("checkout.session", id_, "checkout.session")
    return _line_items(work.rows, id_, params)


def _line_items(rows: Rows, id_: str, params: Json) -> Json:
    kept = rows.find("line_items", f"lines:{id_}") or {"items": []}
    return slice_of(kept["items"], params, f"/v1/checkout/sessions/{id_}/line_items")


INCLUDABLE["checkout.session", "line_items"] = lambda rows, session: _line_items(rows, session["id"], {})

ROUTES = [
    Route("POST", "/v1/checkout/sessions", SessionCreateParams, create),
    Route("GET", "/v1/checkout/sessions", SessionListParams, index),
    Route("GET", "/v1/checkout/sessions/{id}", SessionRetrieveParams, retrieve),
    Route("POST", "/v1/checkout/sessions/{id}/expire", SessionExpireParams, expire),
    Route("GET", "/v1/checkout/sessions/{id}/line_items", SessionListLineItemsParams, line_items),
]
