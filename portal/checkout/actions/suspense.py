"""Money that waits in suspense, and exceptions that wait for people: assign, decide, close."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from payments.charges import queries as attempts
from payments.charges.models import AttemptState
from payments.disputes import queries as disputes
from payments.gateway.bank import NAME as BANK
from payments.ledger import queries as ledger
from payments.ledger.queries import Taken
from payments.reconcile import actions as reconcile
from payments.reconcile.models import ExceptionKind, FinanceException
from portal.audit import actions as audit
from portal.checkout.actions import transfers
from portal.checkout.actions.captures import Came, plan_of, renew
from portal.checkout.actions.ground import unapplied
from portal.checkout.errors import CannotAssign, PaymentContested, PaymentNotThere
from portal.contracts import actions as contracts
from portal.contracts import queries as contract_queries
from portal.orders import queries as orders
from portal.orders.models import Order, OrderState

TAKES_MONEY = frozenset({OrderState.AWAITING_PAYMENT, OrderState.AWAITING_TRANSFER, OrderState.HELD})


def assign(
    db: Session, payment: str, order_number: str, seller: Mapping[str, str], by: str, at: datetime
) -> Order:
    """Let a suspended payment ("stripe:ch_…") pay an order of exactly its amount; the contract is renewed by it.

    Raises PaymentNotThere, PaymentContested, CannotAssign; NoResultFound for an unknown order.
    """
    order = orders.lock(db, order_number)
    taken = ledger.taken(db, [payment])
    if taken is None:
        raise PaymentNotThere(payment=payment)
    _check(db, order, taken)
    contract = contract_queries.lock(db, order.contract_id)
    plan = plan_of(order, contract, taken.happened_at)
    if plan is None:
        raise CannotAssign("renewed", number=order.number, contract=contract.number)
    attempt = attempts.by_charge(db, payment.partition(":")[2])
    method = attempt.method if attempt is not None else None
    audit.note(db, by, "payment.assigned", order.subject, at, payment=payment, was_about=taken.subject)
    live = attempts.live_for(db, order.subject)
    if live is not None and live.provider == BANK:
        transfers.drop(db, order, live, AttemptState.CANCELLED, at)
    came = Came(payment, taken.amount, taken.happened_at, method, suspended=True)
    renew(db, order, contract, plan, came, seller, at)
    db.flush()
    return order


def _check(db: Session, order: Order, taken: Taken) -> None:
    if disputes.open_of(db, taken.source) is not None:
        raise PaymentContested(payment=taken.source)
    left = unapplied(db, taken.source, taken.amount.currency)
    if taken.sold or left != taken.amount:
        raise CannotAssign("gone", payment=taken.source)
    if order.state not in TAKES_MONEY:
        raise CannotAssign("state", number=order.number, state=order.state.value)
    if order.total != taken.amount:
        raise CannotAssign("amount", number=order.number)


def end_term(db: Session, exception: FinanceException, on: date, by: str, at: datetime) -> None:
    """A late return: the term ends on `on`. Raises TermInUse, EndsOutside."""
    order = _order_of(db, exception)
    contract = contract_queries.lock(db, order.contract_id)
    contracts.end_early(db, contract, order.number, on, "money_went_back", by, at)
    close(db, exception, f"ended:{on.isoformat()}", by, at)


def close(db: Session, exception: FinanceException, resolution: str, by: str, at: datetime) -> None:
    """People decided; `resolution` is a code or their own words."""
    if reconcile.close(exception, resolution, by, at):
        audit.note(db, by, "exception.closed", exception.subject or f"exception:{exception.id}", at,
                   kind=exception.kind.value, ref=exception.ref, resolution=resolution)  # fmt: skip
    db.flush()


def _order_of(db: Session, exception: FinanceException) -> Order:
    if exception.subject is None or exception.kind not in {ExceptionKind.LATE_RETURN, ExceptionKind.TERM_IN_USE}:
        raise LookupError(exception.id)
    return orders.lock(db, exception.subject.removeprefix("order:"))
