"""What every way of a payment stands on: the gateway, the seller's facts, and carrying out a truth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar, cast

from flask import current_app
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from payments import crashpoints
from payments.charges.models import AttemptState
from payments.errors import GatewayUnreachable
from payments.gateway.base import Gateway, Truth
from portal.checkout.actions import captures
from portal.kit.db import transaction
from portal.kit.settings import Settings

TRIES: Final = 3
NO_NETWORK: Final = frozenset({"prepare", "read_event"})
T = TypeVar("T")


def gateway() -> Gateway:
    """The payment provider. Raises GatewayUnreachable when none is set up."""
    found: Gateway | None = current_app.extensions.get("gateway")
    if found is None:
        raise GatewayUnreachable(reason="not set up")
    return cast(Gateway, crashpoints.Watched(found, NO_NETWORK)) if crashpoints.armed() else found


def settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def seller() -> dict[str, str]:
    """The seller as receipts print it."""
    given = settings()
    return {
        "name": given.seller, "address": given.seller_address, "tax_id": given.seller_tax_id, "zone": given.zone,
        "email": given.support_email,
    }  # fmt: skip


def patiently(work: Callable[[], T]) -> T:
    """Do `work`, a transaction; two who come at the same instant do it one after the other."""
    for left in reversed(range(TRIES)):
        try:
            return work()
        except (IntegrityError, StaleDataError):
            if not left:
                raise
    raise AssertionError("not reached")


def conclude(attempt_id: int, truth: Truth, at: datetime) -> AttemptState:
    """Carry out a truth about an attempt in one transaction."""

    def work() -> AttemptState:
        with transaction() as db:
            return captures.conclude(db, attempt_id, truth, seller(), at)

    return patiently(work)
