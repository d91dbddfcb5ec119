"""Forget a person: what names them goes, what the books and the trail need stays under their number."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final

from flask import current_app
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from portal.accounts import queries, rules
from portal.accounts.errors import LastOwner, StaffStay
from portal.accounts.factors.models import Authenticator, Passkey, RecoveryCode, SignInCode
from portal.accounts.models import (
    CompanyRole,
    KnownDevice,
    Membership,
    MemberState,
    OneTimeLink,
    Person,
    SignInSession,
)
from portal.audit import actions as audit

# What each room forgets of somebody, given their id and the address that they had: connected in wiring.
ERASERS: Final = "erasers"
Eraser = Callable[[Session, int, str], None]
_TIED: Final = (Passkey, Authenticator, RecoveryCode, SignInCode, SignInSession, KnownDevice, OneTimeLink)


def erase(db: Session, person_id: int, by: str, at: datetime, *, even_last_owner: bool = False) -> None:
    """Take everything away that tells who the person was, here and in all rooms, in the caller's transaction.
    Orders, receipts, the ledger and the audit trail stay and know a number.

    Raises LastOwner for who alone decides in a team, unless `even_last_owner`; StaffStay for staff.
    """
    person = db.get_one(Person, person_id, with_for_update=True)
    if person.erased_at is not None:
        return
    if person.staff_role is not None:
        raise StaffStay
    if not even_last_owner and queries.owned_alone(db, person_id):
        raise LastOwner
    email = person.email
    mine = update(Membership).where(Membership.person_id == person_id)
    db.execute(mine.values(state=MemberState.LEFT, role=CompanyRole.VIEWER))
    for table in _TIED:
        db.execute(delete(table).where(table.person_id == person_id))
    person.email, person.name = rules.erased_email(person_id), rules.erased_name(person_id)
    person.password = person.language = person.zone = person.sso_subject = None
    person.fs_uniquifier, person.active, person.erased_at = secrets.token_hex(16), False, at
    erasers: list[Eraser] = current_app.extensions[ERASERS]
    for eraser in erasers:
        eraser(db, person_id, email)
    audit.note(db, by, "person.erased", f"person:{person_id}", at)
