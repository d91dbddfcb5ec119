"""All that is kept about one person, for themselves to read and take along."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.accounts import rules
from portal.accounts.factors import queries as factors
from portal.accounts.models import KnownDevice, Person, SignInSession
from portal.audit.models import AuditNote
from portal.kit.mail import Mail
from portal.orders.models import Order
from portal.surveys.models import SurveyAnswer

# Of each kind, the newest; nobody had more in life.
MOST: Final = 5000


def about(db: Session, person: Person) -> dict[str, Any]:
    """Everything, as JSON values; addresses in short, as the person knows them. No secret is among it."""
    ref = f"person:{person.id}"
    return {
        "profile": {
            "number": person.id, "name": person.name, "email": person.email, "language": person.language,
            "time_zone": person.zone, "colours": person.theme, "since": person.created_at.isoformat(),
            "has_password": person.password is not None,
        },
        "teams": [
            {"company": place.company.name, "role": place.role, "joined": _at(place.joined_at)}
            for place in accounts.places(db, person.id)
        ],
        "passkeys": [
            {"name": key.name, "added": _at(key.created_at), "last_used": _at(key.used_at)}
            for key in factors.passkeys(db, person.id)
        ],
        "authenticator_app": factors.of_person(db, person.id).app,
        "sessions": [_session(row) for row in _newest(db, SignInSession, SignInSession.person_id == person.id)],
        "known_browsers": [
            {"since": _at(row.created_at), "last_used": _at(row.seen_at)}
            for row in _newest(db, KnownDevice, KnownDevice.person_id == person.id)
        ],
        "orders_placed": [
            {"number": row.number, "placed": _at(row.placed_at), "po_number": row.po_number}
            for row in _newest(db, Order, Order.placed_by == ref)
        ],
        "survey_answers": [
            {"kind": row.kind, "score": row.score, "reason": row.reason, "answered": _at(row.answered_at)}
            for row in _newest(db, SurveyAnswer, SurveyAnswer.person_id == person.id)
        ],
        "letters": [
            {"title": row.title, "written": _at(row.created_at), "sent": _at(row.sent_at)}
            for row in _newest(db, Mail, Mail.to_email == person.email)
        ],
    } | _traced(db, ref)  # fmt: skip


def counts(db: Session, person: Person) -> dict[str, int]:
    """How much of each kind there is."""
    return {name: len(rows) for name, rows in about(db, person).items() if isinstance(rows, list)}


def _traced(db: Session, ref: str) -> dict[str, Any]:
    """What the trail knows: when our staff looked at the portal as this person, and what the person did."""
    looks = and_(AuditNote.subject == ref, AuditNote.action == "person.view_begun")
    return {
        "looked_on": [
            {"at": _at(row.at), "reason": row.facts["reason"], "until": row.facts["until"]}
            for row in _newest(db, AuditNote, looks)
        ],
        "done": [
            {"what": row.action, "about": row.subject, "at": _at(row.at)}
            for row in _newest(db, AuditNote, AuditNote.actor == ref)
        ],
    }


def _session(row: SignInSession) -> dict[str, Any]:
    return {
        "began": _at(row.created_at), "last_used": _at(row.seen_at), "ended": _at(row.ended_at), "way": row.way,
        "browser": rules.browser_of(row.agent), "address": rules.address_in_short(row.ip),
    }  # fmt: skip


def _newest(db: Session, table: Any, mine: Any) -> list[Any]:
    return list(db.scalars(select(table).where(mine).order_by(table.id.desc()).limit(MOST)))


def _at(moment: Any) -> str | None:
    return moment.isoformat() if moment else None
