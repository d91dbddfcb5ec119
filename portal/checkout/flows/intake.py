"""The provider's door, and what comes in by it: keep first, then fetch the truth and act."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import structlog

from payments.charges import queries as attempts
from payments.charges.models import PaymentAttempt
from payments.errors import NotAtProvider
from payments.gateway.base import Truth
from payments.inbox import actions as inbox
from payments.inbox import queries as inbox_queries
from payments.inbox.models import EventState, ProviderEvent
from payments.ledger import queries as ledger
from payments.statements import actions as statements
from payments.statements import queries as statement_queries
from portal.checkout import actions
from portal.checkout.flows.ground import conclude, gateway
from portal.checkout.flows.settling import settle
from portal.kit import clock
from portal.kit.db import reading, transaction

SESSION_EVENTS: Final = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
    }
)
INTENT_EVENTS: Final = frozenset({"payment_intent.payment_failed", "payment_intent.processing"})

log = structlog.get_logger(__name__)


def receive(body: bytes, signature: str) -> bool:
    """Verify a webhook and keep it; the work is done later. True when it is new. Raises BadSignature."""
    at = clock.now()
    provider = gateway()
    facts = provider.read_event(body, signature, at)
    with transaction() as db:
        return inbox.keep(db, facts, provider.name, at)


def handle_events() -> int:
    """Handle what is due; returns how many events were taken. Called by the worker about once a second."""
    at = clock.now()
    with reading() as db:
        if not inbox_queries.any_due(db, at):
            return 0
    with transaction() as db:
        taken = inbox.claim(db, at)
    for event in taken:
        _handle(event)
    return len(taken)


def _handle(event: ProviderEvent) -> None:
    try:
        _act(event)
    except Exception as error:
        log.warning("inbox.failed", event_id=event.event_id, type=event.type, tries=event.tries, exc_info=True)
        with transaction() as db:
            inbox.retry(db, event, f"{type(error).__name__}: {error}", clock.now())


def _act(event: ProviderEvent) -> None:
    if event.type not in SESSION_EVENTS and event.type not in INTENT_EVENTS:
        return _ignore(event, None)
    attempt = _known(event)
    if attempt is not None:
        settle(attempt.id)
        return _finish(event)
    if event.state is EventState.PARKED:
        return _look_again(event)
    session_id = event.object_id
    if event.type in INTENT_EVENTS:
        session_id = gateway().session_of_intent(event.object_id) or ""
    if not session_id:
        return _ignore(event, "a payment without a payment page")
    return _meet(event, session_id)


def _known(event: ProviderEvent) -> PaymentAttempt | None:
    find = attempts.by_intent if event.type in INTENT_EVENTS else attempts.by_session
    with reading() as db:
        return find(db, event.object_id)


def _meet(event: ProviderEvent, session_id: str) -> None:
    """A payment page that no attempt of ours names: perhaps its answer was lost, perhaps it is a stranger's."""
    try:
        truth = gateway().fetch_session(session_id)
    except NotAtProvider:
        return _ignore(event, "the provider does not know it")
    attempt = _named_by(truth)
    at = clock.now()
    if attempt is not None:
        conclude(attempt.id, truth, at)
        return _finish(event)
    if not truth.paid and not truth.reference and not truth.quote_id:
        return _ignore(event, "not ours")
    with transaction() as db:
        if truth.paid:
            actions.suspend_stranger(db, gateway().name, truth, at)
        note = "money for an unknown payment page" if truth.paid else "an unknown payment page"
        inbox.park(db, event, f"{note} ({truth.reference})", at)
    return None


def _named_by(truth: Truth) -> PaymentAttempt | None:
    """The attempt whose key the page carries, unless that attempt has another page."""
    with reading() as db:
        attempt = attempts.by_session(db, truth.session_id)
        if attempt is None and truth.attempt_key:
            attempt = attempts.by_key(db, truth.attempt_key)
    return attempt if attempt and attempt.session_id in (None, truth.session_id) else None


def _look_again(event: ProviderEvent) -> None:
    """Still unknown. Its money's fee may have been booked since."""
    with reading() as db:
        entries = ledger.for_subject(db, f"session:{event.object_id}")
        charges = [entry.source.partition(":")[2] for entry in entries]
        seen = statement_queries.of_charges(db, charges)
    facts = [gateway().fetch_balance(charge) for charge in charges if charge not in seen]
    at = clock.now()
    with transaction() as db:
        for balance in facts:
            if balance is not None:
                statements.keep(db, balance, event.provider, f"session:{event.object_id}", at)
        inbox.park(db, event, event.error or "", at)


def _finish(event: ProviderEvent) -> None:
    with transaction() as db:
        inbox.finish(db, event.id, clock.now())


def _ignore(event: ProviderEvent, note: str | None) -> None:
    with transaction() as db:
        inbox.ignore(db, event.id, note, clock.now())


def alarms(at: datetime) -> list[ProviderEvent]:
    """Events that finance should look at."""
    with reading() as db:
        return list(inbox_queries.alarms(db, at))
