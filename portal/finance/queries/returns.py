"""Find refunds and exceptions, each with its order and company."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.reconcile import queries as exceptions
from payments.reconcile.models import FinanceException
from payments.refunds import queries as refunds
from payments.refunds.models import Refund
from portal.accounts.models import Company
from portal.checkout.rules import PREFIX
from portal.orders.models import Order


@dataclass(frozen=True)
class About:
    """The order that something is about, if there is one."""

    number: str
    company: str


@dataclass(frozen=True)
class RefundRow:
    refund: Refund
    about: About | None


@dataclass(frozen=True)
class ExceptionRow:
    exception: FinanceException
    about: About | None


def refunds_waiting(db: Session) -> list[RefundRow]:
    """Refunds that wait for somebody's yes, oldest first. Two statements."""
    rows = refunds.waiting(db)
    about = _about(db, (row.subject for row in rows))
    return [RefundRow(row, about.get(row.subject)) for row in rows]


def refunds_decided(db: Session) -> list[RefundRow]:
    """The last refunds that were decided, newest first. Two statements."""
    rows = refunds.recent(db)
    about = _about(db, (row.subject for row in rows))
    return [RefundRow(row, about.get(row.subject)) for row in rows]


def open_exceptions(db: Session) -> list[ExceptionRow]:
    """What waits for people, newest first. Two statements."""
    return _with_orders(db, exceptions.still_open(db))


def count_open(db: Session) -> int:
    """How many exceptions wait. One statement, on their index."""
    return exceptions.count_open(db)


def closed_exceptions(db: Session) -> list[ExceptionRow]:
    """What was closed last, newest first. Two statements."""
    return _with_orders(db, exceptions.lately_closed(db))


def _with_orders(db: Session, rows: Sequence[FinanceException]) -> list[ExceptionRow]:
    about = _about(db, (row.subject for row in rows if row.subject))
    return [ExceptionRow(row, about.get(row.subject or "")) for row in rows]


def about(db: Session, subject: str) -> About | None:
    """The order that `subject` names ("order:…"), with its company. One statement."""
    return _about(db, [subject]).get(subject)


def _about(db: Session, subjects: Iterable[str]) -> dict[str, About]:
    numbers = {subject.removeprefix(PREFIX) for subject in subjects if subject.startswith(PREFIX)}
    if not numbers:
        return {}
    wanted = select(Order.number, Company.name).join(Company, Company.id == Order.company_id)
    rows = db.execute(wanted.where(Order.number.in_(numbers)))
    return {PREFIX + number: About(number, name) for number, name in rows}
