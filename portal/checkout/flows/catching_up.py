"""What no webhook told: events are listed, and each night the provider's payments are held against ours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from payments.errors import GatewayRefused, GatewayUnreachable
from payments.gateway.base import PaymentFacts
from payments.inbox import actions as inbox
from payments.inbox import queries as inbox_queries
from payments.inbox.rules import list_from
from payments.reconcile import actions as reconcile
from payments.reconcile.models import ExceptionKind
from payments.reconcile.rules import Difference
from portal.checkout.actions import comparing
from portal.checkout.flows.ground import gateway
from portal.checkout.flows.intake import HANDLERS
from portal.checkout.flows.meeting import meet_charge
from portal.checkout.flows.refunding import sync_refunds_of
from portal.kit import clock
from portal.kit.db import reading, transaction

AT_ONCE: Final = 200
# What is younger may still be on its way to us.
YOUNGEST: Final = timedelta(minutes=10)
# What was compared before is compared again for these days: a refund may come after.
OVERLAP: Final = timedelta(days=3)
# How far the very first time goes back.
FIRST: Final = timedelta(days=30)

log = structlog.get_logger(__name__)


def catch_up() -> int:
    """Keep the events that no webhook brought; returns how many were new. Called every half minute: after a lost
    webhook the event is here within that time."""
    at = clock.now()
    try:
        provider = gateway()
        with reading() as db:
            since, lost = list_from(inbox_queries.listed_until(db, provider.name), at)
        found = list(provider.events_since(since, list(HANDLERS)))
    except (GatewayUnreachable, GatewayRefused) as error:
        log.warning("catch_up.failed", **{name: str(value) for name, value in error.facts.items()})
        return 0
    new = 0
    for start in range(0, len(found), AT_ONCE):
        with transaction() as db:
            some = found[start : start + AT_ONCE]
            new += sum(inbox.keep(db, facts, provider.name, at, by_webhook=False) for facts in some)
    with transaction() as db:
        inbox.listed(db, provider.name, at)
        if lost:
            ref = f"events:{provider.name}:{since.date().isoformat()}"
            reconcile.note(db, ExceptionKind.SILENCE, ref, None, at, facts={"what": "events_forgotten"})
    return new


def compare(since: datetime | None = None) -> int:
    """Hold the provider's payments against ours, both ways, mending what can be mended by asking; returns how many
    differences stand. `since`: from when, default three days before the last time. Raises GatewayError."""
    at = clock.now()
    provider = gateway()
    if since is None:
        with reading() as db:
            since = (comparing.last(db, provider.name) or at - FIRST) - OVERLAP
    before = at - YOUNGEST
    theirs = list(provider.payments_between(since, before))
    for each in _differences(provider.name, theirs, since, before):
        _mend(each)
    found = _differences(provider.name, theirs, since, before)
    with transaction() as db:
        return comparing.note(db, provider.name, found, len(theirs), at)


def _differences(
    provider: str, theirs: Sequence[PaymentFacts], since: datetime, before: datetime
) -> list[Difference]:
    with reading() as db:
        return comparing.differences(db, provider, theirs, since, before)


def _mend(each: Difference) -> None:
    """What was only never told is carried out now."""
    try:
        if each.kind is ExceptionKind.NOT_IN_LEDGER:
            meet_charge(each.charge_id)
        if each.theirs_refunded is not None and each.theirs_refunded.minor:
            sync_refunds_of(each.charge_id)
    except GatewayRefused as error:
        log.warning("compare.not_mended", charge=each.charge_id, code=error.code)
