"""What money that went back, or came again, makes of its order and of the term that it bought."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from payments.disputes import queries as disputes
from payments.disputes.models import DisputeState
from payments.ledger import queries as ledger
from payments.ledger.models import Account
from payments.reconcile import actions as reconcile
from payments.reconcile.models import ExceptionKind
from portal.checkout import rules
from portal.checkout.actions.ground import SYSTEM
from portal.contracts import actions as contracts
from portal.contracts import queries as contract_queries
from portal.contracts.errors import TermInUse, TermTaken
from portal.orders import actions as orders
from portal.orders.models import Order, OrderState
from portal.orders.rules import SETTLED, paid_state


def bring_up(db: Session, order: Order, action: str, happened_at: datetime, at: datetime) -> None:
    """Bring an order, held by the caller, and its term to what the books say. `action`: why, for the audit;
    `happened_at`: when the money moved, which decides what becomes of the term."""
    if order.paid_at is None:
        _unpaid(db, order, action, at)
        return
    if order.state not in SETTLED:
        return
    given = ledger.given_back(db, order.subject, order.currency).gross
    contested = any(
        dispute.state is DisputeState.OPEN and _paid_for(db, dispute.payment, order)
        for dispute in disputes.of_subjects(db, [order.subject])
    )
    to = paid_state(given, order.total, contested)
    if orders.money_moved(
        db, order, to, action, SYSTEM, at, given_back_minor=given.minor, currency=given.currency
    ):
        _term(db, order, to, happened_at, at)


def _unpaid(db: Session, order: Order, action: str, at: datetime) -> None:
    """A held order whose money went back whole needs nobody any more; when it comes again, it does."""
    left = ledger.left_of_subject(db, order.subject, Account.UNAPPLIED_CASH)
    waits = any(money.minor for money in left)
    if order.state is OrderState.HELD and not waits:
        orders.money_moved(db, order, OrderState.REFUNDED, action, SYSTEM, at)
    elif order.state is OrderState.REFUNDED and waits:
        orders.money_moved(db, order, OrderState.HELD, action, SYSTEM, at)


def _paid_for(db: Session, payment: str, order: Order) -> bool:
    """Is it this payment that paid the order, and not a second one beside it?"""
    taken = ledger.taken(db, [payment])
    return taken is not None and taken.sold and taken.subject == order.subject


def _term(db: Session, order: Order, to: OrderState, happened_at: datetime, at: datetime) -> None:
    """A whole return soon after payment ends the term; a late one, or one on which a later term stands, is for
    people. Money that comes again gives the term back."""
    contract = contract_queries.lock(db, order.contract_id)
    if to is not OrderState.REFUNDED:
        if to is OrderState.DISPUTED:
            return
        reconcile.close_if_open(db, ExceptionKind.LATE_RETURN, order.subject, "money_came_again", at)
        reconcile.close_if_open(db, ExceptionKind.TERM_IN_USE, order.subject, "money_came_again", at)
        try:
            contracts.restore(db, contract, order.number, "money_came_again", SYSTEM, at)
        except TermTaken:
            reconcile.note(db, ExceptionKind.TERM_TAKEN, order.subject, order.subject, at)
        return
    if not rules.ends_by_itself(order.paid_at or at, happened_at, contract.zone):
        reconcile.note(db, ExceptionKind.LATE_RETURN, order.subject, order.subject, at)
        return
    try:
        contracts.reverse(db, contract, order.number, "money_went_back", SYSTEM, at)
    except TermInUse:
        reconcile.note(db, ExceptionKind.TERM_IN_USE, order.subject, order.subject, at)
