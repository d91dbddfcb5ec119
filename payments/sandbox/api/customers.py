"""/v1/customers"""

from __future__ import annotations

from typing import Any

from stripe import Customer
from stripe.params import (
    CustomerCreateParams,
    CustomerListParams,
    CustomerRetrieveParams,
    CustomerUpdateParams,
)

from payments.sandbox.api.route import Route
from payments.sandbox.envelope import ApiError, unbuilt
from payments.sandbox.events import emit
from payments.sandbox.objects import make, new_id
from payments.sandbox.paging import Filter, page
from payments.sandbox.store import Json
from payments.sandbox.work import Work

PLAIN = frozenset(
    {
        "address",
        "business_name",
        "description",
        "email",
        "individual_name",
        "metadata",
        "name",
        "phone",
        "preferred_locales",
        "shipping",
        "tax_exempt",
    }
)
ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def create(work: Work, params: Json) -> Json:
    fields = _fields(params)
    fields["metadata"] = merged({}, params.get("metadata"))
    id_ = new_id("cus", 14)
    customer = make(
        Customer,
        id=id_,
        created=work.now,
        balance=0,
        delinquent=False,
        invoice_prefix=id_[-8:].upper(),
        tax_exempt="none",
        preferred_locales=[],
    )
    customer |= fields
    work.rows.add(customer)
    emit(work, "customer.created", customer)
    return customer


def update(work: Work, params: Json, id_: str) -> Json:
    customer = work.need("customer", id_, "customer")
    fields = _fields(params)
    if "metadata" in params:
        fields["metadata"] = merged(customer["metadata"], params["metadata"])
    return work.rows.save(customer | fields)


def retrieve(work: Work, _params: Json, id_: str) -> Json:
    return work.need("customer", id_, "customer")


def index(work: Work, params: Json) -> Json:
    wanted = Filter("customer").equals("email", params.get("email"))
    return page(work.rows, wanted, params, "/v1/customers", "customer")


def merged(old: dict[str, str] | None, given: Any) -> dict[str, str]:
    """Metadata after an update: an empty value takes its key away, an empty whole takes all."""
    if not given:
        return {} if given is not None else dict(old or {})
    both = {**(old or {}), **given}
    if len(both) > 50:
        raise ApiError("Metadata can have up to 50 keys.", param="metadata")
    return {name: text for name, text in both.items() if text != ""}


def _fields(params: Json) -> Json:
    for name in params.keys() - PLAIN:
        raise unbuilt(f"the customer's `{name}`", param=name)
    email = params.get("email")
    if email and "@" not in email:
        raise ApiError(f"Invalid email address: {email}", code="email_invalid", param="email")
    fields = {name: None if value == "" else value for name, value in params.items() if name != "metadata"}
    if fields.get("address"):
        fields["address"] = dict.fromkeys(ADDRESS) | params["address"]
    return fields


ROUTES = [
    Route("POST", "/v1/customers", CustomerCreateParams, create),
    Route("GET", "/v1/customers", CustomerListParams, index),
    Route("GET", "/v1/customers/{id}", CustomerRetrieveParams, retrieve),
    Route("POST", "/v1/customers/{id}", CustomerUpdateParams, update),
]
