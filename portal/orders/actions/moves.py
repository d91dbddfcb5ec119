"""Change orders. Each change moves by the table, leaves a note and tells its fact, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from payments.db import move
from payments.money import Money
from portal.audit import actions as audit
from portal.contracts import queries as contracts
from portal.contracts import rules as contract_rules
from portal.contracts.models import Contract
from portal.kit import clock, numbers, outbox
from portal.kit.settings import Settings
from portal.orders import queries, rules
from portal.orders.errors import ContractNotRenewable, OpenOrderExists, OrderNotOpen, QuoteNotAcceptable
from portal.orders.events import (
    OrderCancelled,
    OrderExpired,
    OrderHeld,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    PaymentAskedFor,
    PaymentFailed,
    RefundFailed,
    TransferAwaited,
)
from portal.orders.models import MOVES, OPEN, CancelledBy, Order, OrderState
from portal.pricing import actions as pricing
from portal.pricing.models import Quote, VoidReason
from portal.pricing.rules import QuoteStanding, quote_standing

SYSTEM = "system"


def place(
    db: Session, quote: Quote, by: str, email: str, po_number: str | None, terms_version: str, at: datetime,
    noted: str | None = None,
) -> Order:  # fmt: skip
    """Accept `quote`: the order that is to be paid. The same quote again gives the same order.

    `by` is the person's reference ("person:5"), in whose name it is placed; `noted` who pressed the button, where
    that is somebody else: an approver. Raises QuoteNotAcceptable, OpenOrderExists, ContractNotRenewable.
    """
    contract = contracts.lock(db, quote.contract_id)
    sealed = db.get_one(Quote, quote.id, populate_existing=True)
    placed = queries.of_quote(db, sealed.id)
    if placed is not None:
        if placed.state in OPEN or placed.state in rules.SETTLED:
            return placed
        raise QuoteNotAcceptable(QuoteStanding.VOIDED)
    check(db, contract, sealed, at)
    order = Order(
        number=_number(db, at), quote_id=sealed.id, contract_id=contract.id, company_id=contract.company_id,
        state=OrderState.AWAITING_PAYMENT, total_minor=sealed.total_minor, currency=sealed.currency,
        placed_by=by, placed_email=email.lower(), placed_at=at, terms_version=terms_version, po_number=po_number,
        invoice_details=_printed(contract.company.invoice_details), changed_at=at,
        expires_at=rules.expiry(sealed.valid_until, at),
    )  # fmt: skip
    _keep(db, order)
    pricing.keep_claims(db, sealed.id)
    facts = {"quote": sealed.id, "total_minor": order.total_minor, "currency": order.currency}
    audit.note(db, noted or by, "order.placed", order.subject, at, to=order.state.value, **facts)
    outbox.tell(db, OrderPlaced(subject=order.subject, number=order.number), at)
    return order


def _printed(details: Mapping[str, object]) -> dict[str, object]:
    """What an order's papers print of the company's invoice details; the rest is for fapiao alone."""
    return {name: details[name] for name in ("title", "tax_id", "address") if name in details}


def ask_to_pay(db: Session, order: Order, person_id: int, by: str, at: datetime) -> None:
    """Have a colleague asked by mail to pay the order; once a minute at most."""
    minute = at.isoformat(timespec="minutes")
    event = PaymentAskedFor(
        subject=order.subject, occurrence=f"{person_id} {minute}", number=order.number, person_id=person_id, by=by
    )
    outbox.tell(db, event, at)
    audit.note(db, by, "order.pay_asked", order.subject, at, person=person_id)


def check(db: Session, contract: Contract, quote: Quote, at: datetime) -> None:
    """May the quote be ordered at `at`? Raises QuoteNotAcceptable, OpenOrderExists, ContractNotRenewable."""
    standing = quote_standing(quote, contract.rev, at)
    if standing is not QuoteStanding.VALID:
        raise QuoteNotAcceptable(standing)
    already = queries.open_for(db, contract.id)
    if already is not None:
        raise OpenOrderExists(already.number)
    on = clock.day(at, contract.zone)
    if not contract_rules.can_renew(contract.terms, on, contract.declined_at is not None):
        raise ContractNotRenewable(contract.number)
    plan = contract_rules.next_term(contracts.last_term(contract), quote.months, on)
    if plan.on_payment != quote.starts_on_payment:
        # Grace ended between quote and order: the term would begin on another day than the quote says.
        raise QuoteNotAcceptable(QuoteStanding.OUTDATED)


def _number(db: Session, at: datetime) -> str:
    settings: Settings = current_app.extensions["settings"]
    year = clock.day(at, settings.zone).year
    return rules.number(year, numbers.take(db, f"order-{year}"))


def _keep(db: Session, order: Order) -> None:
    try:
        with db.begin_nested():
            db.add(order)
    except IntegrityError:
        already = queries.open_for(db, order.contract_id)
        if already is None:
            raise
        raise OpenOrderExists(already.number) from None


def _move(db: Session, order: Order, to: OrderState, by: str, action: str, at: datetime, **facts: Any) -> None:
    was = order.state
    order.state = move(MOVES, was, to)
    order.changed_at = at
    audit.note(db, by, action, order.subject, at, **{"from": was.value, "to": to.value}, **facts)
    db.flush()


def await_transfer(db: Session, order: Order, by: str, chosen_at: datetime, at: datetime) -> datetime:
    """The customer pays by bank transfer; until when we wait for it, at the price of the quote. `chosen_at`: when
    they chose it first; choosing again does not hold the price for longer."""
    order.expires_at = rules.transfer_until(order.expires_at, chosen_at)
    order.last_failure = None
    _move(db, order, OrderState.AWAITING_TRANSFER, by, "order.awaits_transfer", at)
    told = TransferAwaited(subject=order.subject, occurrence=str(order.version), number=order.number)
    outbox.tell(db, told, at)
    return order.expires_at


def await_payment(db: Session, order: Order, by: str, at: datetime) -> None:
    """The customer would rather pay at once."""
    _move(db, order, OrderState.AWAITING_PAYMENT, by, "order.awaits_payment", at)


def mark_processing(db: Session, order: Order, at: datetime) -> None:
    """The customer has done their part; the money is on its way."""
    _move(db, order, OrderState.PROCESSING, SYSTEM, "order.processing", at)


def mark_paid(
    db: Session, order: Order, paid_with: str | None, at: datetime, paid_at: datetime | None = None
) -> None:
    """The money is here and fits; it came at `paid_at` (default: now). The caller extends the contract and issues
    the receipt in the same transaction."""
    order.paid_at = paid_at or at
    order.paid_with = paid_with
    order.held_reason = order.last_failure = None
    pricing.keep_claims(db, order.quote_id)  # an order that was called off may be paid all the same
    _move(db, order, OrderState.PAID, SYSTEM, "order.paid", at, paid_with=paid_with)
    outbox.tell(db, OrderPaid(subject=order.subject, number=order.number), at)


def hold(db: Session, order: Order, reason: str, at: datetime, **facts: Any) -> None:
    """Money came that does not fit: people decide. `reason`: of rules.HeldReason; `facts` go to the audit."""
    order.held_reason = reason
    _move(db, order, OrderState.HELD, SYSTEM, "order.held", at, reason=reason, **facts)
    held = OrderHeld(subject=order.subject, occurrence=str(order.version), number=order.number, reason=reason)
    outbox.tell(db, held, at)


def money_moved(
    db: Session, order: Order, to: OrderState, action: str, by: str, at: datetime, **facts: Any
) -> bool:
    """Money of a paid or held order went back, came again or is contested, so that it stands at `to` now; False
    when it stood there before. `action` names the reason in the audit ("order.refunded"…)."""
    if order.state is to:
        return False
    _move(db, order, to, by, action, at, **facts)
    return True


def tell_refund(db: Session, order: Order, refund: str, amount: Money, failed: bool, at: datetime) -> None:
    """Tell that a refund reached the customer, or that it did not; each `refund` is told once for either."""
    event = RefundFailed if failed else OrderRefunded
    told = event(
        subject=order.subject, occurrence=refund, number=order.number, minor=amount.minor,
        currency=amount.currency,
    )  # fmt: skip
    outbox.tell(db, told, at)


def reopen(db: Session, order: Order, failure: str, at: datetime) -> None:
    """A delayed payment fell through: the order can be paid again. `failure` is the provider's code."""
    order.last_failure = failure
    order.failed_at = at
    order.expires_at = rules.second_chance(order.expires_at, at)
    _move(db, order, OrderState.AWAITING_PAYMENT, SYSTEM, "order.reopened", at, failure=failure)


