"""What nobody told us: the sweep asks the provider about all that is unsettled, and ends what is overdue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from payments.charges import actions as charges
from payments.charges import queries as attempts
from payments.charges.models import AttemptState, PaymentAttempt
from payments.disputes import queries as disputes
from payments.errors import BrokenAnswer, GatewayUnreachable
from payments.refunds import actions as refund_actions
from payments.refunds import queries as refunds
from payments.statements import actions as statements
from payments.statements import queries as statement_queries
from portal.checkout.flows.closing import expire
from portal.checkout.flows.ground import gateway
from portal.checkout.flows.pages import close_page, ensure_page
from portal.checkout.flows.refunding import settle_refund, sync_dispute
from portal.checkout.flows.settling import settle
from portal.checkout.rules import number_of
from portal.kit import clock
from portal.kit.db import reading, transaction
from portal.kit.errors import Refusal
from portal.orders import queries as orders
from portal.orders.models import OrderState

# A page is looked at again this long after the last look; the longest unseen first, a bounded number each time.
LOOK_AGAIN: Final = timedelta(seconds=25)
MOST: Final = 60
# Disputes take weeks, and their events are listed all the time.
LOOK_AGAIN_AT_DISPUTES: Final = timedelta(hours=6)
AWAITED: Final = frozenset({OrderState.AWAITING_PAYMENT, OrderState.PROCESSING})

log = structlog.get_logger(__name__)


def sweep() -> None:
    """Settle unsettled attempts, expire overdue orders, fetch missing fees. Stops when the provider is away."""
    at = clock.now()
    with reading() as db:
        live = attempts.unsettled(db, at - LOOK_AGAIN, MOST)
        overdue = orders.overdue(db, at)
        unbooked = statement_queries.fee_pending(db, at - LOOK_AGAIN, MOST)
        going_back = refunds.unsettled(db, at - LOOK_AGAIN, MOST)
        contested = disputes.undecided(db, at - LOOK_AGAIN_AT_DISPUTES, MOST)
    try:
        for attempt in live:
            _guarded("attempt", attempt.id, _settler(attempt, at), attempt.id)
        for number in overdue:
            _guarded("order", number, _expirer(number, at))
        for attempt in unbooked:
            _guarded("fee", attempt.id, _booker(attempt, at), attempt.id)
        for refund in going_back:
            _guarded("refund", refund.id, partial(_settle_refund, refund.id, at))
        for dispute in contested:
            _guarded("dispute", dispute.dispute_id, partial(_follow_dispute, dispute.dispute_id))
    except GatewayUnreachable as error:
        log.warning("sweep.unreachable", **{name: str(value) for name, value in error.facts.items()})


def _guarded(kind: str, name: object, work: Callable[[], None], attempt_id: int | None = None) -> None:
    """One that breaks must not keep the others waiting, now or by coming first in the next sweep; a provider that
    is away stops all."""
    try:
        work()
    except Refusal as refusal:
        log.info("sweep.refused", kind=kind, name=name, refusal=type(refusal).__name__)
    except Exception as error:
        if isinstance(error, GatewayUnreachable) and not isinstance(error, BrokenAnswer):
            raise
        log.exception("sweep.failed", kind=kind, name=name)
        if attempt_id is not None:
            with transaction() as db:
                charges.touch(db, attempt_id, clock.now())


def _settler(attempt: PaymentAttempt, at: datetime) -> Callable[[], None]:
    def work() -> None:
        ensure_page(attempt.id, at)
        state = settle(attempt.id)
        if state is AttemptState.OPEN and not _awaited(attempt.subject):
            close_page(attempt.id, at)  # paid by another attempt, or closed: nobody may pay here any more

    return work


def _awaited(subject: str) -> bool:
    with reading() as db:
        order = orders.by_number(db, number_of(subject))
    return order is not None and order.state in AWAITED


def _expirer(number: str, at: datetime) -> Callable[[], None]:
    return lambda: expire(number, at)


def _booker(attempt: PaymentAttempt, at: datetime) -> Callable[[], None]:
    def work() -> None:
        balance = gateway().fetch_balance(str(attempt.charge_id))
        with transaction() as db:
            charges.touch(db, attempt.id, at)
            if balance is not None:
                statements.keep(db, balance, attempt.provider, attempt.subject, at)

    return work


def _settle_refund(refund_id: int, at: datetime) -> None:
    try:
        settle_refund(refund_id)
    finally:
        with transaction() as db:
            refund_actions.touch(db, refund_id, at)


def _follow_dispute(dispute_id: str) -> None:
    sync_dispute(dispute_id)
