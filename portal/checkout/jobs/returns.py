"""Mails about money that goes back, and about what is not as it must be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from payments.money import Money
from portal.accounts.models import Person
from portal.checkout import words
from portal.checkout.jobs.payments import finance, order_of, queue_for, readers, tell_staff
from portal.checkout.rules import PREFIX, number_of
from portal.documents import queries as documents
from portal.kit import clock, i18n
from portal.kit.db import transaction
from portal.kit.events import Told
from portal.kit.mail import Letter
from portal.orders import queries as orders
from portal.orders.models import Order


def mail_refunded(told: Told) -> None:
    """Tell those who pay that money went back to them, and by which credit note, if what they bought is taken back
    by it."""

    def write(db: Session, order: Order, amount: Money) -> Letter:
        notes = [note for note in documents.credit_notes(db, order.id) if note.voided_at is None]
        mine = [note.number for note in notes if note.source.partition(":")[2] == told.occurrence]
        return words.refunded(order, amount, mine[0] if mine else None)

    _of_refund(told, "order.money_back", write)


def mail_refund_failed(told: Told) -> None:
    """Tell them that it did not arrive, and that we call."""
    _of_refund(told, "order.money_back_failed", lambda _db, order, amount: words.refund_failed(order, amount))


def _of_refund(told: Told, kind: str, write: Callable[[Session, Order, Money], Letter]) -> None:
    amount = Money(int(told.facts["minor"]), str(told.facts["currency"]))
    with transaction() as db:
        order = order_of(db, told)
        queue_for(db, told, kind, order, lambda order: write(db, order, amount), readers(db, order))


def mail_dispute(told: Told) -> None:
    """Tell finance, and the contract's owner, that a payment is contested, or how it was decided."""
    facts = told.facts
    amount = Money(int(facts["minor"]), str(facts["currency"]))
    number = number_of(told.subject) if told.subject.startswith(PREFIX) else None
    with transaction() as db:
        order = orders.by_number(db, number) if number else None
        zone = order.contract.zone if order else "UTC"
        due = facts["due_at"] and clock.day(datetime.fromisoformat(str(facts["due_at"])), zone)
        for person in _responsible(db, order):
            write = partial(_disputed, number, amount, str(facts["state"]), due)
            tell_staff(db, told, "desk.dispute", person, write)


def _disputed(number: str | None, amount: Money, state: str, due: object) -> Letter:
    return words.disputed(number, amount, state, i18n.day(due) if due else None)  # type: ignore[arg-type]


def _responsible(db: Session, order: Order | None) -> list[Person]:
    owner = order.contract.owner if order is not None else None
    people = [owner] if owner is not None and owner.active else []
    return people + [person for person in finance(db) if person not in people]


def mail_alarm(told: Told) -> None:
    """Tell finance what the watch found."""
    kind, what = str(told.facts["kind"]), str(told.facts["what"])
    with transaction() as db:
        for person in finance(db):
            tell_staff(db, told, "desk.alarm", person, partial(words.alarm, kind, what))
