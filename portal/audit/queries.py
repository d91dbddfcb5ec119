"""Read the audit trail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, select
from sqlalchemy.orm import Session

from portal.audit.models import AuditLink, AuditNote
from portal.audit.rules import LOOK_BACK, SETTLED_AFTER, Linked

_NOTE = (
    AuditNote.id, AuditNote.at, AuditNote.actor, AuditNote.action, AuditNote.subject, AuditNote.facts,
    AuditNote.ip, AuditNote.request_id,
)  # fmt: skip
BATCH = 2000


def about(db: Session, subjects: Sequence[str], limit: int = 200) -> Sequence[AuditNote]:
    """Notes on any of `subjects`, oldest first, at most `limit` (the newest ones)."""
    newest = select(AuditNote).where(AuditNote.subject.in_(subjects))
    newest = newest.order_by(AuditNote.at.desc(), AuditNote.id.desc()).limit(limit)
    return list(reversed(db.scalars(newest).all()))


def last_link(db: Session) -> AuditLink | None:
    return db.scalar(select(AuditLink).order_by(AuditLink.position.desc()).limit(1))


def link_at(db: Session, position: int) -> AuditLink | None:
    return db.get(AuditLink, position)


def to_chain(db: Session, at: datetime, limit: int) -> Sequence[Row[*tuple[object, ...]]]:
    """The oldest notes that have no link yet and whose transactions are surely over."""
    newest = db.scalar(select(func.max(AuditLink.note_id))) or 0
    return db.execute(
        select(*_NOTE)
        .where(AuditNote.id > newest - LOOK_BACK, AuditNote.at <= at - SETTLED_AFTER, _unlinked())
        .order_by(AuditNote.id)
        .limit(limit)
    ).all()


def oldest_unchained(db: Session) -> tuple[int, datetime | None]:
    """How many notes have no link yet, and when the oldest of them was written."""
    row = db.execute(select(func.count(), func.min(AuditNote.at)).where(_unlinked())).one()
    return row[0], row[1]


def links(db: Session, after: int = 0) -> Iterator[Linked]:
    """All links behind position `after` with their notes, in order, some at a time."""
    query: Select[*tuple[Any, ...]] = (
        select(AuditLink.position, AuditLink.note_id, AuditLink.chained_at, AuditLink.hash, *_NOTE)
        .outerjoin(AuditNote, AuditNote.id == AuditLink.note_id)
        .where(AuditLink.position > after)
        .order_by(AuditLink.position)
    )
    with db.execute(query.execution_options(yield_per=BATCH)) as rows:
        for row in rows:
            note = tuple(row[4:])
            yield Linked(row[0], row[1], row[2], row[3], None if note[0] is None else note)


def _unlinked() -> ColumnElement[bool]:
    return ~exists().where(AuditLink.note_id == AuditNote.id)
