"""Find notes of the audit trail."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.audit.actions import SYSTEM
from portal.audit.models import AuditNote
from portal.kit import search
from portal.kit.listing import Branch, Cursor, Sorting, any_of, between

_NEWEST: Final = Sorting(AuditNote.at, AuditNote.id)
# What a note can be about and is called by a number that people know.
NUMBERED: Final = ("order", "contract", "quote")


@dataclass(frozen=True)
class Filters:
    """Which notes: `who` is an e-mail address or "system", `about` a number or the trail's own name of a thing
    ("order:RNW-2026-000124"); days as `zone` counts them."""

    zone: str
    who: str = ""
    action: str = ""
    about: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def narrow(self) -> bool:
        return bool(self.who or self.action or self.about or self.first or self.last)


def actor_of(db: Session, who: str) -> str | None:
    """How the trail names this person; None when nobody has the address."""
    if who in ("", SYSTEM):
        return who
    person = accounts.person_by_email(db, who)
    return f"person:{person.id}" if person else None


def notes(
    db: Session, filters: Filters, actor: str | None, cursor: Cursor | None, limit: int
) -> Sequence[AuditNote]:
    """Notes beyond the cursor, nearest first, in one statement."""
    near = _NEWEST.among(_branches(filters, actor), cursor, limit)
    return db.scalars(_NEWEST.beyond(select(AuditNote).where(near), cursor, limit)).all()


def every_note(db: Session, filters: Filters, actor: str | None) -> Generator[Row[*tuple[Any, ...]], None, None]:
    """What an export tells of each note, newest first, some at a time, in one statement."""
    told = select(
        AuditNote.id, AuditNote.at, AuditNote.actor, AuditNote.action, AuditNote.subject, AuditNote.facts,
        AuditNote.ip, AuditNote.request_id,
    ).where(any_of(_branches(filters, actor)))  # fmt: skip
    with db.execute(_NEWEST.beyond(told, None, None).execution_options(yield_per=search.BATCH)) as rows:
        yield from rows


def subjects(about: str) -> list[str]:
    """How the trail may name what somebody calls `about`."""
    if ":" in about:
        return [about]
    return [f"{kind}:{spelled}" for kind in NUMBERED for spelled in dict.fromkeys((about, about.upper()))]


def _branches(filters: Filters, actor: str | None) -> list[Branch]:
    """One walk of an index for each thing that may be meant; none when nobody has the address."""
    if actor is None:
        return []
    common: list[ColumnElement[bool]] = between(AuditNote.at, filters.first, filters.last, filters.zone)
    if actor:
        common.append(AuditNote.actor == actor)
    if filters.action:
        common.append(AuditNote.action == filters.action)
    if not filters.about:
        return [Branch(common)]
    return [Branch([*common, AuditNote.subject == each]) for each in subjects(filters.about)]
