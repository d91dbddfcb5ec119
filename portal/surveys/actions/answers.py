"""Keep answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.audit import actions as audit
from portal.kit import outbox
from portal.orders.models import Order
from portal.surveys import queries, rules
from portal.surveys.errors import AskClosed
from portal.surveys.events import LowScore, SurveyAnswered
from portal.surveys.models import Channel, ReasonCode, SurveyAnswer, SurveyAsk, SurveyKind


@dataclass(frozen=True)
class Said:
    """What somebody answers: a score within its question's range, and why, in a code, in words, or not at all."""

    kind: SurveyKind
    score: int
    reason: str | None = None
    code: ReasonCode | None = None


def answer(db: Session, order: Order, person_id: int, said: Said, at: datetime) -> SurveyAnswer:
    """Keep what a signed-in person said about the order; a second answer to a question replaces the first.

    Raises NotYet, ScoreOutOfRange, ReasonTooLong.
    """
    return _answer(db, order, person_id, said, at, channel=Channel.PAGE, quick=False, several=False)


def answer_by_mail(db: Session, asked: SurveyAsk, said: Said, at: datetime) -> SurveyAnswer:
    """Keep what the reader of a question's mail said. What looks like a mail scanner's answer is kept and marked.

    Raises AskClosed (the link is too old, or its reader left), NotYet, ScoreOutOfRange, ReasonTooLong.
    """
    why = rules.closed(asked.expires_at, queries.may_still_answer(db, asked), at)
    if why:
        raise AskClosed(why=why)
    return _answer(
        db, asked.order, asked.person_id, said, at, channel=Channel.MAIL,
        quick=rules.is_quick(queries.delivered_at(db, asked), at), several=rules.is_several(asked.opened),
    )  # fmt: skip


def _answer(
    db: Session, order: Order, person_id: int, said: Said, at: datetime, **how: Channel | bool
) -> SurveyAnswer:
    reason = rules.tidy(said.reason)
    rules.check(said.kind, order.state, said.score, reason)
    what: dict[str, object] = {"score": said.score, "reason": reason, "code": said.code, "changed_at": at, **how}
    kept = _keep(db, order.id, person_id, said.kind, what)
    _tell(db, order, person_id, said, at)
    audit.note(
        db, f"person:{person_id}", "survey.answered", order.subject, at, kind=said.kind, score=said.score, **how
    )
    return kept


def _tell(db: Session, order: Order, person_id: int, said: Said, at: datetime) -> None:
    """Each answer is told; an unhappy person once for the order and the question."""
    subject, kind, score = order.subject, said.kind, said.score
    who = f"{kind}:{person_id}"
    each = f"{who}@{at.isoformat()}"
    told = SurveyAnswered(subject=subject, occurrence=each, kind=kind, person_id=person_id, score=score)
    outbox.tell(db, told, at)
    if rules.is_low(kind, score):
        low = LowScore(subject=subject, occurrence=who, kind=kind, person_id=person_id, score=score)
        outbox.tell(db, low, at)


def _keep(db: Session, order_id: int, person_id: int, kind: SurveyKind, what: dict[str, object]) -> SurveyAnswer:
    """One statement, so that two clicks at once are one answer."""
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = insert(SurveyAnswer).values(
        order_id=order_id, person_id=person_id, kind=kind, answered_at=what["changed_at"], **what
    )
    kept = row.on_conflict_do_update(
        index_elements=[SurveyAnswer.order_id, SurveyAnswer.person_id, SurveyAnswer.kind], set_=what
    ).returning(SurveyAnswer)
    return db.scalars(kept, execution_options={"populate_existing": True}).one()
