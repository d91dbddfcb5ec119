"""Invariants of money that goes back: refunds, disputes, and what waits for people. One line for each break."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from payments.disputes.rules import RETURNED, TAKEN
from payments.ledger import queries as ledger
from payments.ledger.models import Account, EntryKind, LedgerEntry, LedgerLine
from payments.reconcile.models import ExceptionKind, FinanceException
from payments.refunds.models import SENT, Refund, RefundState
from payments.statements.models import BalanceTransaction
from portal.checkout.actions.ground import ABOUT_SUSPENSE
from portal.checkout.selfcheck.money import MONEY_ACCOUNTS
from portal.orders.models import Order, OrderState


def refunds_are_posted(db: Session, _at: datetime) -> list[str]:
    """I1: what a refund took from the provider's balance is what the ledger says: all of it when it is done,
    nothing when it failed, either while the provider works on it."""
    source = Refund.provider + literal(":") + Refund.refund_id
    wanted = (
        select(Refund.id, Refund.state, Refund.amount_minor, func.coalesce(func.sum(LedgerLine.minor), 0))
        .outerjoin(LedgerEntry, and_(LedgerEntry.source == source, LedgerEntry.kind.in_(ledger.REFUNDED)))
        .outerjoin(LedgerLine, and_(LedgerLine.entry_id == LedgerEntry.id, LedgerLine.account.in_(MONEY_ACCOUNTS)))
        .group_by(Refund.id, Refund.state, Refund.amount_minor)
    )
    rows = [(number, state, amount, int(posted)) for number, state, amount, posted in db.execute(wanted)]
    return [
        f"refund {number} of {amount} is {state.value}, the ledger moved {posted}"
        for number, state, amount, posted in rows
        if posted not in _right(state, amount)
    ] + _unknown_refunds(db)


def _right(state: RefundState, amount: int) -> tuple[int, ...]:
    """What the ledger may have moved for a refund in this state."""
    if state is RefundState.SUCCEEDED:
        return (-amount,)
    return (-amount, 0) if state is RefundState.PENDING else (0,)


def _unknown_refunds(db: Session) -> list[str]:
    known = select(Refund.provider + literal(":") + Refund.refund_id).where(Refund.refund_id.is_not(None))
    wanted = select(LedgerEntry.source).where(LedgerEntry.kind == EntryKind.REFUND).except_(known)
    return [f"{source} is posted but there is no such refund" for source in db.scalars(wanted)]


def disputes_are_posted(db: Session, _at: datetime) -> list[str]:
    """I1: what disputes moved on the balance stands on clearing, movement by movement."""
    source = BalanceTransaction.provider + literal(":") + BalanceTransaction.id
    kinds = (EntryKind.DISPUTE, EntryKind.DISPUTE_RETURNED)
    wanted = (
        select(BalanceTransaction.id, BalanceTransaction.net_minor, func.coalesce(func.sum(LedgerLine.minor), 0))
        .outerjoin(LedgerEntry, and_(LedgerEntry.source == source, LedgerEntry.kind.in_(kinds)))
        .outerjoin(
            LedgerLine,
            and_(LedgerLine.entry_id == LedgerEntry.id, LedgerLine.account == Account.STRIPE_CLEARING),
        )
        .where(BalanceTransaction.reporting_category.in_((TAKEN, RETURNED)))
        .group_by(BalanceTransaction.id, BalanceTransaction.net_minor)
    )
    return [
        f"{txn} moved {net} for a dispute, the ledger {int(posted)}"
        for txn, net, posted in db.execute(wanted)
        if int(posted) != net
    ]


def refunds_fit(db: Session, _at: datetime) -> list[str]:
    """I8: no payment gives back more than came. What was asked for and not yet sent does not count: a refund that
    somebody made at the provider itself may come between, and then this one is refused."""
    came = (
        select(LedgerEntry.source, func.sum(LedgerLine.minor).label("minor"))
        .join(LedgerLine, LedgerLine.entry_id == LedgerEntry.id)
        .where(LedgerEntry.kind.in_((EntryKind.CHARGE, EntryKind.SUSPENSE)), LedgerLine.minor > 0)
        .group_by(LedgerEntry.source)
        .subquery()
    )
    given = func.sum(Refund.amount_minor)
    wanted = (
        select(Refund.payment, given, came.c.minor)
        .outerjoin(came, came.c.source == Refund.payment)
        .where(Refund.state.in_(SENT))
        .group_by(Refund.payment, came.c.minor)
        .having(or_(came.c.minor.is_(None), given > came.c.minor))
    )
    return [f"{payment} gives {back} back of {had}" for payment, back, had in db.execute(wanted)]


def what_waits_is_shown(db: Session, _at: datetime) -> list[str]:
    """I3, I5: money in suspense and held orders have an exception; in suspense nothing is below zero."""
    payment = func.coalesce(LedgerEntry.relates_to, LedgerEntry.source)
    left = (
        select(payment.label("payment"), func.sum(-LedgerLine.minor).label("minor"))
        .join(LedgerLine, LedgerLine.entry_id == LedgerEntry.id)
        .where(LedgerLine.account == Account.UNAPPLIED_CASH)
        .group_by(payment)
        .having(func.sum(LedgerLine.minor) != 0)
        .subquery()
    )
    shown = select(FinanceException.ref).where(
        FinanceException.kind.in_(ABOUT_SUSPENSE), FinanceException.closed_at.is_(None)
    )
    rows = db.execute(select(left.c.payment, left.c.minor, left.c.payment.in_(shown)))
    unseen = [
        f"{source} has {int(minor)} in suspense" + ("" if int(minor) > 0 else ", which cannot be")
        for source, minor, is_shown in rows
        if int(minor) < 0 or not is_shown
    ]
    held = select(FinanceException.subject).where(
        FinanceException.kind == ExceptionKind.HELD, FinanceException.closed_at.is_(None)
    )
    subject = literal("order:", String) + Order.number
    lost = select(Order.number).where(Order.state == OrderState.HELD, subject.not_in(held))
    return unseen + [f"{number} is held and nobody is told" for number in db.scalars(lost)]
