"""/v1/webhook_endpoints"""

from __future__ import annotations

import stripe
from stripe import WebhookEndpoint
from stripe.params import (
    WebhookEndpointCreateParams,
    WebhookEndpointDeleteParams,
    WebhookEndpointListParams,
    WebhookEndpointRetrieveParams,
)

from payments.sandbox.api.route import Route
from payments.sandbox.envelope import ApiError
from payments.sandbox.objects import make, new_id
from payments.sandbox.paging import Filter, page
from payments.sandbox.store import Json
from payments.sandbox.webhooks import loopback_url
from payments.sandbox.work import Work


def create(work: Work, params: Json) -> Json:
    if not loopback_url(params["url"]):
        message = "Invalid URL: the local sandbox delivers to http on a loopback address only."
        raise ApiError(message, code="url_invalid", param="url")
    if params.get("api_version", stripe.api_version) != stripe.api_version:
        raise ApiError(f"The sandbox speaks {stripe.api_version} only.", param="api_version")
    if not params["enabled_events"]:
        raise ApiError("enabled_events must name at least one event.", param="enabled_events")
    endpoint = make(
        WebhookEndpoint,
        id=new_id("we"),
        api_version=params.get("api_version"),
        created=work.now,
        description=params.get("description") or None,
        enabled_events=params["enabled_events"],
        metadata=params.get("metadata", {}),
        status="enabled",
        url=params["url"],
    )
    del endpoint["secret"]
    work.rows.add(endpoint)
    # Shown once, in the answer to its creation, as Stripe does; hence kept beside the object.
    secret = new_id("whsec", 32)
    work.rows.add({"id": f"secret:{endpoint['id']}", "secret": secret}, kind="secret")
    return {**endpoint, "secret": secret}


def retrieve(work: Work, _params: Json, id_: str) -> Json:
    return work.need("webhook_endpoint", id_, "webhook endpoint")


def index(work: Work, params: Json) -> Json:
    return page(work.rows, Filter("webhook_endpoint"), params, "/v1/webhook_endpoints", "webhook endpoint")


def delete(work: Work, _params: Json, id_: str) -> Json:
    work.need("webhook_endpoint", id_, "webhook endpoint")
    work.rows.remove(id_)
    work.rows.remove(f"secret:{id_}")
    return {"id": id_, "object": "webhook_endpoint", "deleted": True}


ROUTES = [
    Route("POST", "/v1/webhook_endpoints", WebhookEndpointCreateParams, create),
    Route("GET", "/v1/webhook_endpoints", WebhookEndpointListParams, index),
    Route("GET", "/v1/webhook_endpoints/{id}", WebhookEndpointRetrieveParams, retrieve),
    Route("DELETE", "/v1/webhook_endpoints/{id}", WebhookEndpointDeleteParams, delete),
]
