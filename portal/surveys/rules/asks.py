"""Whether a question goes out by mail, and what an answer from a mail is worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from portal.orders.models import OrderState
from portal.surveys.models import Dropped
from portal.surveys.rules.answers import may_answer

MAIL_AFTER: Final = timedelta(days=7)
# A question about a renewal that comes later than this after its time is an odd one; it stays unasked.
LATEST: Final = timedelta(days=30)
QUARANTINE: Final = timedelta(days=90)
LINK_LIFETIME: Final = timedelta(days=30)
MONEY_OPEN: Final = frozenset({OrderState.DISPUTED})
# Sooner after delivery than anybody reads.
QUICK: Final = timedelta(seconds=10)


@dataclass(frozen=True)
class Standing:
    """How things stand when the mail is about to go out. `money_open`: a dispute or refund of this order or
    another of the company is open; `lately`: this person was mailed, or answered, about another order within the
    quarantine."""

    state: OrderState
    answered: bool
    money_open: bool
    may_answer: bool
    opted_out: bool
    lately: bool


def mail_due(paid_at: datetime) -> datetime:
    """When the question goes out by mail, if it is still open then."""
    return paid_at + MAIL_AFTER


def why_not(standing: Standing, due: datetime, at: datetime) -> Dropped | None:
    """Why the mail is not sent, or None when it is. The first reason that holds is the one that is kept."""
    reasons = (
        (standing.answered, Dropped.ANSWERED),
        (standing.money_open, Dropped.MONEY_OPEN),
        (not may_answer(standing.state), Dropped.ORDER_STATE),
        (not standing.may_answer, Dropped.LEFT),
        (standing.opted_out, Dropped.OPTED_OUT),
        (standing.lately, Dropped.ASKED_LATELY),
        (at > due + LATEST, Dropped.TOO_LATE),
    )
    return next((reason for holds, reason in reasons if holds), None)


def closed(expires_at: datetime | None, may_answer: bool, at: datetime) -> str | None:
    """Why a mailed link takes no answer: "left" (its reader is no member any more), "expired", or None."""
    if not may_answer:
        return "left"
    return "expired" if expires_at is None or at >= expires_at else None


def is_quick(delivered_at: datetime | None, at: datetime) -> bool:
    """Was the answer given before anybody could have read the mail? One that is not even marked as sent is."""
    return delivered_at is None or at - delivered_at < QUICK


def was_opened(opened: int, score: int) -> bool:
    """Was the link of this score opened before? `opened`: a bit for each score."""
    return bool(opened >> score & 1)


def is_several(opened: int) -> bool:
    """Were the links of more than one score opened, as scanners do? `opened`: a bit for each score."""
    return opened.bit_count() > 1
