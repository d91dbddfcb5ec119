"""Find answers."""

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


def answer_of(
    db: Session, order_id: int, person_id: int, kind: SurveyKind = SurveyKind.CSAT
) -> SurveyAnswer | None:
    """What this person answered about the order."""
    return db.scalar(
        select(SurveyAnswer).where(
            SurveyAnswer.order_id == order_id, SurveyAnswer.person_id == person_id, SurveyAnswer.kind == kind
        )
    )
