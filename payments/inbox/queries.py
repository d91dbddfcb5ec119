"""Find provider events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from payments.inbox import rules
from payments.inbox.models import EventCursor, EventState, ProviderEvent


def due(at: datetime, limit: int) -> Select[ProviderEvent]:
    """Events that wait for somebody, the longest first."""
    parked = and_(ProviderEvent.state == EventState.PARKED, ProviderEvent.received_at > at - rules.REST_AFTER)
    waiting = or_(ProviderEvent.state == EventState.NEW, parked)
    wanted = select(ProviderEvent).where(ProviderEvent.due_at <= at, waiting)
    return wanted.order_by(ProviderEvent.due_at, ProviderEvent.id).limit(limit)


def any_due(db: Session, at: datetime) -> bool:
    """Is there anything to do? Asked without a write lock."""
    return db.scalar(due(at, 1)) is not None


def listed_until(db: Session, provider: str) -> datetime | None:
    """Up to when the provider's events were listed; None: never."""
    found = db.get(EventCursor, provider)
    return found.listed_until if found else None


def last_webhook(db: Session, provider: str) -> datetime | None:
    """When the provider last told us of anything by itself."""
    told = ProviderEvent.provider == provider, ProviderEvent.by_webhook
    return db.scalar(select(func.max(ProviderEvent.received_at)).where(*told))


def about(db: Session, object_ids: Iterable[str]) -> Sequence[ProviderEvent]:
    """Events about any of the provider's objects, oldest first."""
    wanted = select(ProviderEvent).where(ProviderEvent.object_id.in_(list(object_ids)))
    return db.scalars(wanted.order_by(ProviderEvent.id)).all()


def alarms(db: Session, at: datetime, limit: int = 100) -> Sequence[ProviderEvent]:
    """Events that finance should look at: parked for over a minute, or failing again and again."""
    parked = and_(ProviderEvent.state == EventState.PARKED, ProviderEvent.received_at <= at - rules.ALARM_AFTER)
    failing = and_(ProviderEvent.state == EventState.NEW, ProviderEvent.tries >= rules.ALARM_TRIES)
    return db.scalars(
        select(ProviderEvent).where(or_(parked, failing)).order_by(ProviderEvent.id.desc()).limit(limit)
    ).all()
