"""What may be answered, and what an answer means."""

from __future__ import annotations

from typing import Final

from portal.kit.errors import Refusal
from portal.orders.models import OrderState
from portal.surveys.errors import NotYet, ReasonTooLong, ScoreOutOfRange
from portal.surveys.models import SurveyKind

RANGES: Final = {SurveyKind.CSAT: (1, 5), SurveyKind.NPS: (0, 10)}
LOW: Final = {SurveyKind.CSAT: 2, SurveyKind.NPS: 6}
REASON_MOST: Final = 2000
# Once the money is there; not while it is disputed or on its way back.
ASKED: Final = frozenset({OrderState.PAID, OrderState.PARTLY_REFUNDED})


def may_answer(state: OrderState) -> bool:
    """Is the survey open for an order in this state?"""
    return state in ASKED


def scores_of(kind: SurveyKind) -> range:
    """All scores of a question, the lowest first."""
    least, most = RANGES[kind]
    return range(least, most + 1)


def check(kind: SurveyKind, state: OrderState, score: int, reason: str | None) -> None:
    """Raises NotYet, ScoreOutOfRange or ReasonTooLong."""
    least, most = RANGES[kind]
    refused: Refusal | None = None
    if not may_answer(state):
        refused = NotYet(state=state)
    elif not least <= score <= most:
        refused = ScoreOutOfRange(score=score, least=least, most=most)
    elif reason and len(reason) > REASON_MOST:
        refused = ReasonTooLong(length=len(reason), most=REASON_MOST)
    if refused:
        raise refused


def tidy(reason: str | None) -> str | None:
    """A reason without space around it and with plain line ends; None when nothing is left."""
    return (reason or "").replace("\r\n", "\n").strip() or None


def is_low(kind: SurveyKind, score: int) -> bool:
    """Should somebody call? NPS of 6 or less (a detractor), CSAT of 2 or less."""
    return score <= LOW[kind]
