"""Makes full objects: every field that the SDK's classes annotate, null or empty until somebody sets it."""

from __future__ import annotations

import copy
import inspect
import secrets
import string
from types import NoneType
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

from stripe import (
    Balance,
    BalanceTransaction,
    Charge,
    Customer,
    Dispute,
    Event,
    LineItem,
    ListObject,
    PaymentIntent,
    PaymentMethod,
    Payout,
    Price,
    Refund,
    SetupIntent,
    StripeObject,
    WebhookEndpoint,
)
from stripe._stripe_object import UntypedStripeObject
from stripe.checkout import Session
from stripe.radar import EarlyFraudWarning

from payments.sandbox.store import Json

# By the name under which the SDK's annotations point at them, and by the "object" field.
CLASSES: dict[str, type[StripeObject]] = {
    kind.__name__: kind
    for kind in (
        Balance,
        BalanceTransaction,
        Charge,
        Customer,
        Dispute,
        EarlyFraudWarning,
        Event,
        LineItem,
        PaymentIntent,
        PaymentMethod,
        Payout,
        Price,
        Refund,
        Session,
        SetupIntent,
        WebhookEndpoint,
    )
}
BY_OBJECT: dict[str, type[StripeObject]] = {
    str(getattr(kind, "OBJECT_NAME")): kind  # noqa: B009 - not every StripeObject has one
    for kind in CLASSES.values()
}

# Present only where Stripe sends them; a null instead would look like an answer.
ABSENT = frozenset({"deleted", "account", "context"})
# Reading the annotations takes longer than copying what they made.
_SKELETONS: dict[str, Json] = {}
ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    return f"{prefix}_" + "".join(secrets.choice(ALPHABET) for _ in range(length))


def make(kind: type[StripeObject], **fields: Any) -> Json:
    """A full object of `kind` with `fields` set. Raises KeyError for a field that the SDK does not know."""
    unknown = fields.keys() - fields_of(kind).keys()
    if unknown:
        raise KeyError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
    return {**_skeleton(kind), **fields}


def fields_of(kind: type[StripeObject]) -> dict[str, Any]:
    """The API's fields of a class with their types, its class variables left out."""
    return {
        name: hint
        for name, hint in inspect.get_annotations(kind).items()
        if "ClassVar" not in str(hint) and not name.startswith("_")
    }


def _skeleton(kind: type[StripeObject]) -> Json:
    name = f"{kind.__module__}.{kind.__qualname__}"
    if name not in _SKELETONS:
        _SKELETONS[name] = {
            field: _empty(hint)
            for field, hint in fields_of(kind).items()
            if field not in ABSENT and not _is_inner_list(hint)
        }
    return copy.deepcopy(_SKELETONS[name])


def _is_inner_list(hint: Any) -> bool:
    """Lists inside an object come only when asked for by `expand`."""
    return any(get_origin(part) is ListObject for part in get_args(hint))


def _empty(hint: Any) -> Any:
    origin = get_origin(hint)
    if origin is Literal:
        return get_args(hint)[0]
    if origin is Union:
        return None if NoneType in get_args(hint) else _empty(get_args(hint)[0])
    if origin is list:
        return []
    if origin in (dict, UntypedStripeObject):
        return {}
    if isinstance(hint, type) and issubclass(hint, StripeObject):
        return _skeleton(hint)
    return {str: "", int: 0, bool: False, float: 0.0}.get(hint)


def reference(hint: Any) -> list[str] | None:
    """The class names that an expandable field points at; None when the field cannot be expanded."""
    parts = _flat(hint)
    names = [part.__forward_arg__ for part in parts if isinstance(part, ForwardRef)]
    return names if names and str in parts else None


def nested(hint: Any) -> type[StripeObject] | None:
    """The class of an object that is always written out in place."""
    for part in _flat(hint):
        if isinstance(part, type) and issubclass(part, StripeObject):
            return part
    return None


def _flat(hint: Any) -> list[Any]:
    if get_origin(hint) is not Union:
        return [hint]
    return [leaf for part in get_args(hint) for leaf in _flat(part)]
