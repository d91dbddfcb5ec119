"""A company's team: add, invite, join, change role, remove."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import queries, rules
from portal.accounts.actions.people import find_or_create
from portal.accounts.errors import AlreadyMember, LastOwner, StaffCannotJoin
from portal.accounts.models import Company, CompanyRole, Membership, MemberState, Person, Theme
from portal.audit import actions as audit
from portal.audit.actions import Note
from portal.kit import bulk, outbox

INVITE_MAIL = "accounts.invite_mail"
# A second press on the button is no second letter.
INVITE_AGAIN_AFTER = timedelta(minutes=1)


class NewMember(NamedTuple):
    """A member to be. `person_id` is None for somebody whom we do not know yet."""

    company_id: int
    person_id: int | None
    email: str
    name: str
    role: CompanyRole
    language: str


def add_member(
    db: Session, company: Company, email: str, name: str, role: CompanyRole, by: str, at: datetime
) -> Membership:
    """Note somebody as a member to be; they come in when they answer an invitation.

    Raises AlreadyMember and StaffCannotJoin. Who left before comes back under the new role.
    """
    _lock(db, company.id)
    person = find_or_create(db, email, name, at, company.language)
    if person.staff_role is not None:
        raise StaffCannotJoin(email=person.email)
    membership = db.scalar(
        select(Membership).where(Membership.company_id == company.id, Membership.person_id == person.id)
    )
    if membership is None:
        membership = Membership(company_id=company.id, person_id=person.id, invited_at=None, joined_at=None)
        db.add(membership)
    elif membership.state is not MemberState.LEFT:
        raise AlreadyMember(email=person.email)
    membership.role, membership.state = role, MemberState.PENDING
    membership.invited_at = membership.joined_at = None
    db.flush()
    _note(db, by, "member.added", membership, at, role=role)
    return membership


def add_members(db: Session, wanted: Sequence[NewMember], by: str, at: datetime) -> dict[str, int]:
    """Note many as members to be, each with its audit note; the ids of all these people, by e-mail.

    For people who never were in the company, and are no staff: the caller has looked, and a membership or a person
    that somebody else created meanwhile raises IntegrityError.
    """
    companies = sorted({new.company_id for new in wanted})
    db.execute(select(Company.id).where(Company.id.in_(companies)).order_by(Company.id).with_for_update()).all()
    people = _people(db, wanted, at)
    columns = ("company_id", "person_id", "role", "state", "invited_at", "joined_at")
    rows = [(new.company_id, people[new.email], new.role, MemberState.PENDING, None, None) for new in wanted]
    bulk.insert(db, Membership, columns, rows)
    audit.note_all(db, by, at, [
        Note("member.added", f"company:{new.company_id}", {"person": people[new.email], "role": new.role})
        for new in wanted
    ])  # fmt: skip
    return people


def _people(db: Session, wanted: Sequence[NewMember], at: datetime) -> dict[str, int]:
    """Ids by e-mail; who is not known yet becomes a person who cannot sign in before setting a password."""
    found = {new.email: new.person_id for new in wanted if new.person_id is not None}
    strangers = {new.email: new for new in wanted if new.person_id is None}
    ids = bulk.next_ids(db, Person, len(strangers))
    columns = ("id", "email", "name", "active", "language", "fs_uniquifier", "theme", "created_at", "version")
    bulk.insert(db, Person, columns, [
        (row_id, new.email, new.name, True, new.language, secrets.token_hex(16), Theme.AUTO, at, 1)
        for row_id, new in zip(ids, strangers.values(), strict=True)
    ])  # fmt: skip
    return found | dict(zip(strangers, ids, strict=True))


def invite(db: Session, membership: Membership, by: str, at: datetime) -> None:
    """Send a pending member the invitation, again if need be. Active ones need none."""
    if membership.state is not MemberState.PENDING:
        return
    if membership.invited_at is not None and at - membership.invited_at < INVITE_AGAIN_AFTER:
        return
    membership.invited_at = at
    outbox.later(db, INVITE_MAIL, f"membership:{membership.id}", at.isoformat(), {"by": by}, at)
    _note(db, by, "member.invited", membership, at)


def accept_invitations(db: Session, person_id: int, at: datetime) -> list[int]:
    """Bring the person into every team that invited them; returns the companies' ids. Whoever calls this has
    proof that the person reads the invited address."""
    joined = queries.invitations(db, person_id)
    for membership in joined:
        membership.state, membership.joined_at = MemberState.ACTIVE, at
        _note(db, f"person:{person_id}", "member.joined", membership, at)
    return [membership.company_id for membership in joined]


def change_role(db: Session, membership: Membership, role: CompanyRole, by: str, at: datetime) -> None:
    """Give a member another role. Raises LastOwner."""
    if membership.role is role:
        return
    _keep_an_owner(db, membership, role)
    was, membership.role = membership.role, role
    _note(db, by, "member.role_changed", membership, at, before=was, after=role)


def remove_member(db: Session, membership: Membership, by: str, at: datetime) -> None:
    """Take somebody out of the team, at once. Raises LastOwner."""
    _keep_an_owner(db, membership, None)
    membership.state = MemberState.LEFT
    _note(db, by, "member.removed", membership, at, role=membership.role)


def _keep_an_owner(db: Session, membership: Membership, becomes: CompanyRole | None) -> None:
    if membership.state is not MemberState.ACTIVE:
        return
    _lock(db, membership.company_id)  # two owners who remove each other at the same moment
    owners = queries.active_owners(db, membership.company_id)
    if rules.loses_last_owner(owners, membership.role, becomes):
        raise LastOwner


def _lock(db: Session, company_id: int) -> None:
    db.execute(select(Company.id).where(Company.id == company_id).with_for_update()).one()


def _note(db: Session, by: str, action: str, membership: Membership, at: datetime, **facts: object) -> None:
    audit.note(db, by, action, f"company:{membership.company_id}", at, person=membership.person_id, **facts)
