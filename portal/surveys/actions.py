"""Keep answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.audit import actions as audit
from portal.kit import outbox
from portal.orders.models import Order
from portal.surveys import rules
from portal.surveys.events import SurveyAnswered
from portal.surveys.models import SurveyAnswer, SurveyKind


def answer(
    db: Session, order: Order, person_id: int, score: int, reason: str | None, at: datetime
) -> SurveyAnswer:
    """Keep how satisfied (1 to 5) this person was with the renewal; a second answer replaces the first.

    Raises NotYet, ScoreOutOfRange, ReasonTooLong.
    """
    reason = rules.tidy(reason)
    rules.check(order.state, score, reason)
    kept = _keep(db, order.id, person_id, score, reason, at)
    told = SurveyAnswered(
        subject=order.subject, occurrence=f"{person_id}@{at.isoformat()}", kind=kept.kind, person_id=person_id,
        score=score,
    )  # fmt: skip
    outbox.tell(db, told, at)
    audit.note(db, f"person:{person_id}", "survey.answered", order.subject, at, kind=kept.kind, score=score)
    return kept


def _keep(
    db: Session, order_id: int, person_id: int, score: int, reason: str | None, at: datetime
) -> SurveyAnswer:
    """One statement, so that two clicks at once are one answer."""
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = insert(SurveyAnswer).values(
        order_id=order_id, person_id=person_id, kind=SurveyKind.CSAT, score=score, reason=reason, answered_at=at,
        changed_at=at,
    )  # fmt: skip
    kept = row.on_conflict_do_update(
        index_elements=[SurveyAnswer.order_id, SurveyAnswer.person_id, SurveyAnswer.kind],
        set_={"score": score, "reason": reason, "changed_at": at},
    ).returning(SurveyAnswer)
    return db.scalars(kept, execution_options={"populate_existing": True}).one()
