"""Invariants of money: captures, ledger, orders and their moves. Each check returns one line for each break."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import String, Subquery, and_, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from payments.charges.models import AttemptState, PaymentAttempt
from payments.disputes.rules import RETURNED as RETURNED_BY_DISPUTE
from payments.disputes.rules import TAKEN as TAKEN_BY_DISPUTE
from payments.inbox import queries as inbox
from payments.ledger import queries as ledger
from payments.ledger.models import Account, EntryKind, LedgerEntry, LedgerLine
from payments.statements.models import BalanceTransaction
from portal.audit.models import AuditNote
from portal.orders.models import MOVES, OPEN, Order, OrderState
from portal.pricing.models import Quote

# How long captured money may stand with its order neither renewed nor held (I4).
PATIENCE: Final = timedelta(seconds=60)
MONEY_ACCOUNTS: Final = (Account.STRIPE_CLEARING, Account.BANK)
TAKEN: Final = (EntryKind.CHARGE, EntryKind.SUSPENSE)
COLLECTED: Final = (EntryKind.CHARGE, EntryKind.APPLY)

_subject = literal("order:") + Order.number
_source = PaymentAttempt.provider + literal(":") + PaymentAttempt.charge_id
_owed = LedgerLine.account == Account.RECEIVABLE
_by_session = PaymentAttempt.provider + literal(":") + PaymentAttempt.session_id
_captured = PaymentAttempt.state == AttemptState.SUCCEEDED


def _names_of_captured() -> Subquery:
    """Under what the ledger may know each captured attempt: `id` and `source`, a row for its charge and one for
    its session. Joined by equality, since an OR compares everything with everything, as a long NOT IN does on
    PostgreSQL."""
    by_charge = select(PaymentAttempt.id, _source.label("source")).where(_captured, _source.is_not(None))
    by_session = select(PaymentAttempt.id, _by_session.label("source")).where(_captured, _by_session.is_not(None))
    return union_all(by_charge, by_session).subquery()


def captured_is_posted(db: Session, _at: datetime) -> list[str]:
    """I1: what a provider captured, or the bank received, stands where money stands, gross, once, in its
    currency."""
    named = _names_of_captured()
    posted = (
        select(named.c.id, func.sum(LedgerLine.minor).label("minor"), LedgerLine.currency)
        .select_from(named)
        .join(LedgerEntry, LedgerEntry.source == named.c.source)
        .join(LedgerLine, LedgerLine.entry_id == LedgerEntry.id)
        .where(LedgerEntry.kind.in_(TAKEN), LedgerLine.account.in_(MONEY_ACCOUNTS))
        .group_by(named.c.id, LedgerLine.currency)
        .subquery()
    )
    minor, currency = PaymentAttempt.captured_minor, PaymentAttempt.captured_currency
    wanted = (
        select(PaymentAttempt.subject, minor, currency, posted.c.minor)
        .outerjoin(posted, and_(posted.c.id == PaymentAttempt.id, posted.c.currency == currency))
        .where(_captured, or_(posted.c.minor.is_(None), posted.c.minor != minor))
    )
    charges = select(LedgerEntry.source).where(LedgerEntry.kind == EntryKind.CHARGE)
    loose = charges.except_(select(named.c.source))
    return [
        f"{subject} captured {taken} {money}, the ledger has {found}"
        for subject, taken, money, found in db.execute(wanted)
    ] + [f"{source} is posted but no attempt captured it" for source in db.scalars(loose)]


def entries_balance(db: Session, _at: datetime) -> list[str]:
    """I2: each ledger entry sums to zero in each currency."""
    return [f"entry {entry} is off by {minor} {currency}" for entry, currency, minor in ledger.unbalanced(db)]


def fees_are_posted(db: Session, _at: datetime) -> list[str]:
    """I1: each movement's fee stands in the ledger as the provider took it."""
    posted = (
        select(LedgerEntry.source, func.sum(LedgerLine.minor).label("minor"))
        .join(LedgerLine, LedgerLine.entry_id == LedgerEntry.id)
        .where(LedgerEntry.kind == EntryKind.FEE, LedgerLine.account == Account.STRIPE_FEES)
        .group_by(LedgerEntry.source)
        .subquery()
    )
    source = BalanceTransaction.provider + literal(":") + BalanceTransaction.id
    wanted = (
        select(BalanceTransaction.id, BalanceTransaction.fee_minor, posted.c.minor)
        .outerjoin(posted, posted.c.source == source)
        .where(func.coalesce(posted.c.minor, 0) != BalanceTransaction.fee_minor)
        .where(BalanceTransaction.reporting_category.not_in((TAKEN_BY_DISPUTE, RETURNED_BY_DISPUTE)))
    )
    return [f"{txn} cost {fee}, the ledger has {found or 0}" for txn, fee, found in db.execute(wanted)]


