"""Reads Stripe's form encoding: `line_items[0][price_data][currency]=cny` becomes nested dicts."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from payments.sandbox.envelope import ApiError
from payments.sandbox.store import Json

KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
DEEPEST = 12


def decode(encoded: bytes) -> Json:
    """Nested dicts of strings; lists stay dicts with number keys, since only the contract knows them apart."""
    tree: Json = {}
    try:
        pairs = parse_qsl(encoded.decode(), keep_blank_values=True, errors="strict", max_num_fields=5000)
    except ValueError as error:
        raise ApiError(f"The request's form could not be read: {error}") from None
    for key, value in pairs:
        _plant(tree, _path(key), value)
    return tree


def _path(key: str) -> list[str]:
    found = KEY.match(key)
    if not found:
        raise ApiError(f"Invalid parameter name: {key}", code="parameter_unknown", param=key)
    path = [found[1], *re.findall(r"\[([^\[\]]*)\]", found[2])]
    if len(path) > DEEPEST:
        raise ApiError("Parameters are nested too deeply.", param=path[0])
    return path


def _plant(tree: Json, path: list[str], value: str) -> None:
    here = tree
    for step in path[:-1]:
        below = here.setdefault(step or str(len(here)), {})
        if not isinstance(below, dict):
            raise ApiError(f"{path[0]} is given both as a value and as a group.", param=path[0])
        here = below
    here[path[-1] or str(len(here))] = value
