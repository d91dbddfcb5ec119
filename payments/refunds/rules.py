"""Decide who must agree to a refund, and how much may go back. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from payments.errors import NeedsAnotherPerson, NothingToRefund, RefundTooLarge
from payments.money import Money

# Stripe keeps idempotency keys for at least 24 hours; past this age the same key might refund twice.
KEY_LIFE: Final = timedelta(hours=23)


def is_final(amount: Money, limit_minor: int, requested_by: str, approved_by: str | None, by: str) -> bool:
    """Does the yes of `by` settle it, or is another person's needed? Up to `limit_minor` one person of finance is
    enough, who may have asked for it. Above it a second must agree who neither asked nor agreed before.

    Raises NeedsAnotherPerson when `by` may not be that second one.
    """
    if amount.minor <= limit_minor:
        return True
    if approved_by is None:
        return False
    if by in {approved_by, requested_by}:
        raise NeedsAnotherPerson(by=by)
    return True


def check_amount(amount: Money, left: Money) -> None:
    """Raises NothingToRefund or RefundTooLarge unless `amount` is more than zero and at most what is `left`."""
    if left.minor <= 0:
        raise NothingToRefund()
    if amount.currency != left.currency or not 0 < amount.minor <= left.minor:
        raise RefundTooLarge(asked_minor=amount.minor, left_minor=left.minor, currency=left.currency)


def key_of(subject: str, count: int, nonce: str) -> str:
    """The idempotency key of a subject's `count`-th refund; see charges.rules.attempt_key."""
    return f"{subject}:refund:{count}:{nonce}"


def key_holds(approved_at: datetime, at: datetime) -> bool:
    """May the request of a refund be sent again under its key?"""
    return at - approved_at < KEY_LIFE
