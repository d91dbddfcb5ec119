"""What surveys tell."""

from __future__ import annotations

from dataclasses import dataclass

from portal.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class SurveyAnswered(Event):
    """Somebody answered, or changed their answer. Subject "order:<number>"; occurrence tells who and when."""

    kind: str
    person_id: int
    score: int


@dataclass(frozen=True, kw_only=True)
class LowScore(Event):
    """Somebody is unhappy: NPS of 6 or less, CSAT of 2 or less. Subject "order:<number>"; told once for a person,
    an order and a kind, however often the answer changes."""

    kind: str
    person_id: int
    score: int
