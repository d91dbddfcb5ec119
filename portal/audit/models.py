"""The audit trail's tables."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit.db import Base, BigId, Json


class AuditNote(Base):
    """One change: `actor` ("person:5", "system") did `action` to `subject` ("order:RNW-2026-000124")."""

    __tablename__ = "audit_notes"
    __table_args__ = (
        Index("ix_audit_notes_newest", "at", "id"),
        Index("ix_audit_notes_actor", "actor", "at", "id"),
        Index("ix_audit_notes_action", "action", "at", "id"),
        Index("ix_audit_notes_subject", "subject", "at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    facts: Mapped[Json]
    ip: Mapped[str | None]
    request_id: Mapped[str | None]


class AuditLink(Base):
    """A note's place in the chain: its hash covers the note and the link before. No foreign key, so that a note
    that somebody deletes is missed rather than held."""

    __tablename__ = "audit_links"

    position: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    note_id: Mapped[int] = mapped_column(BigId, unique=True)
    chained_at: Mapped[datetime]
    hash: Mapped[str]
