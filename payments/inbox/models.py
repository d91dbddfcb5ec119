"""Provider events as they came in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, true
from sqlalchemy.orm import Mapped, mapped_column

from payments.db import Base, BigId, choice


class EventState(StrEnum):
    """NEW: kept, not looked at. DONE: handled. IGNORED: a kind that asks nothing of us. PARKED: we do not know its
    subject (yet); its money, if any, stands in suspense."""

    NEW = "new"
    DONE = "done"
    IGNORED = "ignored"
    PARKED = "parked"


class ProviderEvent(Base):
    """What the provider told us. Only type and object id are kept: the truth is fetched when it is handled, so
    that stale, doubled and disordered events do no harm."""

    __tablename__ = "provider_events"
    __table_args__ = (
        Index("ix_provider_events_due", "state", "due_at"),
        Index("ix_provider_events_told", "provider", "by_webhook", "received_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    provider: Mapped[str]
    event_id: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    object_id: Mapped[str] = mapped_column(index=True)
    livemode: Mapped[bool]
    created_at: Mapped[datetime]
    received_at: Mapped[datetime]
    by_webhook: Mapped[bool] = mapped_column(default=True, server_default=true())  # else found by listing
    state: Mapped[EventState] = mapped_column(choice(EventState, "event_state"), default=EventState.NEW)
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    handled_at: Mapped[datetime | None]
    error: Mapped[str | None]


class EventCursor(Base):
    """Up to when a provider's events were listed, so that what no webhook told is found."""

    __tablename__ = "event_cursors"

    provider: Mapped[str] = mapped_column(primary_key=True)
    listed_until: Mapped[datetime]
