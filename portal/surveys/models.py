"""Who was asked, what they answered, and who wants no more questions by mail."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.kit.db import Base, BigId, choice
from portal.orders.models import Order


class SurveyKind(StrEnum):
    """CSAT: how satisfied with this renewal, 1 to 5. NPS: how likely to recommend us, 0 to 10."""

    CSAT = "csat"
    NPS = "nps"


class ReasonCode(StrEnum):
    """The main reason, as a code that can be counted; what people write stands beside it."""

    PRICE = "price"
    FEATURES = "features"
    RELIABILITY = "reliability"
    EASE = "ease"
    SUPPORT = "support"
    RENEWING = "renewing"
    OTHER = "other"


class Channel(StrEnum):
    """Where somebody answered last: signed in, or on the page that the mail opens."""

    PAGE = "page"
    MAIL = "mail"


class AskState(StrEnum):
    """OPEN: shown on the order's page, the mail is to come; MAILED; DROPPED: no mail, for the reason kept."""

    OPEN = "open"
    MAILED = "mailed"
    DROPPED = "dropped"


class Dropped(StrEnum):
    """Why the mail was not sent."""

    ANSWERED = "answered"
    ORDER_STATE = "order_state"
    MONEY_OPEN = "money_open"
    LEFT = "left"
    OPTED_OUT = "opted_out"
    ASKED_LATELY = "asked_lately"
    TOO_LATE = "too_late"


class SurveyAnswer(Base):
    """One person's answer about one order; saved on the first click, changed by answering again. `quick` and
    `several` are what a mail scanner's answer looks like; such an answer is kept and marked."""

    __tablename__ = "survey_answers"
    __table_args__ = (
        UniqueConstraint("order_id", "person_id", "kind"),
        CheckConstraint(
            "(kind = 'csat' AND score BETWEEN 1 AND 5) OR (kind = 'nps' AND score BETWEEN 0 AND 10)", name="range"
        ),
        Index("ix_survey_answers_newest", "answered_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    kind: Mapped[SurveyKind] = mapped_column(choice(SurveyKind, "survey_kind"))
    score: Mapped[int]
    reason: Mapped[str | None]
    code: Mapped[ReasonCode | None] = mapped_column(choice(ReasonCode, "reason_code"))
    channel: Mapped[Channel] = mapped_column(choice(Channel, "survey_channel"), server_default=Channel.PAGE)
    quick: Mapped[bool] = mapped_column(default=False, server_default="0")
    several: Mapped[bool] = mapped_column(default=False, server_default="0")
    answered_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class SurveyAsk(Base):
    """One person asked about one order: on its page as soon as it is paid, and by mail a week later when NPS is
    still open. The mail's link is known by its hash. `opened` has a bit for each score whose link was opened."""

    __tablename__ = "survey_asks"
    __table_args__ = (
        UniqueConstraint("order_id", "person_id"),
        CheckConstraint("(state = 'dropped') = (dropped IS NOT NULL)", name="dropped_says_why"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    state: Mapped[AskState] = mapped_column(choice(AskState, "ask_state"), default=AskState.OPEN)
    dropped: Mapped[Dropped | None] = mapped_column(choice(Dropped, "ask_dropped"))
    asked_at: Mapped[datetime] = mapped_column(index=True)
    due_at: Mapped[datetime]
    mailed_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    opened: Mapped[int] = mapped_column(default=0)

    order: Mapped[Order] = relationship()
    person: Mapped[Person] = relationship()


class SurveyOptOut(Base):
    """Somebody who wants no more questions by mail. The order's page still has them, in nobody's way."""

    __tablename__ = "survey_opt_outs"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    at: Mapped[datetime]
