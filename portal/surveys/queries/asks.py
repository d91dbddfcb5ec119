"""Find who was asked, and how things stand before somebody is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts import queries as accounts
from portal.accounts import rules as accounts_rules
from portal.kit.guard import Act
from portal.kit.mail import Mail
from portal.orders import queries as orders
from portal.orders.models import Order
from portal.surveys import rules
from portal.surveys.models import SurveyAnswer, SurveyAsk, SurveyKind, SurveyOptOut
from portal.surveys.rules import Standing

MAIL_KIND = "surveys.nps"


def hold(db: Session, order_id: int, person_id: int) -> SurveyAsk | None:
    """The asking of one person about an order, held until the transaction ends: it is mailed or dropped once."""
    wanted = select(SurveyAsk).where(SurveyAsk.order_id == order_id, SurveyAsk.person_id == person_id)
    return db.scalar(wanted.with_for_update())


def by_token(db: Session, token: str) -> SurveyAsk | None:
    """The question that a mailed link stands for, with its reader and its order."""
    whole = (
        joinedload(SurveyAsk.person),
        joinedload(SurveyAsk.order).joinedload(Order.company),
        joinedload(SurveyAsk.order).joinedload(Order.contract),
    )
    hashed = accounts_rules.hash_of(token)
    return db.scalar(select(SurveyAsk).options(*whole).where(SurveyAsk.token_hash == hashed))


def held_by_token(db: Session, token: str) -> SurveyAsk:
    """The same, its order locked: whoever disputes it at this instant waits. Raises NoResultFound."""
    hashed = accounts_rules.hash_of(token)
    asked = db.scalars(select(SurveyAsk).where(SurveyAsk.token_hash == hashed)).one()
    orders.lock(db, asked.order.number)
    return asked


def delivered_at(db: Session, ask: SurveyAsk) -> datetime | None:
    """When the question's mail was handed to the mail server; None when it was not yet."""
    sent = select(Mail.sent_at).where(
        Mail.kind == MAIL_KIND, Mail.subject == ask.order.subject, Mail.occurrence == occurrence(ask.person_id)
    )
    return db.scalar(sent.order_by(Mail.id).limit(1))


def occurrence(person_id: int) -> str:
    """How mail and outbox call the asking of one person about an order."""
    return f"person:{person_id}"


def has_opted_out(db: Session, person_id: int) -> bool:
    return db.get(SurveyOptOut, person_id) is not None


def may_still_answer(db: Session, ask: SurveyAsk) -> bool:
    """Is the asked person still an active member who may answer for the order's company?"""
    members = accounts.recipients(db, ask.order.company_id, Act.ANSWER_SURVEYS)
    return any(person.id == ask.person_id for person in members)


def standing(db: Session, ask: SurveyAsk, at: datetime) -> Standing:
    """How things stand for the question's mail at `at`."""
    order, person_id = ask.order, ask.person_id
    answered = exists().where(
        SurveyAnswer.order_id == order.id, SurveyAnswer.person_id == person_id, SurveyAnswer.kind == SurveyKind.NPS
    )
    money_open = exists().where(Order.company_id == order.company_id, Order.state.in_(rules.MONEY_OPEN))
    since = at - rules.QUARANTINE
    mailed = exists().where(
        SurveyAsk.person_id == person_id, SurveyAsk.order_id != order.id, SurveyAsk.mailed_at > since
    )
    spoke = exists().where(
        SurveyAnswer.person_id == person_id, SurveyAnswer.order_id != order.id, SurveyAnswer.changed_at > since
    )
    has_answered, is_open, lately = db.execute(select(answered, money_open, or_(mailed, spoke))).one()
    return Standing(
        state=order.state,
        answered=bool(has_answered),
        money_open=bool(is_open),
        may_answer=may_still_answer(db, ask),
        opted_out=has_opted_out(db, person_id),
        lately=bool(lately),
    )
