"""What surveys forget of a person who is erased."""

from __future__ import annotations

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from portal.surveys.models import SurveyAnswer, SurveyAsk


def forget_person(db: Session, person_id: int, _email: str) -> None:
    """The score stays, as a number's; what they wrote, and questions still to ask, go."""
    db.execute(update(SurveyAnswer).where(SurveyAnswer.person_id == person_id).values(reason=None))
    db.execute(delete(SurveyAsk).where(SurveyAsk.person_id == person_id))
