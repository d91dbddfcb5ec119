"""/v1/events: listed for 30 days, then gone."""

from __future__ import annotations

from stripe.params import EventListParams, EventRetrieveParams

from payments.sandbox.api.route import Route
from payments.sandbox.envelope import ApiError, no_such
from payments.sandbox.events import with_pending
from payments.sandbox.paging import Filter, page
from payments.sandbox.store import Json
from payments.sandbox.work import Work

HORIZON = 30 * 86_400
UNDELIVERED = "SELECT event FROM deliveries WHERE state != 'delivered'"


def retrieve(work: Work, _params: Json, id_: str) -> Json:
    event = work.need("event", id_, "event")
    if event["created"] < work.now - HORIZON:
        raise no_such("event", id_)
    return with_pending(work.rows, event)


def index(work: Work, params: Json) -> Json:
    oldest = work.now - HORIZON
    for name in ("starting_after", "ending_before"):
        cursor = work.rows.find("event", params.get(name, ""))
        if cursor and cursor["created"] < oldest:
            raise no_such("event", cursor["id"], param=name)
    wanted = Filter("event").add("created >= ?", oldest)
    _types(wanted, params)
    if "delivery_success" in params:
        negation = "NOT " if params["delivery_success"] else ""
        wanted.add(f"id {negation}IN ({UNDELIVERED})")
    found = page(work.rows, wanted, params, "/v1/events", "event")
    return {**found, "data": [with_pending(work.rows, event) for event in found["data"]]}


def _types(wanted: Filter, params: Json) -> None:
    """`type` may end in `.*`; `types` are whole names."""
    if "type" in params and "types" in params:
        raise ApiError("You may pass either type or types, but not both.", param="types")
    if len(params.get("types", [])) > 20:
        raise ApiError("types can hold up to 20 names.", param="types")
    name = "json_extract(body, '$.type')"
    if "type" in params:
        wanted.add(f"{name} GLOB ?", params["type"])
    if params.get("types"):
        wanted.add(f"{name} IN ({', '.join('?' * len(params['types']))})", *params["types"])


ROUTES = [
    Route("GET", "/v1/events", EventListParams, index),
    Route("GET", "/v1/events/{id}", EventRetrieveParams, retrieve),
]
