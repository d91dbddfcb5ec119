"""Decide about surveys: who may answer, who is asked by mail, what scores come to. Pure."""

from __future__ import annotations

from portal.surveys.rules.answers import (
    ASKED,
    RANGES,
    REASON_MOST,
    check,
    is_low,
    may_answer,
    scores_of,
    tidy,
)
from portal.surveys.rules.asks import (
    LINK_LIFETIME,
    MAIL_AFTER,
    MONEY_OPEN,
    QUARANTINE,
    Standing,
    closed,
    is_quick,
    is_several,
    mail_due,
    was_opened,
    why_not,
)
from portal.surveys.rules.periods import Period
from portal.surveys.rules.scores import Change, Estimate, Tally, change, csat, happy, nps, share, wilson

__all__ = [
    "ASKED",
    "LINK_LIFETIME",
    "MAIL_AFTER",
    "MONEY_OPEN",
    "QUARANTINE",
    "RANGES",
    "REASON_MOST",
    "Change",
    "Estimate",
    "Period",
    "Standing",
    "Tally",
    "change",
    "check",
    "closed",
    "csat",
    "happy",
    "is_low",
    "is_quick",
    "is_several",
    "mail_due",
    "may_answer",
    "nps",
    "scores_of",
    "share",
    "tidy",
    "was_opened",
    "why_not",
    "wilson",
]
