"""Refunds: ask, agree, and carry out what the provider says became of them. In the caller's transaction."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from payments.db import Json
from payments.disputes import queries as disputes
from payments.gateway.base import RefundFacts
from payments.ledger import actions as ledger
from payments.ledger import queries as ledger_queries
from payments.ledger.queries import Taken
from payments.money import Money
from payments.reconcile import actions as reconcile
from payments.reconcile.models import ExceptionKind
from payments.refunds import actions as refunds
from payments.refunds import queries
from payments.refunds.models import Refund, RefundState
from payments.statements import actions as statements
from portal.audit import actions as audit
from portal.checkout.actions.ground import (
    SYSTEM,
    locked_order,
    payment_of,
    settle_suspense,
    sold_of,
    suspend_again,
    unapplied,
)
from portal.checkout.actions.returns import bring_up
from portal.checkout.errors import PaymentContested, PaymentNotThere
from portal.checkout.queries import left_of, limit_of
from portal.documents import actions as documents
from portal.orders import actions as orders
from portal.orders.models import Order


def request(db: Session, payment: str, amount: Money, reason: str, by: str, at: datetime) -> Refund:
    """Ask for a part of a payment ("stripe:ch_…"), or all of it, to go back.

    Raises PaymentNotThere, PaymentContested, NothingToRefund, RefundTooLarge.
    """
    taken = ledger_queries.taken(db, [payment])
    if taken is None:
        raise PaymentNotThere(payment=payment)
    locked_order(db, taken.subject)
    if disputes.open_of(db, payment) is not None:
        raise PaymentContested(payment=payment)
    made = refunds.request(
        db, subject=taken.subject, payment=payment, left=left_of(db, taken), amount=amount, reason=reason,
        by=by, nonce=secrets.token_hex(4), at=at,
    )  # fmt: skip
    audit.note(db, by, "refund.requested", taken.subject, at, refund=made.id, payment=payment, reason=reason,
               minor=amount.minor, currency=amount.currency)  # fmt: skip
    return made


def agree(db: Session, refund_id: int, by: str, at: datetime) -> bool:
    """Say yes to a refund; True when nobody else needs to, so that it goes to the provider.

    Raises NeedsAnotherPerson, IllegalMove, PaymentContested; NothingToRefund or RefundTooLarge when money went
    another way since it was asked for.
    """
    refund = _held(db, refund_id)
    if disputes.open_of(db, refund.payment) is not None:
        raise PaymentContested(payment=refund.payment)
    final = _agree(db, refund, by, limit_of(db, refund.currency).refund_minor, at)
    audit.note(db, by, "refund.agreed", refund.subject, at, refund=refund.id, final=final)
    db.flush()
    return final


def _agree(db: Session, refund: Refund, by: str, limit_minor: int, at: datetime) -> bool:
    taken = ledger_queries.taken(db, [refund.payment])
    assert taken is not None  # it was there when the refund was asked for, and nothing leaves the ledger
    return refunds.agree(refund, left_of(db, taken), by, limit_minor, at)


def refuse(db: Session, refund_id: int, by: str, at: datetime) -> None:
    """Say no to a refund, or take one's own request back. Raises IllegalMove."""
    refund = _held(db, refund_id)
    refunds.refuse(refund, by, at)
    audit.note(db, by, "refund.refused", refund.subject, at, refund=refund.id)
    db.flush()


def second_payment(db: Session, order: Order, payment: str, at: datetime) -> None:
    """An order was paid once more: people see it, and up to the limit it goes back by itself."""
    taken = ledger_queries.taken(db, [payment])
    if taken is None or not reconcile.note(db, ExceptionKind.SECOND_PAYMENT, payment, order.subject, at):
        return
    limit = limit_of(db, taken.amount.currency).second_payment_minor
    if taken.amount.minor <= limit:
        made = request(db, payment, taken.amount, "second_payment", SYSTEM, at)
        _agree(db, made, SYSTEM, limit, at)
        audit.note(db, SYSTEM, "refund.agreed", order.subject, at, refund=made.id, final=True)


def give_up(db: Session, refund_id: int, code: str, at: datetime) -> None:
    """The provider refused to make the refund: people hear of it."""
    refund = _held(db, refund_id)
    refunds.give_up(refund, code, at)
    audit.note(db, SYSTEM, "refund.failed", refund.subject, at, refund=refund.id, code=code)
    reconcile.note(db, ExceptionKind.REFUND_FAILED, _name(refund), refund.subject, at,
                   facts=_facts(refund, code))  # fmt: skip
    db.flush()


