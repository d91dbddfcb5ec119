"""Answers to surveys."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit.db import Base, BigId, choice


class SurveyKind(StrEnum):
    CSAT = "csat"


class SurveyAnswer(Base):
    """One person's answer about one order; saved on the first click, changed by answering again."""

    __tablename__ = "survey_answers"
    __table_args__ = (
        UniqueConstraint("order_id", "person_id", "kind"),
        CheckConstraint("score BETWEEN 1 AND 5", name="csat_range"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[SurveyKind] = mapped_column(choice(SurveyKind, "survey_kind"))
    score: Mapped[int]
    reason: Mapped[str | None]
    answered_at: Mapped[datetime]
    changed_at: Mapped[datetime]
