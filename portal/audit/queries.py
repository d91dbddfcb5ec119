"""Read the audit trail."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditNote


def about(db: Session, subjects: Sequence[str], limit: int = 200) -> Sequence[AuditNote]:
    """Notes on any of `subjects`, oldest first, at most `limit` (the newest ones)."""
    newest = select(AuditNote).where(AuditNote.subject.in_(subjects)).order_by(AuditNote.id.desc()).limit(limit)
    return list(reversed(db.scalars(newest).all()))
