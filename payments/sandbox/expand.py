"""Writes objects out in place of their ids: `expand=["payment_intent.latest_charge"]`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stripe import StripeObject

from payments.sandbox.envelope import ApiError
from payments.sandbox.objects import BY_OBJECT, CLASSES, fields_of, nested, reference
from payments.sandbox.store import Json, Rows

DEEPEST = 4

# Lists inside an object that are shown only when asked for: (object, field) and who fetches it.
Includable = Callable[[Rows, Json], Json]
INCLUDABLE: dict[tuple[str, str], Includable] = {}


def expanded(rows: Rows, body: Json, paths: list[str]) -> Json:
    """`body` with each path expanded; raises ApiError for one that cannot be."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEEPEST:
            message = f"You cannot expand more than {DEEPEST} levels of a property. Property: {path}"
            raise ApiError(message, param="expand")
        if body.get("object") == "list" and isinstance(body.get("data"), list):
            _into_list(rows, body, steps, path)
        else:
            _into(rows, body, BY_OBJECT.get(str(body.get("object"))), steps, path)
    return body


def _into_list(rows: Rows, body: Json, steps: list[str], path: str) -> None:
    if steps[0] != "data" or len(steps) == 1:
        raise _refusal(steps[0], path)
    for item in body["data"]:
        _into(rows, item, BY_OBJECT.get(item["object"]), steps[1:], path)


def _into(rows: Rows, body: Json | None, kind: type[StripeObject] | None, steps: list[str], path: str) -> None:
    """Follow `steps` from `body`. With no body (a null on the way) only the types are checked."""
    if kind is None or not steps:
        return
    step, rest = steps[0], steps[1:]
    hint = fields_of(kind).get(step)
    includable = INCLUDABLE.get((str(getattr(kind, "OBJECT_NAME", "")), step))
    if includable:
        if body is not None:
            body.setdefault(step, includable(rows, body))
            if rest:
                _into_list(rows, body[step], rest, path)
        return
    targets = reference(hint)
    if targets is None:
        inner = nested(hint)
        if inner is None or not rest:
            raise _refusal(step, path)
        _into(rows, (body or {}).get(step), inner, rest, path)
        return
    if body is not None:
        _fetch(rows, body, step)
    _into(rows, (body or {}).get(step), _class_of((body or {}).get(step), targets), rest, path)


def _fetch(rows: Rows, body: Json, step: str) -> None:
    if isinstance(body.get(step), str):
        body[step] = rows.any(body[step]) or body[step]


def _class_of(value: Any, targets: list[str]) -> type[StripeObject] | None:
    if isinstance(value, dict):
        return BY_OBJECT.get(str(value.get("object")))
    return CLASSES.get(targets[0]) if len(targets) == 1 else None


def _refusal(step: str, path: str) -> ApiError:
    return ApiError(f"This property cannot be expanded ({step}). Path: {path}", param="expand")
