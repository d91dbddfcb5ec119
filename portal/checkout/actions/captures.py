"""What the provider's truth changes, in one transaction: attempt, order, ledger, contract, receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from payments.charges import actions as charges
from payments.charges import queries as attempts
from payments.charges.models import LIVE, AttemptState, PaymentAttempt
from payments.charges.rules import Asked, Outcome, Verdict, judge
from payments.gateway.base import Truth
from payments.ledger import actions as ledger
from payments.ledger import queries as ledger_queries
from payments.ledger.models import EntryKind
from payments.money import Money
from payments.reconcile import actions as reconcile
from payments.reconcile.models import ExceptionKind
from payments.statements import actions as statements
from portal.audit import actions as audit
from portal.checkout import rules
from portal.checkout.actions.ground import SYSTEM, settle_suspense
from portal.checkout.actions.refunds import second_payment
from portal.checkout.events import MoneyUnmatched
from portal.checkout.rules import Deed
from portal.contracts import actions as contracts
from portal.contracts import queries as contract_queries
from portal.contracts.models import Contract
from portal.contracts.rules import TermPlan
from portal.documents import actions as documents
from portal.kit import clock, outbox
from portal.orders import actions as orders
from portal.orders import queries as order_queries
from portal.orders.models import Order, OrderState


def conclude(db: Session, attempt_id: int, truth: Truth, seller: Mapping[str, str], at: datetime) -> AttemptState:
    """Carry out what `truth` says about an attempt; doing it again changes nothing. Returns the attempt's state.

    `seller` (name, address, tax_id, zone) is printed on the receipt.
    """
    # The order's row is the lock that webhook, return page, sweep and staff queue at.
    subject = attempts.get(db, attempt_id).subject
    order = order_queries.lock(db, rules.number_of(subject))
    attempt = attempts.lock(db, attempt_id)
    if attempt.session_id is None:
        charges.record_session(attempt, truth.session_id, truth.url, truth.expires_at)
    if attempt.state is not AttemptState.SUCCEEDED and (truth.paid or attempt.state in LIVE):
        asked = Asked(order.total, order.number, order.quote_id)
        _carry_out(db, order, attempt, truth, judge(asked, truth), seller, at)
    if truth.balance is not None and attempt.state is AttemptState.SUCCEEDED:
        statements.keep(db, truth.balance, attempt.provider, order.subject, at)
    db.flush()
    return attempt.state


def _carry_out(
    db: Session, order: Order, attempt: PaymentAttempt, truth: Truth, outcome: Outcome,
    seller: Mapping[str, str], at: datetime,
) -> None:  # fmt: skip
    if outcome.verdict in {Verdict.PAID, Verdict.MISMATCH}:
        _captured(db, order, attempt, truth, outcome.reason, seller, at)
    elif outcome.verdict is Verdict.PROCESSING:
        if charges.process(attempt, truth, at) and order.state is OrderState.AWAITING_PAYMENT:
            orders.mark_processing(db, order, at)
    elif outcome.verdict is Verdict.EXPIRED:
        charges.close(attempt, AttemptState.EXPIRED, None, at)
    elif outcome.verdict is Verdict.FAILED:
        _fell_through(db, order, attempt, truth, outcome.code, at)
    elif charges.note_try(attempt, truth, at) and order.state is OrderState.AWAITING_PAYMENT:
        orders.note_failure(db, order, outcome.code, at)
        orders.tell_failure(db, order, outcome.code, str(truth.failure_ref), at)


def _fell_through(
    db: Session, order: Order, attempt: PaymentAttempt, truth: Truth, code: str, at: datetime
) -> None:
    """A delayed payment did not come: the order can be paid again."""
    charges.close(attempt, AttemptState.FAILED, code, at)
    attempt.failure_ref = truth.failure_ref
    if order.state is OrderState.PROCESSING:
        orders.reopen(db, order, code, at)
    elif order.state is OrderState.AWAITING_PAYMENT:
        orders.note_failure(db, order, code, at)
    else:
        return
    orders.tell_failure(db, order, code, truth.failure_ref or truth.session_id, at)


def _captured(
    db: Session, order: Order, attempt: PaymentAttempt, truth: Truth, mismatch: str, seller: Mapping[str, str],
    at: datetime,
) -> None:  # fmt: skip
    charges.succeed(attempt, truth, at)
    # Before the order changes: placing an order holds the contract while it looks at the contract's orders.
    contract = contract_queries.lock(db, order.contract_id)
    plan = plan_of(order, contract, truth.came_at(at))
    other = order_queries.open_for(db, order.contract_id)
    what, reason = rules.deed(order.state, mismatch, plan, other is not None and other.id != order.id)
    facts = {
        "attempt": attempt.id, "charge": truth.payment_id, "expected_minor": order.total_minor,
        "expected_currency": order.currency, "got_minor": truth.amount_minor, "got_currency": truth.currency,
    }  # fmt: skip
    if what is Deed.RENEW and plan is not None:
        source, early = _source(db, attempt.provider, truth)
        money = Money(truth.amount_minor, truth.currency)
        renew(db, order, contract, plan, Came(source, money, truth.came_at(at), truth.method, early), seller, at)
        return
    payment = _suspend(db, order.subject, attempt.provider, truth, at)
    if what is Deed.HOLD and reason is not None:
        reconcile.note(db, ExceptionKind.HELD, payment, order.subject, at, facts={"reason": reason.value})
        orders.hold(db, order, reason.value, at, **facts)
    else:
        second_payment(db, order, payment, at)
        audit.note(db, SYSTEM, "payment.suspended", order.subject, at, state=order.state.value, **facts)
        _tell_unmatched(db, order.subject, truth, order.number, at)


def plan_of(order: Order, contract: Contract, came: datetime) -> TermPlan | None:
    """The term that the order buys with money that came then; None when the contract has moved on."""
    placed_on, paid_on = clock.day(order.placed_at, contract.zone), clock.day(came, contract.zone)
    return rules.term_plan(order.quote, contract_queries.last_term(contract), placed_on, paid_on)


@dataclass(frozen=True, slots=True)
class Came:
    """Money as it is to be booked: its source in the ledger, and whether it stands in suspense already."""

    source: str
    money: Money
    at: datetime
    method: str | None
    suspended: bool


def renew(
    db: Session, order: Order, contract: Contract, plan: TermPlan, came: Came, seller: Mapping[str, str],
    at: datetime,
) -> None:  # fmt: skip
    """All that money for an order brings about, or none of it: the sale and the payment in the books, the order
    paid, the contract extended, the receipt."""
    quote = order.quote
    ledger.sale(db, order.subject, quote.net, quote.tax, came.at, at)
    book = ledger.apply if came.suspended else ledger.charge
    book(db, came.source, order.subject, came.money, came.at, at)
    if came.suspended:
        settle_suspense(db, came.source, "applied", at)
    orders.mark_paid(db, order, came.method, at, came.at)
    contracts.extend(db, contract, plan, rules.lines_of(quote.document), order.number, SYSTEM, at)
    documents.issue(db, order, seller, at)


def _suspend(db: Session, subject: str, provider: str, truth: Truth, at: datetime) -> str:
    source, early = _source(db, provider, truth)
    if not early:
        ledger.suspense(db, source, subject, Money(truth.amount_minor, truth.currency), truth.came_at(at), at)
    return source


def _source(db: Session, provider: str, truth: Truth) -> tuple[str, bool]:
    """Under which source the ledger knows this money, and whether it stands in suspense already: the same payment
    may have been told before its charge had a name."""
    sources = [f"{provider}:{truth.payment_id}", f"{provider}:{truth.session_id}"]
    standing = ledger_queries.find(db, sources, EntryKind.SUSPENSE)
    return (standing.source, True) if standing else (sources[0], False)


def suspend_stranger(db: Session, provider: str, truth: Truth, at: datetime) -> None:
    """Money for a payment page that we know nothing of: it waits in suspense for finance. Once only."""
    subject = f"session:{truth.session_id}"
    source, early = _source(db, provider, truth)
    if not early:
        ledger.suspense(db, source, subject, Money(truth.amount_minor, truth.currency), truth.came_at(at), at)
        reconcile.note(
            db, ExceptionKind.UNKNOWN_PAYMENT, source, subject, at, facts={"reference": truth.reference}
        )
        got = {"reference": truth.reference, "got_minor": truth.amount_minor, "got_currency": truth.currency}
        audit.note(db, SYSTEM, "payment.unknown", subject, at, charge=truth.payment_id, **got)
        _tell_unmatched(db, subject, truth, None, at)
    if truth.balance is not None:
        statements.keep(db, truth.balance, provider, subject, at)


def _tell_unmatched(db: Session, subject: str, truth: Truth, order_number: str | None, at: datetime) -> None:
    unmatched = MoneyUnmatched(
        subject=subject, occurrence=truth.payment_id, minor=truth.amount_minor, currency=truth.currency,
        charge=truth.payment_id, reference=truth.reference, order=order_number,
    )  # fmt: skip
    outbox.tell(db, unmatched, at)
