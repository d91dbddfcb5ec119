"""Ask people: once about an order, and by mail when it is time."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.accounts import rules as accounts_rules
from portal.audit import actions as audit
from portal.kit import outbox
from portal.orders.models import Order
from portal.surveys import rules
from portal.surveys.models import AskState, Dropped, SurveyAsk, SurveyOptOut
from portal.surveys.queries.asks import occurrence

MAIL_JOB = "surveys.mail_nps"
TOKEN_BYTES = 32


def ask(db: Session, order: Order, person_id: int, paid_at: datetime) -> None:
    """Note that the order's page asks this person from `paid_at` on, and plan the mail for a week later. The plan
    is a row of the outbox: it waits for whoever works then. Asking twice is asking once."""
    due = rules.mail_due(paid_at)
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = insert(SurveyAsk).values(
        order_id=order.id, person_id=person_id, state=AskState.OPEN, asked_at=paid_at, due_at=due, opened=0
    )
    db.execute(row.on_conflict_do_nothing())
    outbox.later(db, MAIL_JOB, order.subject, occurrence(person_id), {"person_id": person_id}, due)


def drop(db: Session, asked: SurveyAsk, why: Dropped, at: datetime) -> None:
    """The mail is not sent; staff can read why."""
    asked.state, asked.dropped = AskState.DROPPED, why
    audit.note(
        db, audit.SYSTEM, "survey.not_mailed", asked.order.subject, at, dropped=why, person_id=asked.person_id
    )


def link_for(db: Session, asked: SurveyAsk, at: datetime) -> str:
    """Mark the question as mailed and return the token of its link, which only the mail may hold; the database
    knows its hash."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    asked.state, asked.mailed_at = AskState.MAILED, at
    asked.expires_at, asked.token_hash = at + rules.LINK_LIFETIME, accounts_rules.hash_of(token)
    audit.note(db, audit.SYSTEM, "survey.mailed", asked.order.subject, at, person_id=asked.person_id)
    return token


def note_opened(db: Session, asked: SurveyAsk, score: int) -> None:
    """Note that the link of this score was opened. That is no answer: scanners open all links."""
    bit = SurveyAsk.opened.op("|")(1 << score)
    db.execute(update(SurveyAsk).where(SurveyAsk.id == asked.id).values(opened=bit))


def opt_out(db: Session, person_id: int, at: datetime) -> None:
    """No more questions by mail for this person, at once."""
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    added = db.execute(
        insert(SurveyOptOut).values(person_id=person_id, at=at).on_conflict_do_nothing().returning(SurveyOptOut.at)
    ).first()
    if added:
        audit.note(db, f"person:{person_id}", "survey.opted_out", f"person:{person_id}", at)


def opt_in(db: Session, person_id: int, at: datetime) -> None:
    """Questions by mail again."""
    row = db.get(SurveyOptOut, person_id)
    if row is not None:
        db.delete(row)
        audit.note(db, f"person:{person_id}", "survey.opted_in", f"person:{person_id}", at)
