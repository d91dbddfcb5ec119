"""/v1/payouts"""

from __future__ import annotations

from stripe.params import PayoutListParams, PayoutRetrieveParams

from payments.sandbox.api.route import Route
from payments.sandbox.paging import COMPARE, Filter, page
from payments.sandbox.store import Json
from payments.sandbox.work import Work


def retrieve(work: Work, _params: Json, id_: str) -> Json:
    return work.need("payout", id_, "payout")


def index(work: Work, params: Json) -> Json:
    wanted = Filter("payout").equals("status", params.get("status"))
    arrival = params.get("arrival_date")
    bounds = {"": arrival} if isinstance(arrival, int) else arrival or {}
    for name, day in bounds.items():
        wanted.add(f"json_extract(body, '$.arrival_date') {COMPARE.get(name, '=')} ?", day)
    return page(work.rows, wanted, params, "/v1/payouts", "payout")


ROUTES = [
    Route("GET", "/v1/payouts", PayoutListParams, index),
    Route("GET", "/v1/payouts/{id}", PayoutRetrieveParams, retrieve),
]
