"""The provider's door, and what comes in by it: keep first, then fetch the truth and act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import structlog

from payments.charges import queries as attempts
from payments.charges.models import PaymentAttempt
from payments.errors import NotAtProvider
from payments.inbox import actions as inbox
from payments.inbox import queries as inbox_queries
from payments.inbox.models import EventState, ProviderEvent
from portal.checkout.flows.ground import gateway
from portal.checkout.flows.meeting import Met, book_fees, meet_session
from portal.checkout.flows.refunding import sync_dispute, sync_refund, sync_refunds_of, sync_warning
from portal.checkout.flows.settling import settle
from portal.kit import clock
from portal.kit.db import reading, transaction

SESSION_EVENTS: Final = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
)
INTENT_EVENTS: Final = (
    "payment_intent.processing",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.requires_action",
    "payment_intent.canceled",
    "payment_intent.partially_funded",
)
REFUND_EVENTS: Final = ("refund.created", "refund.updated", "refund.failed")
DISPUTE_EVENTS: Final = (
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)

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
    handler = HANDLERS.get(event.type)
    if handler is None:
        return _ignore(event, None)
    try:
        return handler(event)
    except NotAtProvider:
        return _ignore(event, "the provider does not know it")


def _about_page(event: ProviderEvent) -> None:
    attempt = _known(event)
    if attempt is not None:
        settle(attempt.id)
        return _finish(event)
    if event.state is EventState.PARKED and event.type in SESSION_EVENTS:
        book_fees(event.object_id, event.provider)
    session_id = event.object_id
    if event.type in INTENT_EVENTS:
        session_id = gateway().session_of_intent(event.object_id) or ""
    if not session_id:
        return _ignore(event, "a payment without a payment page")
    met, reference = meet_session(session_id)
    if met is Met.OURS:
        return _finish(event)
    if met is Met.FOREIGN:
        return _ignore(event, "not ours")
    note = "money for an unknown payment page" if met is Met.SUSPENDED else "an unknown payment page"
    return _park(event, f"{note} ({reference})")


def _known(event: ProviderEvent) -> PaymentAttempt | None:
    find = attempts.by_intent if event.type in INTENT_EVENTS else attempts.by_session
    with reading() as db:
        return find(db, event.object_id)


def _about_return(follow: Callable[[str], bool]) -> Callable[[ProviderEvent], None]:
    """A handler for money that goes back: `follow` says whether we know the payment."""

    def handle(event: ProviderEvent) -> None:
        if follow(event.object_id):
            return _finish(event)
        return _park(event, "a payment that is not known here")

    return handle


# What we listen to, by type: few enough for Stripe's list of events, which takes twenty at once.
HANDLERS: Final[Mapping[str, Callable[[ProviderEvent], None]]] = {
    **dict.fromkeys(SESSION_EVENTS + INTENT_EVENTS, _about_page),
    **dict.fromkeys(REFUND_EVENTS, _about_return(sync_refund)),
    "charge.refunded": _about_return(sync_refunds_of),
    **dict.fromkeys(DISPUTE_EVENTS, _about_return(sync_dispute)),
    "radar.early_fraud_warning.created": _about_return(sync_warning),
}


def _park(event: ProviderEvent, note: str) -> None:
    with transaction() as db:
        inbox.park(db, event, note, clock.now())


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
