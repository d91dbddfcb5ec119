"""Decide what a provider's answer means for an attempt. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from payments.charges.models import AttemptState
from payments.gateway.base import SessionStatus, Truth
from payments.money import Money

# Stripe keeps idempotency keys for at least 24 hours; past this age the same key might open a second page.
KEY_LIFE: Final = timedelta(hours=23)
# Stripe wants a page to live from 30 minutes to 24 hours; kept clear of both ends, since clocks differ.
SHORTEST_PAGE: Final = timedelta(hours=1)
LONGEST_PAGE: Final = timedelta(hours=23, minutes=50)

# What a payment says once a delayed method fell through.
NO_MONEY: Final = frozenset({"requires_payment_method", "canceled"})


class Verdict(StrEnum):
    WAITING = "waiting"
    PROCESSING = "processing"
    PAID = "paid"
    MISMATCH = "mismatch"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the provider's answer means. `reason` goes with MISMATCH ("amount", "currency", "reference"), `code`
    with FAILED, and with WAITING when a try was refused and the page still waits for another."""

    verdict: Verdict
    reason: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What we asked the provider to collect."""

    amount: Money
    reference: str
    quote_id: str


def judge(asked: Asked, truth: Truth) -> Outcome:
    """What `truth` means for somebody who asked for `asked`. Money that does not fit is a MISMATCH, never PAID."""
    if truth.paid:
        reason = mismatch(asked, truth)
        return Outcome(Verdict.MISMATCH, reason=reason) if reason else Outcome(Verdict.PAID)
    if truth.status is SessionStatus.EXPIRED:
        return Outcome(Verdict.EXPIRED)
    if truth.status is SessionStatus.OPEN:
        return Outcome(Verdict.WAITING, code=truth.failure_code or "")
    if truth.intent_status in NO_MONEY:
        return Outcome(Verdict.FAILED, code=truth.failure_code or "payment_failed")
    return Outcome(Verdict.PROCESSING)


def mismatch(asked: Asked, truth: Truth) -> str:
    """What does not fit: "reference", "currency", "amount"; empty when all does."""
    if truth.reference != asked.reference or truth.quote_id != asked.quote_id:
        return "reference"
    if truth.currency != asked.amount.currency:
        return "currency"
    return "" if truth.amount_minor == asked.amount.minor else "amount"


def attempt_key(subject: str, count: int, nonce: str) -> str:
    """The idempotency key of a subject's `count`-th attempt. `nonce` keeps two databases apart that share one
    account at the provider, such as one that was set up anew; the key is stored, so a retry uses it again."""
    return f"{subject}:session:{count}:{nonce}"


def page_until(order_expires_at: datetime, at: datetime) -> datetime:
    """Until when a payment page opened at `at` shall live: as long as the order, within the provider's bounds."""
    wanted = min(max(order_expires_at, at + SHORTEST_PAGE), at + LONGEST_PAGE)
    return wanted.replace(microsecond=0)


def key_holds(created_at: datetime, at: datetime) -> bool:
    """May the request of an attempt be sent again under its key?"""
    return at - created_at < KEY_LIFE


def quiet(state: AttemptState, failure_ref: str | None, truth: Truth) -> bool:
    """Does `truth` tell nothing that an attempt in `state` does not know? `failure_ref`: the refused try that it
    knows of."""
    if truth.paid:
        return False
    if state is AttemptState.OPEN:
        return truth.status is SessionStatus.OPEN and truth.failure_ref in (None, failure_ref)
    complete = truth.status is SessionStatus.COMPLETE
    return state is AttemptState.PROCESSING and complete and truth.intent_status not in NO_MONEY
