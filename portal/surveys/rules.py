"""Decide about surveys: who may answer, what a score is, what scores come to. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from portal.kit.errors import Refusal
from portal.orders.models import OrderState
from portal.surveys.errors import NotYet, ReasonTooLong, ScoreOutOfRange

LEAST, MOST = 1, 5
SATISFIED: Final = frozenset({4, 5})
REASON_MOST: Final = 2000
# Once the money is there; not while it is disputed or on its way back.
ASKED: Final = frozenset({OrderState.PAID, OrderState.PARTLY_REFUNDED})


def may_answer(state: OrderState) -> bool:
    """Is the survey open for an order in this state?"""
    return state in ASKED


def check(state: OrderState, score: int, reason: str | None) -> None:
    """Raises NotYet, ScoreOutOfRange or ReasonTooLong."""
    refused: Refusal | None = None
    if not may_answer(state):
        refused = NotYet(state=state)
    elif not LEAST <= score <= MOST:
        refused = ScoreOutOfRange(score=score, least=LEAST, most=MOST)
    elif reason and len(reason) > REASON_MOST:
        refused = ReasonTooLong(length=len(reason), most=REASON_MOST)
    if refused:
        raise refused


def tidy(reason: str | None) -> str | None:
    """A reason without space around it and with plain line ends; None when nothing is left."""
    return (reason or "").replace("\r\n", "\n").strip() or None


def csat_basis_points(scores: Sequence[int]) -> int | None:
    """Share of the scores 4 and 5 in basis points, half-up; None when nobody answered."""
    if not scores:
        return None
    happy = sum(score in SATISFIED for score in scores)
    return (2 * 10_000 * happy + len(scores)) // (2 * len(scores))
