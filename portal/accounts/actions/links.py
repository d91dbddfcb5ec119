"""One-time links: made when their mail is written, kept as a hash, used up by a POST."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.accounts import rules
from portal.accounts.errors import LinkGone
from portal.accounts.models import LinkPurpose, OneTimeLink, Person

TOKEN_BYTES = 32


def make_link(db: Session, person_id: int, purpose: LinkPurpose, at: datetime) -> tuple[str, datetime]:
    """A new link's token, which only its mail may hold, and until when it works."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = rules.link_end(purpose, at)
    db.add(
        OneTimeLink(
            purpose=purpose,
            token_hash=rules.hash_of(token),
            person_id=person_id,
            created_at=at,
            expires_at=expires_at,
        )
    )
    return token, expires_at


def consume_link(db: Session, token: str, at: datetime) -> Person:
    """Use the link up and return whose it is. Raises LinkGone; of two who come at once, one gets it."""
    person_id = db.execute(
        update(OneTimeLink)
        .where(
            OneTimeLink.token_hash == rules.hash_of(token),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > at,
        )
        .values(used_at=at)
        .returning(OneTimeLink.person_id)
    ).scalar()
    person = db.get(Person, person_id) if person_id is not None else None
    if person is None or not person.active:
        raise LinkGone
    return person