def note_failure(db: Session, order: Order, failure: str, at: datetime) -> None:
    """A try to pay was refused; nothing was taken and the order stays payable. Does not tell: see
    `tell_failure`."""
    order.last_failure = failure
    order.failed_at = at
    order.changed_at = at
    audit.note(db, SYSTEM, "order.payment_failed", order.subject, at, failure=failure)


def tell_failure(db: Session, order: Order, failure: str, occurrence: str, at: datetime) -> None:
    """Tell that a try failed; the same `occurrence` is told once."""
    outbox.tell(
        db, PaymentFailed(subject=order.subject, occurrence=occurrence, number=order.number, code=failure), at
    )


def cancel(db: Session, order: Order, by: str, who: CancelledBy, at: datetime) -> None:
    """Call the order off before payment. Raises OrderNotOpen. The caller has closed its payment page."""
    if order.state not in rules.CANCELLABLE:
        raise OrderNotOpen(order.number, order.state)
    order.cancelled_by = who
    _move(db, order, OrderState.CANCELLED, by, "order.cancelled", at, who=who.value)
    _take_quote_back(db, order, by, at)
    gone = OrderCancelled(subject=order.subject, occurrence=str(order.version), number=order.number, who=who.value)
    outbox.tell(db, gone, at)


def _take_quote_back(db: Session, order: Order, by: str, at: datetime) -> None:
    """A quote makes one order. Taken back, the same wish on the same day gives a new quote, not this one again."""
    pricing.void(db, db.get_one(Quote, order.quote_id), VoidReason.ORDER_CLOSED, by, at)


def expire(db: Session, order: Order, at: datetime) -> None:
    """Nobody paid in time. The caller knows from the provider that its payment page is closed."""
    _move(db, order, OrderState.EXPIRED, SYSTEM, "order.expired", at)
    _take_quote_back(db, order, SYSTEM, at)
    gone = OrderExpired(subject=order.subject, occurrence=str(order.version), number=order.number)
    outbox.tell(db, gone, at)
