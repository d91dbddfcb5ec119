"""/v1/disputes and /v1/radar/early_fraud_warnings"""

from __future__ import annotations

from stripe.params import DisputeListParams, DisputeRetrieveParams
from stripe.params.radar import EarlyFraudWarningListParams, EarlyFraudWarningRetrieveParams

from payments.sandbox.api.route import Route
from payments.sandbox.paging import Filter, page
from payments.sandbox.store import Json
from payments.sandbox.work import Work

WARNING = "radar.early_fraud_warning"


def retrieve(work: Work, _params: Json, id_: str) -> Json:
    return work.need("dispute", id_, "dispute")


def index(work: Work, params: Json) -> Json:
    return _listed(work, "dispute", params, "/v1/disputes", "dispute")


def retrieve_warning(work: Work, _params: Json, id_: str) -> Json:
    return work.need(WARNING, id_, "early fraud warning")


def warnings(work: Work, params: Json) -> Json:
    return _listed(work, WARNING, params, "/v1/radar/early_fraud_warnings", "early fraud warning")


def _listed(work: Work, kind: str, params: Json, url: str, noun: str) -> Json:
    wanted = Filter(kind)
    for name in ("charge", "payment_intent"):
        wanted.equals(name, params.get(name))
    return page(work.rows, wanted, params, url, noun)


ROUTES = [
    Route("GET", "/v1/disputes", DisputeListParams, index),
    Route("GET", "/v1/disputes/{id}", DisputeRetrieveParams, retrieve),
    Route("GET", "/v1/radar/early_fraud_warnings", EarlyFraudWarningListParams, warnings),
    Route("GET", "/v1/radar/early_fraud_warnings/{id}", EarlyFraudWarningRetrieveParams, retrieve_warning),
]
