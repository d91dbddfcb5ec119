"""Mails about an order's money: to the person who placed it and to those who may pay, each in their language."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.checkout import words
from portal.contracts import queries as contracts
from portal.documents import queries as documents
from portal.kit import clock, i18n, mail
from portal.kit.db import transaction
from portal.kit.events import Told
from portal.kit.guard import Act
from portal.kit.mail import Letter
from portal.orders import queries as orders
from portal.orders.models import Order, OrderState

Write = Callable[[Order], Letter]


def mail_order_placed(told: Told) -> None:
    """Confirm the order, unless it is paid by now: that mail says more."""
    _send(told, "order.placed", words.placed, {OrderState.AWAITING_PAYMENT})


def mail_payment_failed(told: Told) -> None:
    """Tell that a try to pay failed, unless another one succeeded meanwhile."""
    code = str(told.facts["code"])
    _send(told, "order.payment_failed", lambda order: words.failed(order, code), {OrderState.AWAITING_PAYMENT})


def mail_order_held(told: Told) -> None:
    """Tell that people look at the payment, as long as they do."""
    _send(told, "order.held", words.on_hold, {OrderState.HELD})


def mail_order_cancelled(told: Told) -> None:
    """Confirm that the order was called off."""
    _send(told, "order.cancelled", words.cancelled, {OrderState.CANCELLED})


def mail_order_expired(told: Told) -> None:
    """Tell that the order was closed unpaid."""
    _send(told, "order.expired", words.expired, {OrderState.EXPIRED})


def mail_order_paid(told: Told) -> None:
    """Tell that the contract is renewed, with the receipt's number."""
    with transaction() as db:
        order = _order(db, told)
        receipt = documents.for_order(db, order.id)
        contract = contracts.by_number(db, order.contract.number)
        term = next(term for term in contract.terms if term.order_number == order.number) if contract else None
        if receipt is None or term is None:
            raise LookupError(told.subject)  # the outbox tries again, and shows it to staff
        ends_on = term.ends_on
        number = receipt.number
        _queue(db, told, "order.paid", order, lambda order: words.paid(order, number, i18n.day(ends_on)))


def _send(told: Told, kind: str, write: Write, wanted: set[OrderState]) -> None:
    """Queue a mail, if the order still stands as the mail says: it was told some time ago."""
    with transaction() as db:
        order = _order(db, told)
        if order.state in wanted:
            _queue(db, told, kind, order, write)


def _order(db: Session, told: Told) -> Order:
    order = orders.by_number(db, str(told.facts["number"]))
    if order is None:
        raise LookupError(told.subject)
    return order


def _queue(db: Session, told: Told, kind: str, order: Order, write: Write) -> None:
    at = clock.now()
    for person in readers(db, order):
        language = person.language or order.company.language
        with i18n.speaking(language):
            mail.queue(db, kind, told.subject, person.email, language, write(order), at, told.occurrence)


def readers(db: Session, order: Order) -> list[Person]:
    """Who may pay for the company, and who placed the order if they still may see its prices."""
    payers = accounts.recipients(db, order.company_id, Act.PAY)
    seers = accounts.recipients(db, order.company_id, Act.SEE_PRICES)
    known = {person.id for person in payers}
    return payers + [p for p in seers if p.id not in known and order.placed_by == f"person:{p.id}"]