def captured_is_acted_on(db: Session, at: datetime) -> list[str]:
    """I4: no order whose money is here waits for it. An order that is closed has its money in suspense."""
    waiting = (OrderState.AWAITING_PAYMENT, OrderState.AWAITING_TRANSFER, OrderState.PROCESSING)
    wanted = (
        select(Order.number)
        .join(PaymentAttempt, PaymentAttempt.subject == _subject)
        .where(_captured, Order.state.in_(waiting), PaymentAttempt.closed_at < at - PATIENCE)
    )
    return [f"{number} is captured but waits" for number in db.scalars(wanted)]


def seen_is_kept(db: Session, at: datetime) -> list[str]:
    """I5: each movement we saw belongs to money in the ledger, and no event fails unseen."""
    source = BalanceTransaction.provider + literal(":") + BalanceTransaction.source_id
    stray = (
        select(BalanceTransaction.id)
        .outerjoin(LedgerEntry, and_(LedgerEntry.source == source, LedgerEntry.kind.in_(TAKEN)))
        .where(BalanceTransaction.reporting_category == "charge", LedgerEntry.id.is_(None))
    )
    failing = [event for event in inbox.alarms(db, at) if event.error and event.handled_at is None and event.tries]
    return [f"{txn} moved money that the ledger does not know" for txn in db.scalars(stray)] + [
        f"{event.event_id} fails: {event.error}" for event in failing if event.state.value == "new"
    ]


def charged_is_quoted(db: Session, _at: datetime) -> list[str]:
    """I6: what was charged for a paid order is what was quoted."""
    wanted = (
        select(Order.number, Quote.total_minor, Quote.currency, func.sum(-LedgerLine.minor), LedgerLine.currency)
        .join(Quote, Quote.id == Order.quote_id)
        .outerjoin(LedgerEntry, and_(LedgerEntry.subject == _subject, LedgerEntry.kind.in_(COLLECTED)))
        .outerjoin(LedgerLine, and_(LedgerLine.entry_id == LedgerEntry.id, _owed))
        .where(Order.paid_at.is_not(None))
        .group_by(Order.number, Quote.total_minor, Quote.currency, LedgerLine.currency)
    )
    return [
        f"{number} was quoted {minor} {currency} and charged {got} {got_currency}"
        for number, minor, currency, got, got_currency in db.execute(wanted)
        if (int(got or 0), got_currency) != (minor, currency)
    ] + _orders_that_differ(db)


def _orders_that_differ(db: Session) -> list[str]:
    differs = or_(Order.total_minor != Quote.total_minor, Order.currency != Quote.currency)
    wanted = select(Order.number).join(Quote, Quote.id == Order.quote_id).where(differs)
    return [f"{number} has another total than its quote" for number in db.scalars(wanted)]


def moves_are_legal(db: Session, _at: datetime) -> list[str]:
    """I10: orders moved only as the table of moves allows, step by step, to where they stand."""
    action = AuditNote.facts["to"].as_string()
    wanted = (
        select(AuditNote.subject, AuditNote.facts, cast(action, String))
        .where(AuditNote.subject.startswith("order:"), AuditNote.action.startswith("order."), action.is_not(None))
        .order_by(AuditNote.id)
    )
    standing: dict[str, OrderState] = {}
    broken = []
    for subject, facts, _to in db.execute(wanted):
        line = _step(subject, facts, standing)
        if line:
            broken.append(line)
    return broken + _elsewhere(db, standing)


def _step(subject: str, facts: dict[str, Any], standing: dict[str, OrderState]) -> str:
    was, to = facts.get("from"), OrderState(facts["to"])
    before = standing.get(subject)
    standing[subject] = to
    if was is None:
        return "" if before is None else f"{subject} was placed twice"
    if before is not None and before.value != was:
        return f"{subject} moved from {was} but stood at {before.value}"
    return "" if to in MOVES[OrderState(was)] else f"{subject} moved from {was} to {to.value}"


def _elsewhere(db: Session, standing: dict[str, OrderState]) -> list[str]:
    """Orders that stand where no noted move led them, and contracts with two open orders."""
    lines = [
        f"order:{number} stands at {state.value} without a move to it"
        for number, state in db.execute(select(Order.number, Order.state))
        if standing.get(f"order:{number}", state) is not state
    ]
    twice = (
        select(Order.contract_id).where(Order.state.in_(OPEN)).group_by(Order.contract_id).having(func.count() > 1)
    )
    return lines + [f"contract {contract} has two open orders" for contract in db.scalars(twice)]
