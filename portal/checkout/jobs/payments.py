"""Mails about an order's money, each in its reader's language: to the person who placed it and to those who may
pay; to staff, when people must decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from sqlalchemy.orm import Session

from payments.money import Money
from portal.accounts import queries as accounts
from portal.accounts.models import Person, StaffRole
from portal.checkout import queries, words
from portal.contracts import queries as contracts
from portal.documents import queries as documents
from portal.kit import clock, i18n, mail
from portal.kit.db import transaction
from portal.kit.events import Told
from portal.kit.guard import Act
from portal.kit.mail import Letter
from portal.orders import queries as orders
from portal.orders.models import Order, OrderState

FAILURE_PAUSE: Final = timedelta(hours=1)

Write = Callable[[Order], Letter]


def mail_order_placed(told: Told) -> None:
    """Confirm the order, unless it is paid by now: that mail says more."""
    _send(told, "order.placed", words.placed, {OrderState.AWAITING_PAYMENT})


def mail_payment_failed(told: Told) -> None:
    """Tell that a try to pay failed, unless another one succeeded meanwhile. Whoever tries card after card hears
    of it once an hour; the order's page always says the last reason."""
    code, kind = str(told.facts["code"]), "order.payment_failed"
    since = clock.now() - FAILURE_PAUSE
    with transaction() as db:
        orders.lock(db, str(told.facts["number"]))  # two tries told at the same instant are one letter
        order = order_of(db, told)
        if order.state is OrderState.AWAITING_PAYMENT:
            to = [p for p in readers(db, order) if not mail.lately(db, kind, told.subject, p.email, since)]
            queue_for(db, told, kind, order, lambda order: words.failed(order, code), to)


def mail_order_held(told: Told) -> None:
    """Tell that people look at the payment, as long as they do."""
    with transaction() as db:
        order = order_of(db, told)
        if order.state is OrderState.HELD:
            received = queries.received(db, order.number)
            write = partial(words.on_hold, received=received)
            queue_for(db, told, "order.held", order, write, readers(db, order))


def mail_staff_of_hold(told: Told) -> None:
    """Tell the contract's owner and finance of a held order; they decide about its money."""
    with transaction() as db:
        order = order_of(db, told)
        if order.state is OrderState.HELD:
            received = queries.received(db, order.number)
            owner = order.contract.owner
            people = [owner] if owner is not None and owner.active else []
            people += [person for person in finance(db) if person not in people]
            for person in people:
                tell_staff(db, told, "desk.order_held", person, lambda: words.on_hold_for_staff(order, received))


def mail_money_unmatched(told: Told) -> None:
    """Tell finance of money that no order took."""
    facts = told.facts
    amount = Money(int(facts["minor"]), str(facts["currency"]))
    with transaction() as db:
        for person in finance(db):
            tell_staff(
                db, told, "desk.money_unmatched", person,
                lambda: words.unmatched(amount, str(facts["charge"]), facts["reference"], facts["order"]),
            )  # fmt: skip


def finance(db: Session) -> list[Person]:
    """Finance's people, who hear of money that does not fit."""
    return [p for p in accounts.staff_list(db) if p.active and p.staff_role is StaffRole.FINANCE]


def tell_staff(db: Session, told: Told, kind: str, person: Person, write: Callable[[], Letter]) -> None:
    """Queue a letter to a member of staff, in their language."""
    with i18n.speaking(person.language):
        mail.queue(db, kind, told.subject, person.email, person.language, write(), clock.now(), told.occurrence)


def mail_order_cancelled(told: Told) -> None:
    """Confirm that the order was called off."""
    _send(told, "order.cancelled", words.cancelled, {OrderState.CANCELLED})


def mail_order_expired(told: Told) -> None:
    """Tell that the order was closed unpaid."""
    _send(told, "order.expired", words.expired, {OrderState.EXPIRED})


def mail_transfer_awaited(told: Told) -> None:
    """Tell what to write where, as long as the order waits for it."""
    with transaction() as db:
        order = order_of(db, told)
        transfer = queries.transfer_of(db, order.number)
        if order.state is OrderState.AWAITING_TRANSFER and transfer is not None:
            write = partial(words.awaits_transfer, told=transfer.told, reference=transfer.reference)
            queue_for(db, told, "order.awaits_transfer", order, write, readers(db, order))


def mail_order_paid(told: Told) -> None:
    """Tell that the contract is renewed, with the receipt's number."""
    with transaction() as db:
        order = order_of(db, told)
        receipt = documents.for_order(db, order.id)
        term = contracts.term_of_order(db, order.number)
        if receipt is None or term is None:
            raise LookupError(told.subject)  # the outbox tries again, and shows it to staff
        if not term.live:
            return  # the money went back before this was written; the letter about that says more
        ends_on = term.ends_on
        number = receipt.number

        def write(order: Order) -> Letter:
            return words.paid(order, number, i18n.day(ends_on))

        queue_for(db, told, "order.paid", order, write, readers(db, order))


def _send(told: Told, kind: str, write: Write, wanted: set[OrderState]) -> None:
    """Queue a mail, if the order still stands as the mail says: it was told some time ago."""
    with transaction() as db:
        order = order_of(db, told)
        if order.state in wanted:
            queue_for(db, told, kind, order, write, readers(db, order))


def order_of(db: Session, told: Told) -> Order:
    """The order that was told of. Raises LookupError."""
    order = orders.by_number(db, str(told.facts["number"]))
    if order is None:
        raise LookupError(told.subject)
    return order


def queue_for(db: Session, told: Told, kind: str, order: Order, write: Write, to: Sequence[Person]) -> None:
    """Queue a letter about the order to each of `to`, in their language."""
    at = clock.now()
    for person in to:
        language = person.language or order.company.language
        with i18n.speaking(language):
            mail.queue(db, kind, told.subject, person.email, language, write(order), at, told.occurrence)


def readers(db: Session, order: Order) -> list[Person]:
    """Who may pay for the company, and who placed the order if they still may see its prices."""
    payers = accounts.recipients(db, order.company_id, Act.PAY)
    seers = accounts.recipients(db, order.company_id, Act.SEE_PRICES)
    known = {person.id for person in payers}
    return payers + [p for p in seers if p.id not in known and order.placed_by == f"person:{p.id}"]
