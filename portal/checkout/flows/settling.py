"""Settle: ask the provider how an attempt stands, then carry it out."""

from __future__ import annotations

from datetime import datetime

import structlog

from payments.charges import actions as charges
from payments.charges import queries as attempts
from payments.charges.models import LIVE, AttemptState
from payments.charges.rules import quiet
from payments.errors import GatewayUnreachable, NotAtProvider
from payments.gateway.bank import NAME as BANK
from portal.checkout.flows.ground import conclude, gateway
from portal.checkout.rules import PREFIX
from portal.kit import clock
from portal.kit.db import reading, transaction

NOT_AT_PROVIDER = "not_at_provider"

log = structlog.get_logger(__name__)


def settle(attempt_id: int) -> AttemptState:
    """Bring one attempt up to what the provider says now; webhook, return page, sweep and staff all end here.
    Settling again changes nothing. Raises GatewayError."""
    with reading() as db:
        attempt = attempts.get(db, attempt_id)
    if attempt.state is AttemptState.SUCCEEDED or attempt.session_id is None or attempt.provider == BANK:
        return attempt.state  # what finance found at the bank is carried out as they say it
    at = clock.now()
    try:
        truth = gateway().fetch_session(attempt.session_id)
    except NotAtProvider:
        return _lost(attempt_id, at)
    if quiet(attempt.state, attempt.failure_ref, truth):
        with transaction() as db:
            charges.touch(db, attempt_id, at)
        return attempt.state
    return conclude(attempt_id, truth, at)


def _lost(attempt_id: int, at: datetime) -> AttemptState:
    """The provider does not know the page: another account's key, or an emulator that was reset. Nobody can pay on
    it; should it come back paid all the same, settle finds it again. Money on its way is left to people."""
    log.error("payment.page_lost", attempt=attempt_id)
    with transaction() as db:
        attempt = attempts.lock(db, attempt_id)
        if attempt.state is AttemptState.PROCESSING:
            charges.touch(db, attempt_id, at)
        else:
            charges.close(attempt, AttemptState.FAILED, NOT_AT_PROVIDER, at)
        return attempt.state


def settle_order(number: str) -> bool:
    """Settle what is unsettled about an order: what the return page calls. False when the provider cannot be
    reached, so that nothing new is known."""
    with reading() as db:
        live = [row.id for row in attempts.of_subject(db, PREFIX + number) if row.state in LIVE]
    try:
        for attempt_id in live:
            settle(attempt_id)
    except GatewayUnreachable:
        return False
    return True
