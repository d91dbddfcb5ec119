"""/v1/charges"""

from __future__ import annotations

from stripe.params import ChargeListParams, ChargeRetrieveParams

from payments.sandbox.api.route import Route
from payments.sandbox.paging import Filter, page
from payments.sandbox.store import Json
from payments.sandbox.work import Work


def retrieve(work: Work, _params: Json, id_: str) -> Json:
    return work.need("charge", id_, "charge")


def index(work: Work, params: Json) -> Json:
    wanted = Filter("charge")
    for name in ("customer", "payment_intent", "transfer_group"):
        wanted.equals(name, params.get(name))
    return page(work.rows, wanted, params, "/v1/charges", "charge")


ROUTES = [
    Route("GET", "/v1/charges", ChargeListParams, index),
    Route("GET", "/v1/charges/{id}", ChargeRetrieveParams, retrieve),
]
