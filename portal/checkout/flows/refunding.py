"""Refunds and disputes: ask the provider, and carry out what it says."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import structlog

from payments.disputes.models import Dispute
from payments.errors import GatewayRefused, GatewayUnreachable
from payments.gateway.bank import NAME as BANK
from payments.gateway.base import RefundFacts, RefundWish
from payments.money import Money
from payments.refunds import queries as refunds
from payments.refunds.models import Refund, RefundState
from payments.refunds.rules import key_holds
from portal.checkout.actions import disputes as dispute_actions
from portal.checkout.actions import refunds as actions
from portal.checkout.flows.ground import gateway, patiently, settings
from portal.checkout.flows.meeting import meet_charge
from portal.checkout.rules import number_of
from portal.kit import clock
from portal.kit.db import reading, transaction

log = structlog.get_logger(__name__)


def request_refund(payment: str, amount: Money, reason: str, by: str) -> int:
    """Ask for money of a payment ("stripe:ch_…") to go back; the refund's id. Raises PaymentNotThere,
    PaymentContested, NothingToRefund, RefundTooLarge."""
    with transaction() as db:
        return actions.request(db, payment, amount, reason, by, clock.now()).id


def agree(refund_id: int, by: str) -> RefundState:
    """Say yes to a refund; when that settles it, the provider is asked at once. A provider that cannot be reached
    is asked again by the sweep. Raises NeedsAnotherPerson, IllegalMove, PaymentContested, NothingToRefund,
    RefundTooLarge."""
    at = clock.now()
    with transaction() as db:
        final = actions.agree(db, refund_id, by, at)
    if not final:
        return RefundState.REQUESTED
    try:
        return settle_refund(refund_id)
    except GatewayUnreachable:
        return RefundState.APPROVED


def settle_refund(refund_id: int) -> RefundState:
    """Bring one refund up to what the provider says now; asked for again under its own key as long as it may not
    have heard of it. Raises GatewayUnreachable."""
    at = clock.now()
    with reading() as db:
        refund = refunds.get(db, refund_id)
    if refund.state not in {RefundState.APPROVED, RefundState.PENDING} or refund.provider == BANK:
        return refund.state
    try:
        facts = gateway().fetch_refund(refund.refund_id) if refund.refund_id else _ask(refund, at)
    except GatewayRefused as error:
        log.warning("refund.refused", refund=refund_id, **{k: str(v) for k, v in error.facts.items()})
        return _given_up(refund_id, str(error.facts.get("code") or error.code), at)
    return _carry_out(facts, at) or refund.state


def _ask(refund: Refund, at: datetime) -> RefundFacts:
    """Make the refund, or find the one that was made: a key that is too old, or that repeats a failure, would make
    a second one or none."""
    if not key_holds(refund.approved_at or at, at):
        return _look_up(refund)
    wish = RefundWish(refund.charge_id, refund.amount_minor, refund.idempotency_key, number_of(refund.subject))
    try:
        return gateway().refund(wish)
    except GatewayUnreachable as error:
        if not error.facts.get("replayed"):
            raise
        return _look_up(refund)
    except GatewayRefused:
        return _look_up(refund)


def _look_up(refund: Refund) -> RefundFacts:
    """Raises GatewayRefused when the provider has no such refund: nothing was made, and nothing will be."""
    for facts in gateway().refunds_of(refund.charge_id):
        if facts.key == refund.idempotency_key:
            return facts
    raise GatewayRefused(code="not_made")


def _given_up(refund_id: int, code: str, at: datetime) -> RefundState:
    with transaction() as db:
        actions.give_up(db, refund_id, code, at)
    return RefundState.FAILED


def _carry_out(facts: RefundFacts, at: datetime) -> RefundState | None:
    refund = patiently(partial(_conclude_refund, facts, at))
    return refund.state if refund else None


def _conclude_refund(facts: RefundFacts, at: datetime) -> Refund | None:
    with transaction() as db:
        return actions.conclude(db, gateway().name, facts, settings().zone, at)


def sync_refund(refund_id: str) -> bool:
    """Follow what the provider's `refund_id` says now; False when its payment is not known here. Raises
    GatewayError."""
    return _follow_refund(gateway().fetch_refund(refund_id))


def sync_refunds_of(charge_id: str) -> bool:
    """The same for all refunds of a charge."""
    known = [_follow_refund(facts) for facts in gateway().refunds_of(charge_id)]
    return all(known)


def _follow_refund(facts: RefundFacts) -> bool:
    at = clock.now()
    if _carry_out(facts, at) is not None:
        return True
    # Told of the refund before the payment: settle that first.
    return meet_charge(facts.charge_id) and _carry_out(facts, clock.now()) is not None


def sync_dispute(dispute_id: str) -> bool:
    """Follow what the provider's `dispute_id` says now; False when its payment is not known here. Raises
    GatewayError."""
    facts = gateway().fetch_dispute(dispute_id)

    def conclude() -> Dispute | None:
        with transaction() as db:
            return dispute_actions.conclude(db, gateway().name, facts, clock.now())

    if patiently(conclude) is not None:
        return True
    return meet_charge(facts.charge_id) and patiently(conclude) is not None


def sync_warning(warning_id: str) -> bool:
    """Note an early fraud warning; False when its payment is not known here. Raises GatewayError."""
    facts = gateway().fetch_warning(warning_id)

    def warn() -> bool:
        with transaction() as db:
            return dispute_actions.warn(db, gateway().name, facts, clock.now())

    return warn() or (meet_charge(facts.charge_id) and warn())
