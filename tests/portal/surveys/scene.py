"""A paid order whose owner is asked, and the way to its mail."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kit import outbox
from portal.kit.db import reading, transaction
from portal.kit.mail import Mail
from portal.orders import queries as orders
from portal.orders.models import Order
from portal.surveys import actions
from portal.surveys.actions import Said
from portal.surveys.models import SurveyAnswer, SurveyAsk, SurveyKind
from portal.surveys.queries.asks import MAIL_KIND
from tests.conftest import NOW

DUE = NOW + timedelta(days=7)


def run_jobs() -> None:
    while outbox.run_due():
        pass


def run_at(at: datetime) -> None:
    """Let the worker work at `at`."""
    with time_machine.travel(at, tick=False):
        run_jobs()


def answer(
    order: Order, person_id: int, score: int, at: datetime = NOW, kind: SurveyKind = SurveyKind.NPS,
    reason: str | None = None,
) -> SurveyAnswer:  # fmt: skip
    with transaction() as db:
        return actions.answer(db, orders.lock(db, order.number), person_id, Said(kind, score, reason), at)


def csat(db: Session, order: Order, person_id: int, score: int, reason: str, at: datetime) -> None:
    """An answer within the test's own transaction."""
    actions.answer(db, order, person_id, Said(SurveyKind.CSAT, score, reason), at)


def asks() -> list[SurveyAsk]:
    with reading() as db:
        return list(db.scalars(select(SurveyAsk).order_by(SurveyAsk.id)))


def answers() -> list[SurveyAnswer]:
    with reading() as db:
        return list(db.scalars(select(SurveyAnswer).order_by(SurveyAnswer.id)))


def letters(kind: str = MAIL_KIND) -> list[Mail]:
    with reading() as db:
        return list(db.scalars(select(Mail).where(Mail.kind == kind).order_by(Mail.id)))


def token() -> str:
    """The token in the newest question's mail."""
    found = re.search(r"/survey/([\w-]{43})\?score=10\b", letters()[-1].text)
    assert found, letters()[-1].text
    return found[1]


def mailed() -> str:
    """The question is out; its token."""
    run_jobs()
    run_at(DUE)
    return token()
