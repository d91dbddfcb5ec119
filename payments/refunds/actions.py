"""Change refunds, by their table of moves, in the caller's transaction. Hold the payment's order first."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from payments.db import move
from payments.gateway.base import RefundFacts, RefundStatus
from payments.money import Money
from payments.refunds import queries, rules
from payments.refunds.models import MOVES, Refund, RefundState

PROVIDER = "provider"
_STATES = {
    RefundStatus.PENDING: RefundState.PENDING,
    RefundStatus.SUCCEEDED: RefundState.SUCCEEDED,
    RefundStatus.FAILED: RefundState.FAILED,
}


def request(
    db: Session, *, subject: str, payment: str, left: Money, amount: Money, reason: str, by: str, nonce: str,
    at: datetime,
) -> Refund:  # fmt: skip
    """Ask for `amount` of `payment` ("stripe:ch_…"), of which `left` may still go back. `nonce` keeps two
    databases apart that share one account at the provider. Raises NothingToRefund, RefundTooLarge."""
    rules.check_amount(amount, left)
    provider, _colon, charge_id = payment.partition(":")
    refund = Refund(
        subject=subject, provider=provider, payment=payment, charge_id=charge_id, state=RefundState.REQUESTED,
        amount_minor=amount.minor, currency=amount.currency, reason=reason, requested_by=by, requested_at=at,
        idempotency_key=rules.key_of(subject, queries.count_of(db, subject) + 1, nonce),
    )  # fmt: skip
    db.add(refund)
    db.flush()
    return refund


def agree(refund: Refund, left: Money, by: str, limit_minor: int, at: datetime) -> bool:
    """`by` says yes; True when that settles it, so that the provider is to be asked. `left`: what may go back
    beside this refund, less than nothing when money went another way since it was asked for.

    Raises NothingToRefund, RefundTooLarge, NeedsAnotherPerson, IllegalMove.
    """
    rules.check_amount(refund.amount, left + refund.amount)
    if rules.is_final(refund.amount, limit_minor, refund.requested_by, refund.approved_by, by):
        refund.state = move(MOVES, refund.state, RefundState.APPROVED)
        refund.approved_at = at
        if refund.approved_by is None:
            refund.approved_by = by
        else:
            refund.second_by = by
        return True
    move(MOVES, refund.state, RefundState.APPROVED)
    refund.approved_by = by
    return False


def refuse(refund: Refund, by: str, at: datetime) -> None:
    """`by` says no, or whoever asked takes it back. Raises IllegalMove."""
    refund.state = move(MOVES, refund.state, RefundState.REFUSED)
    refund.refused_by = by
    refund.closed_at = at


def give_up(refund: Refund, code: str, at: datetime) -> None:
    """The provider refused to make it. Raises IllegalMove."""
    refund.state = move(MOVES, refund.state, RefundState.FAILED)
    refund.failure_code = code
    refund.checked_at = refund.closed_at = at


def adopt(db: Session, facts: RefundFacts, subject: str, provider: str, payment: str, at: datetime) -> Refund:
    """Somebody made a refund at the provider itself: keep it as if it had been approved here."""
    refund = Refund(
        subject=subject, provider=provider, payment=payment, charge_id=facts.charge_id,
        state=RefundState.APPROVED, amount_minor=facts.amount_minor, currency=facts.currency, reason="",
        requested_by=PROVIDER, approved_by=PROVIDER, requested_at=facts.created_at, approved_at=at,
        idempotency_key=f"{provider}:{facts.id}",
    )  # fmt: skip
    db.add(refund)
    db.flush()
    return refund


def follow(refund: Refund, facts: RefundFacts, at: datetime) -> bool:
    """Bring the refund to what the provider says; True when its state changed. Late news of an earlier state
    changes nothing."""
    refund.checked_at = at
    refund.refund_id = facts.id
    to = _STATES[facts.status]
    if to is refund.state or to not in MOVES[refund.state]:
        return False
    refund.state = move(MOVES, refund.state, to)
    refund.failure_code = facts.failure_code
    refund.closed_at = at if to is not RefundState.PENDING else None
    return True


def touch(db: Session, refund_id: int, at: datetime) -> None:
    """Note a look at the provider that brought nothing new."""
    db.execute(update(Refund).where(Refund.id == refund_id).values(checked_at=at))
