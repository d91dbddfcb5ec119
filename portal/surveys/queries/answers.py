"""Find answers about one order."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.surveys.models import SurveyAnswer, SurveyKind


def answers_for(db: Session, order_id: int) -> Sequence[SurveyAnswer]:
    """All answers about an order, oldest first."""
    return db.scalars(
        select(SurveyAnswer).where(SurveyAnswer.order_id == order_id).order_by(SurveyAnswer.id)
    ).all()


def answers_of(db: Session, order_id: int, person_id: int) -> dict[SurveyKind, SurveyAnswer]:
    """What this person answered about the order, by question."""
    found = db.scalars(
        select(SurveyAnswer).where(SurveyAnswer.order_id == order_id, SurveyAnswer.person_id == person_id)
    )
    return {answer.kind: answer for answer in found}