def conclude(db: Session, provider: str, facts: RefundFacts, zone: str, at: datetime) -> Refund | None:
    """Carry out what the provider says about a refund; doing it again changes nothing. None when its payment is
    not booked yet: settle that first. `zone`: the seller's, for the year of the credit note."""
    found = payment_of(db, provider, facts.charge_id)
    if found is None:
        return None
    order = locked_order(db, found.subject)
    taken = payment_of(db, provider, facts.charge_id) or found  # as it is now that the order is held
    refund = queries.known(db, facts.id, facts.key)
    if refund is None:
        refund = refunds.adopt(db, facts, taken.subject, provider, taken.source, at)
        audit.note(db, SYSTEM, "refund.seen", taken.subject, at, refund=refund.id, made_at=provider,
                   minor=facts.amount_minor, currency=facts.currency)  # fmt: skip
    else:
        refund = queries.lock(db, refund.id)
    changed = refunds.follow(refund, facts, at)
    _book(db, order, taken, refund, facts, zone, at)
    if changed:
        _tell(db, order, refund, facts, at)
    if order is not None:
        bring_up(db, order, "order.refunded", facts.created_at, at)
    db.flush()
    return refund


def _book(
    db: Session, order: Order | None, taken: Taken, refund: Refund, facts: RefundFacts, zone: str, at: datetime
) -> None:
    """The refund in the books: once it is done, or has left the provider's balance; and back when it failed."""
    source = f"{refund.provider}:{facts.id}"
    if refund.state is RefundState.FAILED:
        _came_again(db, order, taken, source, at)
    elif refund.state is RefundState.SUCCEEDED or facts.balance is not None:
        _went_back(db, order, taken, refund, source, zone, min(facts.created_at, at), at)
    for balance in (facts.balance, facts.failure_balance):
        if balance is not None:
            statements.keep(db, balance, refund.provider, taken.subject, at)


def _came_again(db: Session, order: Order | None, taken: Taken, source: str, at: datetime) -> None:
    ledger.refund_failed(db, source, at, at)
    if order is not None:
        documents.void_credit_note(db, order, source, at)
    if unapplied(db, taken.source, taken.amount.currency).minor:
        suspend_again(db, taken.source, at)


def _went_back(
    db: Session, order: Order | None, taken: Taken, refund: Refund, source: str, zone: str, when: datetime,
    at: datetime,
) -> None:  # fmt: skip
    sold = sold_of(order, taken)
    entry = ledger.refund(db, source, taken.source, taken.subject, refund.amount, sold, when, at)
    if order is not None and sold is not None:
        documents.credit(db, order, source, refund.amount, ledger_queries.tax_in(entry), zone, at)
    elif not unapplied(db, taken.source, refund.currency).minor:
        settle_suspense(db, taken.source, "refunded", at)


def _tell(db: Session, order: Order | None, refund: Refund, facts: RefundFacts, at: datetime) -> None:
    """Note a refund's new state, and tell customer or staff."""
    audit.note(db, SYSTEM, f"refund.{refund.state.value}", refund.subject, at, refund=refund.id,
               provider_refund=facts.id, minor=refund.amount_minor, currency=refund.currency)  # fmt: skip
    failed = refund.state is RefundState.FAILED
    if failed:
        reconcile.note(db, ExceptionKind.REFUND_FAILED, _name(refund), refund.subject, at,
                       facts=_facts(refund, facts.failure_code))  # fmt: skip
    if order is not None and (failed or refund.state is RefundState.SUCCEEDED):
        orders.tell_refund(db, order, facts.id, refund.amount, failed, at)


def _facts(refund: Refund, code: str | None) -> Json:
    return {"payment": refund.payment, "code": code, "minor": refund.amount_minor, "currency": refund.currency}


def _name(refund: Refund) -> str:
    """The refund as the books call it; one that was never made has only its key."""
    return f"{refund.provider}:{refund.refund_id or refund.idempotency_key}"


def _held(db: Session, refund_id: int) -> Refund:
    """The refund, with its order held before it: everybody takes them in this order."""
    locked_order(db, queries.get(db, refund_id).subject)
    return queries.lock(db, refund_id)
