"""Change payment attempts, by their table of moves, in the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from payments.charges import queries
from payments.charges.models import LIVE, MOVES, AttemptState, PaymentAttempt, ProviderCustomer
from payments.db import Json, move
from payments.errors import LiveAttemptExists
from payments.gateway.base import Truth
from payments.money import Money


def create_attempt(
    db: Session, *, subject: str, provider: str, key: str, amount: Money, request: Json, expires_at: datetime,
    at: datetime,
) -> PaymentAttempt:  # fmt: skip
    """Write down that we are about to ask for `amount`, with the exact request. Commit before asking. Raises
    LiveAttemptExists when another attempt may still bring money."""
    attempt = PaymentAttempt(
        subject=subject, provider=provider, state=AttemptState.CREATED, amount_minor=amount.minor,
        currency=amount.currency, idempotency_key=key, request=request, session_expires_at=expires_at,
        created_at=at,
    )  # fmt: skip
    try:
        with db.begin_nested():
            db.add(attempt)
    except IntegrityError:
        raise LiveAttemptExists(subject=subject) from None
    return attempt


def record_session(attempt: PaymentAttempt, session_id: str, url: str | None, expires_at: datetime | None) -> bool:
    """The provider opened the page. False when the attempt was closed meanwhile: the page must be closed too."""
    if attempt.session_id is None:
        attempt.session_id = session_id
        attempt.session_url = url
        attempt.session_expires_at = expires_at or attempt.session_expires_at
    if attempt.state is AttemptState.CREATED:
        attempt.state = move(MOVES, attempt.state, AttemptState.OPEN)
    return attempt.state in LIVE


def touch(db: Session, attempt_id: int, at: datetime) -> None:
    """Note a look at the provider that brought nothing new."""
    db.execute(update(PaymentAttempt).where(PaymentAttempt.id == attempt_id).values(checked_at=at))


def note_try(attempt: PaymentAttempt, truth: Truth, at: datetime) -> bool:
    """Keep what `truth` tells about a page that still waits; True when it tells of a refused try that is new."""
    attempt.checked_at = at
    attempt.intent_id = truth.intent_id or attempt.intent_id
    new = truth.failure_ref is not None and truth.failure_ref != attempt.failure_ref
    if new:
        attempt.failure_ref = truth.failure_ref
        attempt.failure_code = truth.failure_code
    return new


def process(attempt: PaymentAttempt, truth: Truth, at: datetime) -> bool:
    """The money is on its way; True when that is new."""
    attempt.checked_at = at
    attempt.intent_id = truth.intent_id or attempt.intent_id
    if attempt.state not in (AttemptState.CREATED, AttemptState.OPEN):
        return False
    attempt.state = move(MOVES, attempt.state, AttemptState.PROCESSING)
    return True


def succeed(attempt: PaymentAttempt, truth: Truth, at: datetime) -> None:
    """The provider has captured what `truth` says."""
    attempt.state = move(MOVES, attempt.state, AttemptState.SUCCEEDED)
    attempt.checked_at = attempt.closed_at = at
    attempt.intent_id = truth.intent_id or attempt.intent_id
    attempt.charge_id = truth.payment_id
    attempt.captured_minor = truth.amount_minor
    attempt.captured_currency = truth.currency
    attempt.method = truth.method
    attempt.failure_code = attempt.failure_ref = None


def close(attempt: PaymentAttempt, to: AttemptState, code: str | None, at: datetime) -> bool:
    """Close the attempt without money as FAILED, EXPIRED or CANCELLED; False when it was closed before."""
    if attempt.state not in LIVE:
        return False
    attempt.state = move(MOVES, attempt.state, to)
    attempt.checked_at = attempt.closed_at = at
    attempt.failure_code = code or attempt.failure_code
    return True


def keep_customer(db: Session, subject: str, provider: str, customer_id: str, at: datetime) -> str:
    """Remember the provider's id of our payer; the one that is known already stays, and is returned."""
    known = queries.customer(db, subject, provider)
    if known is not None:
        return known
    try:
        with db.begin_nested():
            db.add(ProviderCustomer(subject=subject, provider=provider, customer_id=customer_id, created_at=at))
    except IntegrityError:  # a second tab was faster
        return db.get_one(ProviderCustomer, (subject, provider), populate_existing=True).customer_id
    return customer_id


def forget_customer(db: Session, subject: str, provider: str) -> None:
    """The provider does not know this payer any more."""
    db.execute(
        delete(ProviderCustomer).where(ProviderCustomer.subject == subject, ProviderCustomer.provider == provider)
    )
