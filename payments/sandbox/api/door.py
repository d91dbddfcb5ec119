"""The API's door: key, version, faults, idempotency, contract, deed, expand; always a Request-Id."""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

import stripe
from werkzeug.datastructures import Headers

from payments.sandbox import contract, faults, idempotency
from payments.sandbox.api import ROUTES
from payments.sandbox.api.route import Route
from payments.sandbox.decode import decode
from payments.sandbox.envelope import Answer, ApiError
from payments.sandbox.expand import expanded
from payments.sandbox.faults import Faults
from payments.sandbox.idempotency import InFlight
from payments.sandbox.objects import new_id
from payments.sandbox.store import Json, Rows, Store
from payments.sandbox.work import Work

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Asked:
    """A request as it came, before anything is believed."""

    method: str
    path: str
    headers: Headers
    encoded: bytes  # the query of a GET, the form of a POST
    origin: str


@dataclass(frozen=True)
class Call:
    """A request that passed the door."""

    route: Route
    path: str
    ids: list[str]
    raw: Json
    key: str | None
    fingerprint: str


class Door:
    """Answers every request under /v1/."""

    def __init__(self, store: Store, plan: Faults, work: Callable[[Rows], Work]) -> None:
        self._store = store
        self._faults = plan
        self._work = work
        self._in_flight = InFlight()

    def answer(self, asked: Asked) -> tuple[Answer, bool]:
        """The answer, and whether the line must be cut instead of giving it."""
        request_id = new_id("req", 14)
        cut = False
        try:
            answer, cut = self._perform(_enter(asked), request_id, asked.origin)
        except ApiError as error:
            answer = error.answer()
        except Exception:
            log.exception("the sandbox itself failed at %s %s", asked.method, asked.path)
            message = "The local sandbox itself failed; its log says why."
            answer = ApiError(message, status=500, type_="api_error").answer()
        headers = {**answer.headers, "Request-Id": request_id, "Stripe-Version": stripe.api_version}
        return replace(answer, headers=headers), cut

    def _perform(self, call: Call, request_id: str, origin: str) -> tuple[Answer, bool]:
        with self._in_flight.hold(call.key):
            fault = self._faults.take(call.route.method, call.path)
            planned = faults.as_error(fault) if fault else None
            if planned and not planned.kept:
                raise planned  # a rate limit stands before everything else
            if fault and fault.kind == "timeout":
                self._faults.hang(fault)
            try:
                answer = self._act(call, request_id, origin, planned)
            except ApiError as error:
                answer = self._refuse(call, error)
            return answer, fault is not None and fault.kind == "cut"

    def _act(self, call: Call, request_id: str, origin: str, planned: ApiError | None) -> Answer:
        reads = call.route.method == "GET"
        with self._store.reading() if reads else self._store.writing() as rows:
            earlier = idempotency.recall(rows, call.key, call.fingerprint) if call.key else None
            if earlier:
                return earlier
            if planned:
                raise planned
            work = replace(self._work(rows), request_id=request_id, idempotency_key=call.key, origin=origin)
            answer = _run(call, work)
            if call.key:
                # Deed and memory in one transaction: there is no moment in which only one of them exists.
                idempotency.keep(work, call.key, call.fingerprint, answer)
            return answer

    def _refuse(self, call: Call, error: ApiError) -> Answer:
        if call.key and error.kept:
            with self._store.writing() as rows:
                idempotency.keep(self._work(rows), call.key, call.fingerprint, error.answer())
        return error.answer()


def _enter(asked: Asked) -> Call:
    _check_key(asked.headers.get("Authorization", ""))
    _check_version(asked.headers.get("Stripe-Version"))
    route, ids = _find(asked.method, asked.path)
    raw = decode(asked.encoded)
    key = _idempotency_key(asked)
    return Call(route, asked.path, ids, raw, key, idempotency.fingerprint(asked.method, asked.path, raw))


def _run(call: Call, work: Work) -> Answer:
    params = contract.checked(call.route.shape, call.raw)
    paths = params.pop("expand", [])
    done = call.route.run(work, params, call.ids)
    return done if isinstance(done, Answer) else Answer(200, expanded(work.rows, done, paths))


def _check_key(header: str) -> None:
    scheme, _, given = header.partition(" ")
    if scheme.lower() == "basic":  # curl -u sk_test_x:
        try:
            given = base64.b64decode(given).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            given = ""
    if given.startswith(("sk_live_", "rk_live_")):
        raise ApiError("This is a local sandbox: it refuses live keys.", status=401)
    if scheme.lower() not in ("bearer", "basic") or not given.startswith("sk_test_"):
        raise ApiError("Invalid API Key provided: the sandbox takes sk_test_… only.", status=401)


def _check_version(given: str | None) -> None:
    if given is not None and given != stripe.api_version:
        message = f"Invalid Stripe API version: {given}. The sandbox speaks {stripe.api_version} only."
        raise ApiError(message)


def _find(method: str, path: str) -> tuple[Route, list[str]]:
    for route in ROUTES:
        ids = route.match(method, path)
        if ids is not None:
            return route, ids
    message = f"Unrecognized request URL ({method}: {path}), or not built in the local sandbox."
    raise ApiError(message, status=404)


def _idempotency_key(asked: Asked) -> str | None:
    key = asked.headers.get("Idempotency-Key") if asked.method != "GET" else None
    if key is not None and not 0 < len(key) <= 255:
        raise ApiError("Idempotency-Key must have 1 to 255 characters.", type_="idempotency_error")
    return key
