"""Decide about orders: their number, how long they stand, what may still be done to them. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from payments.money import Money
from portal.orders.models import OrderState

# A payment page lives at least half an hour at Stripe; an order must outlive the page by a little.
LEAST_LIFE: Final = timedelta(minutes=35)
# After a delayed payment fell through the customer gets a day to pay in another way, at the same price.
SECOND_CHANCE: Final = timedelta(days=1)
TRANSFER_LIFE: Final = timedelta(days=14)

PAYABLE: Final = frozenset({OrderState.AWAITING_PAYMENT})
CANCELLABLE: Final = frozenset({OrderState.AWAITING_PAYMENT, OrderState.AWAITING_TRANSFER})
CLOSED: Final = frozenset({OrderState.CANCELLED, OrderState.EXPIRED})
# States in which the money has been taken for the order and the contract is, or was, extended.
SETTLED: Final = frozenset({OrderState.PAID, OrderState.PARTLY_REFUNDED, OrderState.REFUNDED, OrderState.DISPUTED})


def paid_state(given_back: Money, total: Money, contested: bool) -> OrderState:
    """Where an order that was paid stands, by what of its `total` went back and whether its bank contests it."""
    if contested:
        return OrderState.DISPUTED
    if not given_back.minor:
        return OrderState.PAID
    return OrderState.PARTLY_REFUNDED if given_back < total else OrderState.REFUNDED


def needs_approval(total: Money, limit_minor: int | None, may_approve: bool) -> bool:
    """Must somebody else of the company agree first? `limit_minor` is the company's limit in minor units of the
    total's currency, None without one; up to the limit, and for those who may approve, nobody must."""
    return limit_minor is not None and total.minor > limit_minor and not may_approve


def may_decide(asked_by: str, by: str) -> bool:
    """Nobody agrees to, or refuses, what they asked for themselves."""
    return asked_by != by


class HeldReason(StrEnum):
    """Why money did not renew the contract."""

    AMOUNT = "amount"
    CURRENCY = "currency"
    REFERENCE = "reference"
    CLOSED = "closed"  # paid after it was cancelled or had expired
    ALREADY_RENEWED = "already_renewed"  # the contract moved on before the money came


def number(year: int, count: int) -> str:
    """An order's number: RNW-2026-000124."""
    return f"RNW-{year}-{count:06}"


def expiry(valid_until: datetime, at: datetime) -> datetime:
    """Until when an order placed at `at` may be paid: as long as its quote holds, but long enough to pay."""
    return max(valid_until, at + LEAST_LIFE)


def transfer_until(expires_at: datetime, at: datetime) -> datetime:
    """Until when we wait for a bank transfer that was first chosen at `at`: banks take their days."""
    return max(expires_at, at + TRANSFER_LIFE)


def second_chance(expires_at: datetime, at: datetime) -> datetime:
    """Until when an order whose payment fell through at `at` may be paid."""
    return max(expires_at, at + SECOND_CHANCE)
