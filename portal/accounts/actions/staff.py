"""Staff accounts: who has one, with which role."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.accounts import queries, rules
from portal.accounts.actions.members import INVITE_MAIL
from portal.accounts.actions.people import find_or_create
from portal.accounts.errors import CoverReversed, EmailTaken, NotYourself
from portal.accounts.models import Person, StaffCover, StaffRole
from portal.accounts.signin import sessions as signin_sessions
from portal.audit import actions as audit
from portal.audit.actions import SYSTEM
from portal.kit import outbox


def create_staff(db: Session, *, email: str, name: str, role: StaffRole, by: str, at: datetime) -> Person:
    """A new staff account, invited by mail. Raises EmailTaken: a customer's account never turns into staff's."""
    if queries.person_by_email(db, email) is not None:
        raise EmailTaken(email=email.strip().lower())
    person = find_or_create(db, email, name, at)
    person.staff_role = role
    db.flush()
    audit.note(db, by, "staff.created", f"person:{person.id}", at, role=role)
    invite_staff(db, person, by, at)
    return person


def create_admin(db: Session, email: str, name: str, at: datetime) -> Person:
    """The installer's way in: an administrator, invited by mail like all staff. Raises EmailTaken."""
    return create_staff(db, email=email, name=name, role=StaffRole.ADMIN, by=SYSTEM, at=at)


def invite_staff(db: Session, person: Person, by: str, at: datetime) -> None:
    """Send staff without a password the link to set one."""
    if person.password is None:
        outbox.later(db, INVITE_MAIL, f"person:{person.id}", at.isoformat(timespec="minutes"), {"by": by}, at)


def change_staff_role(db: Session, person: Person, role: StaffRole, by_id: int, at: datetime) -> None:
    """Give staff another role; it holds from their next click. Raises NotYourself."""
    if not rules.may_touch_staff(by_id, person.id):
        raise NotYourself
    if person.staff_role is role:
        return
    was, person.staff_role = person.staff_role, role
    audit.note(db, f"person:{by_id}", "staff.role_changed", f"person:{person.id}", at, before=was, after=role)


def set_staff_access(db: Session, person: Person, active: bool, by_id: int, at: datetime) -> None:
    """Take access away, which ends all sessions at once, or give it back. Raises NotYourself."""
    if not rules.may_touch_staff(by_id, person.id):
        raise NotYourself
    if person.active is active:
        return
    person.active = active
    if not active:
        signin_sessions.end_all(db, person.id, at)
    action = "staff.activated" if active else "staff.deactivated"
    audit.note(db, f"person:{by_id}", action, f"person:{person.id}", at)


def cover(
    db: Session, owner_id: int, cover_id: int, from_on: date, to_on: date, by: str, at: datetime
) -> StaffCover:
    """Somebody stands in for the account manager from `from_on` to `to_on`, both included, as the seller counts
    days. Raises NotYourself, CoverReversed."""
    if owner_id == cover_id:
        raise NotYourself
    if to_on < from_on:
        raise CoverReversed
    row = StaffCover(owner_id=owner_id, cover_id=cover_id, from_on=from_on, to_on=to_on, made_at=at, ended_at=None)
    db.add(row)
    db.flush()
    days = {"from": from_on.isoformat(), "to": to_on.isoformat()}
    audit.note(db, by, "cover.set", f"person:{owner_id}", at, cover=cover_id, **days)
    return row


def end_cover(db: Session, cover_id: int, owner_id: int | None, by: str, at: datetime) -> bool:
    """The account manager is back; False when it is not this owner's (None: anybody's), or over."""
    row = db.get(StaffCover, cover_id, with_for_update=True)
    if row is None or owner_id not in (None, row.owner_id) or row.ended_at is not None:
        return False
    row.ended_at = at
    audit.note(db, by, "cover.ended", f"person:{row.owner_id}", at, cover=row.cover_id)
    return True
