"""Keep provider events, and take them out one by one. An event is done once; a failed handling is tried again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from payments.gateway.base import EventFacts
from payments.inbox import rules
from payments.inbox.models import EventCursor, EventState, ProviderEvent
from payments.inbox.queries import due


def keep(db: Session, facts: EventFacts, provider: str, at: datetime, by_webhook: bool = True) -> bool:
    """Keep an event; False when it was kept before, whatever became of it."""
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = {
        "provider": provider, "event_id": facts.event_id, "type": facts.type, "object_id": facts.object_id,
        "livemode": facts.livemode, "created_at": facts.created_at, "received_at": at, "due_at": at,
        "state": EventState.NEW, "tries": 0, "by_webhook": by_webhook,
    }  # fmt: skip
    kept = db.execute(insert(ProviderEvent).values(row).on_conflict_do_nothing().returning(ProviderEvent.id))
    return kept.scalar() is not None


def listed(db: Session, provider: str, until: datetime) -> None:
    """All events up to `until` are kept."""
    found = db.get(EventCursor, provider)
    if found is None:
        db.add(EventCursor(provider=provider, listed_until=until))
    elif found.listed_until < until:
        found.listed_until = until


def claim(db: Session, at: datetime, limit: int = rules.AT_ONCE) -> Sequence[ProviderEvent]:
    """Take due events for a while: who dies with one leaves it to the next, when the lease ends."""
    rows = db.scalars(due(at, limit).with_for_update(skip_locked=True)).all()
    for row in rows:
        row.due_at = at + rules.LEASE
        row.tries += 1
    db.flush()
    return rows


def finish(db: Session, event_id: int, at: datetime) -> None:
    """It is handled."""
    _set(db, event_id, state=EventState.DONE, handled_at=at, error=None)


def ignore(db: Session, event_id: int, note: str | None, at: datetime) -> None:
    """It asks nothing of us."""
    _set(db, event_id, state=EventState.IGNORED, handled_at=at, error=note)


def park(db: Session, event: ProviderEvent, note: str, at: datetime) -> None:
    """We do not know its subject (yet): look again later."""
    _set(db, event.id, state=EventState.PARKED, due_at=at + rules.parked_wait(event.received_at, at), error=note)


def retry(db: Session, event: ProviderEvent, error: str, at: datetime) -> None:
    """Handling failed: try again later, ever more slowly."""
    _set(db, event.id, due_at=at + rules.retry_wait(event.tries), error=error[:500])


def _set(db: Session, event_id: int, **values: object) -> None:
    db.execute(update(ProviderEvent).where(ProviderEvent.id == event_id).values(**values))
