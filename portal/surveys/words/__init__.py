"""Say surveys: the questions, the scores, the refusals, the mails."""

from __future__ import annotations

from portal.surveys.words.letters import low_score, nps_letter
from portal.surveys.words.questions import (
    CODES,
    KINDS,
    code_choices,
    dropped,
    ends,
    flags,
    question,
    refusal,
    score_labels,
)

__all__ = [
    "CODES",
    "KINDS",
    "code_choices",
    "dropped",
    "ends",
    "flags",
    "low_score",
    "nps_letter",
    "question",
    "refusal",
    "score_labels",
]
