"""What every change of an order's money stands on: the payment as it is booked, its order, its sale."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from payments.charges import queries as attempts
from payments.ledger import queries as ledger
from payments.ledger.models import Account
from payments.ledger.queries import Taken
from payments.ledger.rules import Sold
from payments.money import Money
from payments.reconcile import actions as reconcile
from payments.reconcile import queries as exceptions
from payments.reconcile.models import ExceptionKind
from portal.checkout.rules import PREFIX, number_of
from portal.orders import queries as orders
from portal.orders.models import Order

SYSTEM = "system"
ABOUT_SUSPENSE = (ExceptionKind.HELD, ExceptionKind.SECOND_PAYMENT, ExceptionKind.UNKNOWN_PAYMENT)


def payment_of(db: Session, provider: str, charge_id: str) -> Taken | None:
    """The payment behind a charge, as it is booked; None while it is not. It may be booked under its session, when
    it was told before its charge had a name."""
    sources = [f"{provider}:{charge_id}"]
    attempt = attempts.by_charge(db, charge_id)
    if attempt is not None:
        sources.append(f"{provider}:{attempt.session_id}")
    return ledger.taken(db, sources)


def locked_order(db: Session, subject: str) -> Order | None:
    """The order that a payment is about, held; None for a stranger's money."""
    return orders.lock(db, number_of(subject)) if subject.startswith(PREFIX) else None


def sold_of(order: Order | None, taken: Taken) -> Sold | None:
    """The sale that a payment paid for; None while it stands unapplied."""
    return Sold(order.quote.total, order.quote.tax) if order is not None and taken.sold else None


def unapplied(db: Session, payment: str, currency: str) -> Money:
    """What of a payment stands in suspense."""
    left = ledger.of_payment(db, payment, Account.UNAPPLIED_CASH)
    return -next((money for money in left if money.currency == currency), Money(0, currency))


def settle_suspense(db: Session, payment: str, resolution: str, at: datetime) -> None:
    """The money of `payment` found its place: nobody needs to look at it any more."""
    for kind in ABOUT_SUSPENSE:
        reconcile.close_if_open(db, kind, payment, resolution, at)


def suspend_again(db: Session, payment: str, at: datetime) -> None:
    """The money of `payment` came back into suspense: people must look at it again."""
    for kind in ABOUT_SUSPENSE:
        known = exceptions.find(db, kind, payment)
        if known is not None and known.closed_at is not None:
            reconcile.reopen(known, at, known.facts)
