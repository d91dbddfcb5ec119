"""Checks a request's parameters against the SDK's own TypedDicts, which pin the API version.

Blind spots, left to each resource: what is required, and rules across fields. The SDK writes open enums as
`Literal[…] | str`; here they are closed, since a value that the pinned version does not know is a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from stripe import RequestOptions
from stripe._stripe_object import UntypedStripeObject

from payments.sandbox.envelope import ApiError
from payments.sandbox.store import Json

OPTIONS = frozenset(RequestOptions.__annotations__)


def checked(shape: object, raw: Json) -> Json:
    """`raw` with numbers, booleans and lists read, or an ApiError that names the parameter."""
    return _record(shape, raw, "")


@cache
def _fields(shape: type) -> tuple[dict[str, Any], frozenset[str]]:
    # Names that the SDK's request options use and a parameter module does not import; options are dropped.
    found = get_type_hints(shape, localns={"StripeContext": object, "Mapping": Mapping})
    hints = {name: hint for name, hint in found.items() if name not in OPTIONS}
    return hints, frozenset(getattr(shape, "__required_keys__", ())) - OPTIONS


def _is_record(hint: Any) -> bool:
    """Whether it is a TypedDict; typing.is_typeddict does not know those of typing_extensions."""
    return hasattr(hint, "__required_keys__")


def _join(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _record(shape: Any, raw: Json, path: str) -> Json:
    hints, required = _fields(shape)
    for name in raw:
        if name not in hints:
            param = _join(path, name)
            raise ApiError(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)
    for name in required - raw.keys():
        param = _join(path, name)
        raise ApiError(f"Missing required param: {param}.", code="parameter_missing", param=param)
    return {name: _value(hints[name], value, _join(path, name)) for name, value in raw.items()}


def _value(hint: Any, value: Any, path: str) -> Any:
    origin = get_origin(hint)
    if hint is Any:
        return value
    if origin in (Union, UnionType, Literal):
        return _choice(hint, value, path)
    if _is_record(hint):
        return _record(hint, _group(value, path, "object"), path)
    if origin is list:
        return _list(get_args(hint)[0], value, path)
    if origin in (dict, UntypedStripeObject):
        return _mapping(value, path)
    return _plain(hint, value, path)


def _choice(hint: Any, value: Any, path: str) -> Any:
    """A union or a Literal: the named values first, then whatever kind fits the value's form."""
    names, kinds = _options(hint)
    if isinstance(value, str):
        if value in names:
            return value
        kinds = [kind for kind in kinds if not _holds_group(kind)]
        if any(names):
            kinds = [kind for kind in kinds if kind is not str]
            if not kinds:
                known = ", ".join(name for name in names if name)
                raise ApiError(f"Invalid {path}: must be one of {known}", param=path)
    else:
        kinds = [kind for kind in kinds if _holds_group(kind)] or kinds
    if not kinds:
        raise ApiError(f"Invalid {path}", param=path)
    return _value(kinds[0], value, path)


def _options(hint: Any) -> tuple[list[str], list[Any]]:
    """The literal strings and the other kinds that a hint allows, unions within unions flattened."""
    if get_origin(hint) is Literal:
        return [str(name) for name in get_args(hint)], []
    if get_origin(hint) not in (Union, UnionType):
        return [], [] if hint is NoneType else [hint]
    names: list[str] = []
    kinds: list[Any] = []
    for part in get_args(hint):
        more_names, more_kinds = _options(part)
        names += more_names
        kinds += more_kinds
    return names, kinds


def _holds_group(kind: Any) -> bool:
    return _is_record(kind) or get_origin(kind) in (list, dict, UntypedStripeObject)


def _group(value: Any, path: str, noun: str) -> Json:
    if not isinstance(value, dict):
        raise ApiError(f"Invalid {noun}", param=path)
    return value


def _list(kind: Any, value: Any, path: str) -> list[Any]:
    if value == "":  # the SDK's way to write an empty list
        return []
    group = _group(value, path, "array")
    if not all(name.isascii() and name.isdigit() for name in group):
        raise ApiError("Invalid array", param=path)
    order = sorted(group, key=int)
    return [_value(kind, group[name], _join(path, name)) for name in order]


def _mapping(value: Any, path: str) -> dict[str, str]:
    if value == "":  # Stripe's way to empty it
        return {}
    group = _group(value, path, "object")
    for name, text in group.items():
        if not isinstance(text, str):
            raise ApiError(f"Invalid string: {_join(path, name)}", param=_join(path, name))
    if path.endswith(("metadata", "metadata]")):
        _metadata_limits(group, path)
    return group


def _metadata_limits(group: dict[str, str], path: str) -> None:
    too_long = any(len(name) > 40 or len(text) > 500 for name, text in group.items())
    if len(group) > 50 or too_long:
        message = "Metadata: at most 50 keys of 40 characters with values of 500 characters."
        raise ApiError(message, param=path)


def _plain(kind: Any, value: Any, path: str) -> Any:
    if not isinstance(value, str):
        raise ApiError(f"Invalid string: {path}", param=path)
    if kind is int:
        if not re.fullmatch(r"-?[0-9]{1,18}", value):
            raise ApiError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)
        return int(value)
    if kind is bool:
        if value not in ("true", "false"):
            raise ApiError(f"Invalid boolean: {value}", param=path)
        return value == "true"
    if kind in (float, Decimal):
        return _decimal(value, path)
    return _text(value, path)


def _decimal(value: str, path: str) -> str:
    try:
        Decimal(value)
    except InvalidOperation:
        raise ApiError(f"Invalid decimal: {value}", param=path) from None
    return value


def _text(value: str, path: str) -> str:
    if value == "":
        message = (
            f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a "
            f"parameter; however '{path}' cannot be unset."
        )
        raise ApiError(message, code="parameter_invalid_empty", param=path)
    if len(value) > 5000:
        raise ApiError(f"Invalid string: {path} is longer than 5000 characters.", param=path)
    return value
