"""Staff look at the portal as a customer: they see what that person sees, and change nothing (kit.guard)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session, joinedload

from portal.accounts import rules
from portal.accounts.models import Membership, MemberState, SignInSession, ViewReason
from portal.audit import actions as audit
from portal.kit.guard import Act, Actor


def begin(
    db: Session, session_id: int, membership: Membership, reason: ViewReason, by: Actor, at: datetime
) -> None:
    """From now on this session shows what the member sees of that company, for half an hour; the trail says so."""
    until = at + rules.VIEW_LIFETIME
    values = {"viewed_id": membership.id, "viewed_until": until}
    db.execute(update(SignInSession).where(SignInSession.id == session_id).values(**values))
    subject = f"person:{membership.person_id}"
    audit.note(
        db, by.ref, "person.view_begun", subject, at, reason=reason, company=membership.company_id,
        until=until.isoformat(),
    )  # fmt: skip


def end(db: Session, session_id: int, viewed: Actor, at: datetime) -> None:
    """The session is its owner's again."""
    gone = {"viewed_id": None, "viewed_until": None}
    db.execute(update(SignInSession).where(SignInSession.id == session_id).values(**gone))
    if viewed.behind is not None:
        audit.note(db, viewed.behind.ref, "person.view_ended", viewed.ref, at)


def through(db: Session, row: SignInSession, staff: Actor, at: datetime) -> Actor | None:
    """The customer whom the session's owner looks on as, in the one company where that began; None when it is
    over: half an hour went by, the person left or cannot sign in any more, or the owner lost the right. Their
    language is the owner's, who has to read it."""
    if row.viewed_id is None or row.viewed_until is None or at >= row.viewed_until:
        return None
    if Act.VIEW_AS_CUSTOMER not in staff.staff_acts or staff.held_up:
        return None
    place = db.get(
        Membership, row.viewed_id, options=[joinedload(Membership.person), joinedload(Membership.company)]
    )
    if place is None or place.state is not MemberState.ACTIVE:
        return None
    person, company = place.person, place.company
    if not person.active or person.staff_role is not None:
        return None
    return Actor(
        id=person.id,
        name=person.name,
        email=person.email,
        language=staff.language,
        theme=staff.theme,
        zone=person.zone or company.zone,
        companies={company.id: rules.acts_of(place.role)},
        company_names={company.id: company.name},
        behind=staff,
    )
