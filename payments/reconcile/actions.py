"""Open and close exceptions, each once, in the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from payments.db import Json
from payments.reconcile import queries
from payments.reconcile.models import ExceptionKind, FinanceException

SYSTEM = "system"


def note(
    db: Session, kind: ExceptionKind, ref: str, subject: str | None, at: datetime, *,
    facts: Json | None = None, closed: str | None = None,
) -> bool:  # fmt: skip
    """Open the exception, or, with `closed` (a resolution), write down one that needs nobody any more. False when
    it stands already, open or closed."""
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    row: Json = {
        "kind": kind, "ref": ref, "subject": subject, "facts": facts or {}, "opened_at": at, "version": 1,
        "closed_at": at if closed else None, "closed_by": SYSTEM if closed else None, "resolution": closed,
    }  # fmt: skip
    made = db.execute(insert(FinanceException).values(row).on_conflict_do_nothing().returning(FinanceException.id))
    return made.scalar() is not None


def close(exception: FinanceException, resolution: str, by: str, at: datetime) -> bool:
    """It is decided; False when it was before."""
    if exception.closed_at is not None:
        return False
    exception.closed_at = at
    exception.closed_by = by
    exception.resolution = resolution
    return True


def close_if_open(db: Session, kind: ExceptionKind, ref: str, resolution: str, at: datetime) -> bool:
    """What was open is over by itself."""
    found = queries.find(db, kind, ref)
    return found is not None and close(found, resolution, SYSTEM, at)


def reopen(exception: FinanceException, at: datetime, facts: Json) -> None:
    """It is back."""
    exception.opened_at = at
    exception.closed_at = exception.closed_by = exception.resolution = None
    exception.facts = facts
