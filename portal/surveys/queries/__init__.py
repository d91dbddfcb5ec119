"""Find answers, and who was asked."""

from __future__ import annotations

from portal.surveys.queries.answers import answers_for, answers_of
from portal.surveys.queries.asks import (
    by_token,
    delivered_at,
    has_opted_out,
    held_by_token,
    hold,
    may_still_answer,
    standing,
)

__all__ = [
    "answers_for",
    "answers_of",
    "by_token",
    "delivered_at",
    "has_opted_out",
    "held_by_token",
    "hold",
    "may_still_answer",
    "standing",
]
