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
