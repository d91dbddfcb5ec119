"""The watch: the invariants are asked every five minutes, and silence is heard."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final

import structlog
from flask import current_app
from sqlalchemy.orm import Session

from payments.charges import queries as attempts
from payments.inbox import queries as inbox
from payments.reconcile import actions as reconcile
from payments.reconcile import queries as exceptions
from payments.reconcile.models import ExceptionKind
from portal.checkout import selfcheck
from portal.checkout.events import AlarmRaised
from portal.kit import clock, jobs, outbox
from portal.kit.db import reading, transaction

SYSTEM: Final = "system"
# A payment that is known for this long without any webhook since means that none arrive any more.
PATIENCE: Final = timedelta(hours=1)
# Breaks beyond these are the same trouble; the command tells them all.
MOST: Final = 50

log = structlog.get_logger(__name__)


def watch() -> int:
    """Run the self-check and listen for silence: what is new becomes an exception and a letter to finance, what is
    over closes by itself. Returns how many alarms stand."""
    at = clock.now()
    with reading() as db:
        breaks = selfcheck.run(db)
        silent = silences(db, at)
    if breaks:
        log.error("selfcheck.breaks", count=len(breaks), first=breaks[0])
    wanted = {
        (ExceptionKind.INVARIANT, hashlib.sha256(line.encode()).hexdigest()[:32]): {"line": line}
        for line in breaks[:MOST]
    } | {(ExceptionKind.SILENCE, name): {"what": name} for name in silent}
    with transaction() as db:
        for (kind, ref), facts in wanted.items():
            _raise(db, kind, ref, facts, at)
        for kind in (ExceptionKind.INVARIANT, ExceptionKind.SILENCE):
            for old in exceptions.open_of_kind(db, kind):
                if (kind, old.ref) not in wanted and not old.ref.startswith("events:"):
                    reconcile.close(old, "over", SYSTEM, at)
    return len(wanted)


def _raise(db: Session, kind: ExceptionKind, ref: str, facts: dict[str, str], at: datetime) -> None:
    standing = exceptions.find(db, kind, ref)
    if standing is None:
        reconcile.note(db, kind, ref, None, at, facts=dict(facts))
    elif standing.closed_at is not None:
        reconcile.reopen(standing, at, dict(facts))
    else:
        return
    what = next(iter(facts.values()))
    outbox.tell(db, AlarmRaised(subject=f"alarm:{ref}", occurrence=at.isoformat(), kind=kind.value, what=what), at)


def silences(db: Session, at: datetime) -> list[str]:
    """What should be heard and is not: "webhooks" (payments come, but only by our own asking), or the names of
    schedules that did not run."""
    late = [f"schedule:{name}" for name in jobs.late(db, at)]
    gateway = current_app.extensions.get("gateway")
    if gateway is None:
        return late
    told = inbox.last_webhook(db, gateway.name)
    unheard = attempts.captured_since(db, gateway.name, told)
    silent = unheard is not None and unheard <= at - PATIENCE
    return (["webhooks"] if silent else []) + late
