"""Gather an order's whole story from every room that knows a part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.accounts.models import Membership
from portal.audit import queries as audit
from portal.audit.models import AuditNote
from portal.checkout import queries as checkout
from portal.documents import queries as documents
from portal.documents.models import Receipt
from portal.finance import queries as finance
from portal.kit.mail import Mail
from portal.orders.models import Order
from portal.surveys import queries as surveys
from portal.surveys.models import SurveyAnswer


@dataclass(frozen=True)
class Money:
    """What happened to an order's money."""

    attempts: Sequence[checkout.Attempt]
    events: Sequence[checkout.Event]
    postings: Sequence[finance.Posting]
    receipt: Receipt | None


@dataclass(frozen=True)
class Story:
    """Everything that belongs to an order. `names` by reference ("person:5"); `money` only for those who may see
    it."""

    order: Order
    notes: Sequence[AuditNote]
    mails: Sequence[Mail]
    answers: Sequence[SurveyAnswer]
    members: Sequence[Membership]
    names: Mapping[str, str]
    money: Money | None


def story(db: Session, order: Order, with_money: bool) -> Story:
    """The story of `order`, which comes with its quote, company and contract."""
    quote, contract = f"quote:{order.quote_id}", f"contract:{order.contract.number}"
    notes = [
        note
        for note in audit.about(db, [order.subject, quote, contract])
        if note.subject != contract or order.number in note.facts.values()
    ]
    answers = surveys.answers_for(db, order.id)
    people = {order.quote.created_by, order.placed_by, *(note.actor for note in notes)}
    people |= {f"person:{answer.person_id}" for answer in answers}
    return Story(
        order=order, notes=notes, mails=mails(db, [order.subject, quote]), answers=answers,
        members=accounts.members(db, order.company_id), names=accounts.names_of(db, people),
        money=_money(db, order) if with_money else None,
    )  # fmt: skip


def mails(db: Session, subjects: Sequence[str]) -> Sequence[Mail]:
    """The mails about any of `subjects`, oldest first."""
    return db.scalars(select(Mail).where(Mail.subject.in_(subjects)).order_by(Mail.id)).all()


def _money(db: Session, order: Order) -> Money:
    return Money(
        attempts=checkout.attempts(db, order.number),
        events=checkout.events(db, order.number),
        postings=finance.postings(db, order.subject),
        receipt=documents.for_order(db, order.id),
    )
