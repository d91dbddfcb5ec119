"""What people change about themselves, and how a person's row comes to be."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from portal.accounts import rules
from portal.accounts.factors.models import SignInCode
from portal.accounts.models import KnownDevice, OneTimeLink, Person, SignInSession, Theme
from portal.accounts.signin import sessions as signin_sessions
from portal.audit import actions as audit
from portal.kit import i18n, outbox

RESET_MAIL = "accounts.reset_mail"
CODE_MAIL = "accounts.code_mail"


def find_or_create(db: Session, email: str, name: str, at: datetime, language: str | None = None) -> Person:
    """The person with this e-mail; a new one cannot sign in before setting a password. Two who create the same
    person at once both get the one row."""
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    address = email.strip().lower()
    values = {
        "email": address, "name": name.strip() or rules.name_from(address), "active": True, "language": language,
        "fs_uniquifier": secrets.token_hex(16), "theme": Theme.AUTO, "created_at": at, "version": 1,
    }  # fmt: skip
    db.execute(insert(Person).values(values).on_conflict_do_nothing(index_elements=[Person.email]))
    return db.scalars(select(Person).where(Person.email == address)).one()


def choose_language(db: Session, person_id: int, code: str) -> None:
    """Remember the language a person reads; unknown codes change nothing."""
    if language := i18n.find(code):
        db.execute(update(Person).where(Person.id == person_id).values(language=language.code))


def change_profile(db: Session, person_id: int, changes: dict[str, Any], at: datetime) -> None:
    """Name, language, theme and zone, as the person wants them."""
    person = db.get_one(Person, person_id)
    changed = {field: value for field, value in changes.items() if value != getattr(person, field)}
    if not changed:
        return
    for field, value in changed.items():
        setattr(person, field, value)
    audit.note(db, f"person:{person_id}", "person.profile_changed", f"person:{person_id}", at, fields=[*changed])


def set_password(db: Session, person: Person, hashed: str, at: datetime, session_id: int | None = None) -> None:
    """Put a new password in force: all sessions but `session_id` end, and so do mailed links and
    codes."""
    person.password = hashed
    signin_sessions.end_all(db, person.id, at, but=session_id)
    for table in (OneTimeLink, SignInCode):
        db.execute(update(table).where(table.person_id == person.id, table.used_at.is_(None)).values(used_at=at))
    audit.note(db, f"person:{person.id}", "person.password_set", f"person:{person.id}", at)


def ask_for_reset(db: Session, email: str, at: datetime) -> None:
    """Ask for a mail with a link, if somebody has this address. Nobody looks that up here, so that an unknown
    address takes the same way and the same time."""
    facts = {"email": email.strip().lower()}
    outbox.later(db, RESET_MAIL, f"reset:{secrets.token_hex(8)}", "1", facts, at)


def end_session(db: Session, person_id: int, session_id: int, at: datetime) -> bool:
    """Sign a person out of one of their own browsers; False when there is no such session."""
    row = db.get(SignInSession, session_id)
    if row is None or row.person_id != person_id or row.ended_at is not None:
        return False
    row.ended_at = at
    audit.note(db, f"person:{person_id}", "person.session_ended", f"person:{person_id}", at, session=session_id)
    return True


def end_other_sessions(db: Session, person_id: int, session_id: int, at: datetime) -> int:
    """Sign a person out everywhere but here; returns how many sessions ended."""
    ended = signin_sessions.end_all(db, person_id, at, but=session_id)
    audit.note(db, f"person:{person_id}", "person.other_sessions_ended", f"person:{person_id}", at, count=ended)
    return ended


def end_sessions_of(db: Session, person_id: int, by: str, at: datetime) -> int:
    """An administrator signs somebody out everywhere; returns how many sessions ended."""
    ended = signin_sessions.end_all(db, person_id, at)
    audit.note(db, by, "person.signed_out_by_staff", f"person:{person_id}", at, count=ended)
    return ended


def forget_sessions(db: Session, at: datetime) -> int:
    """Delete up to FORGET_AT_ONCE sessions that were over SESSION_KEPT ago; returns how many."""
    over = at - rules.SESSION_KEPT
    old = select(SignInSession.id).where(or_(SignInSession.ended_at < over, SignInSession.expires_at < over))
    gone = delete(SignInSession).where(SignInSession.id.in_(old.limit(rules.FORGET_AT_ONCE)))
    return len(db.execute(gone.returning(SignInSession.id)).all())


def forget_devices(db: Session, at: datetime) -> int:
    """Delete up to FORGET_AT_ONCE browsers that have lost their cookie by now; returns how many. A person's last
    one stays, or the next sign-in would pass for their very first."""
    later = aliased(KnownDevice)
    after = exists().where(later.person_id == KnownDevice.person_id, later.seen_at > KnownDevice.seen_at)
    old = select(KnownDevice.id).where(KnownDevice.seen_at < at - rules.DEVICE_LIFETIME, after)
    gone = delete(KnownDevice).where(KnownDevice.id.in_(old.limit(rules.FORGET_AT_ONCE)))
    return len(db.execute(gone.returning(KnownDevice.id)).all())


def forget_links(db: Session, at: datetime) -> int:
    """Delete up to FORGET_AT_ONCE mailed links that were over LINKS_KEPT ago; returns how many."""
    old = select(OneTimeLink.id).where(OneTimeLink.expires_at < at - rules.LINKS_KEPT).limit(rules.FORGET_AT_ONCE)
    return len(db.execute(delete(OneTimeLink).where(OneTimeLink.id.in_(old)).returning(OneTimeLink.id)).all())


def forget_requests(db: Session, at: datetime) -> int:
    """Delete up to FORGET_AT_ONCE requests for a link or a code: they hold whatever address a stranger typed."""
    return outbox.forget_done(db, (RESET_MAIL, CODE_MAIL), at - rules.LINKS_KEPT, rules.FORGET_AT_ONCE)
