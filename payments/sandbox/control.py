"""/_sandbox: what a test may do to the sandbox that nobody can do to Stripe. Callers on this machine only."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn, Protocol

from flask import Blueprint, Response, abort, jsonify, request

from payments.sandbox import money
from payments.sandbox.envelope import ApiError
from payments.sandbox.store import Json
from payments.sandbox.webhooks import loopback_url
from payments.sandbox.work import Work

MODES = frozenset({"drop", "delay", "duplicate", "reorder", "stop"})


class Controlled(Protocol):
    """What control needs of the sandbox."""

    def advance(self, seconds: float) -> None: ...
    def target(self, url: str | None, secret: str = ...) -> None: ...
    def modes(self, **changes: Any) -> Json: ...
    def misbehave(self, *wishes: Json) -> None: ...
    def reset(self) -> None: ...
    def do(self, deed: Callable[[Work], Json]) -> Json: ...
    def summary(self) -> Json: ...


def blueprint(sandbox: Controlled) -> Blueprint:
    control = Blueprint("control", __name__, url_prefix="/_sandbox")
    control.before_request(_only_this_machine)

    @control.post("/clock/advance")
    def advance() -> Response:
        sandbox.advance(_number(_sent().get("seconds"), "seconds"))
        return jsonify(sandbox.summary())

    @control.post("/webhooks")
    def webhooks() -> Response:
        return jsonify(_change_webhooks(sandbox, _sent()))

    @control.post("/faults")
    def faults() -> Response:
        wishes = _sent().get("next", [])
        if not isinstance(wishes, list) or not all(isinstance(wish, dict) for wish in wishes):
            _refuse("next must be a list of objects")
        try:
            sandbox.misbehave(*wishes)
        except ValueError as error:
            _refuse(str(error))
        return jsonify(sandbox.summary())

    @control.post("/reset")
    def reset() -> Response:
        sandbox.reset()
        return jsonify(sandbox.summary())

    @control.get("/state")
    def state() -> Response:
        return jsonify(sandbox.summary())

    _about_money(control, sandbox)
    return control


def _about_money(control: Blueprint, sandbox: Controlled) -> None:
    """Each path, with what it does to the ids in it and to the JSON that was sent."""
    deeds: dict[str, Callable[..., Json]] = {
        "/refunds/<id_>": money.refund,
        "/disputes": money.contest,
        "/disputes/<id_>": money.decide,
        "/warnings": money.warn,
        "/settings": money.settings,
        "/payouts/run": money.run_payouts,
        "/payouts/<id_>/fail": money.fail_payout,
    }
    for path, deed in deeds.items():
        control.add_url_rule(path, deed.__name__, partial(_carry_out, sandbox, deed), methods=["POST"])


def _carry_out(sandbox: Controlled, deed: Callable[..., Json], **named: str) -> Response:
    try:
        return jsonify(sandbox.do(lambda work: deed(work, *named.values(), _sent())))
    except ApiError as error:
        _refuse(str(error))


def _only_this_machine() -> None:
    if not ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_loopback:  # noqa: S104 - not a bind  # nosec B104
        abort(403)
    # A page of some web site, open in a browser here, must not turn the knobs.
    if request.headers.get("Origin") not in (None, request.host_url.rstrip("/")):
        abort(403)


def _sent() -> Json:
    body = request.get_json(force=True, silent=True) if request.get_data() else {}
    if not isinstance(body, dict):
        _refuse("send a JSON object")
    return body


def _change_webhooks(sandbox: Controlled, sent: Json) -> Json:
    unknown = sent.keys() - MODES - {"target", "secret", "resume"}
    if unknown:
        _refuse(f"unknown: {', '.join(sorted(unknown))}")
    if "target" in sent:
        if sent["target"] is not None and not loopback_url(str(sent["target"])):
            _refuse("target must be http on a loopback address")
        sandbox.target(sent["target"], str(sent.get("secret", "")))
    changes = {name: sent[name] for name in MODES & sent.keys()}
    for name in ("delay", "duplicate"):
        if name in changes:
            _number(changes[name], name)
    if not isinstance(changes.get("drop", 0), bool):
        _number(changes.get("drop", 0), "drop")
    if sent.get("resume"):
        changes["stop"] = False
    return sandbox.modes(**changes)


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        _refuse(f"{name} must be a number, zero or more")
    return float(value)


def _refuse(message: str) -> NoReturn:
    response = jsonify({"error": message})
    response.status_code = 400
    abort(response)
