"""Write the audit trail, in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask import g, has_request_context, request
from sqlalchemy.orm import Session

from portal.audit.models import AuditNote
from portal.kit import bulk
from portal.kit.db import Json

SYSTEM = "system"


class Note(NamedTuple):
    """What one of many notes says; see `note`."""

    action: str
    subject: str
    facts: Json


def note(db: Session, actor: str, action: str, subject: str, at: datetime, **facts: Any) -> None:
    """Note that `actor` did `action` ("contract.extended") to `subject` ("contract:CT-1") at `at`.

    `facts` are JSON values: what it was before and after. No secrets, no mail texts. Address and request id are
    taken from the request, when there is one.
    """
    asked = has_request_context()
    db.add(
        AuditNote(
            at=at,
            actor=actor,
            action=action,
            subject=subject,
            facts=facts,
            ip=request.remote_addr if asked else None,
            request_id=g.get("request_id") if asked else None,
        )
    )


def note_all(db: Session, actor: str, at: datetime, notes: Sequence[Note]) -> None:
    """The same as `note` for each of many changes that `actor` did at once."""
    asked = has_request_context()
    ip, request_id = (request.remote_addr, g.get("request_id")) if asked else (None, None)
    columns = ("at", "actor", "action", "subject", "facts", "ip", "request_id")
    rows = [(at, actor, each.action, each.subject, each.facts, ip, request_id) for each in notes]
    bulk.insert(db, AuditNote, columns, rows)
