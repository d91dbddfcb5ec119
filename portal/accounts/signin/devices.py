"""The browsers a person has signed in with: each keeps a random cookie, so that a strange one is noticed."""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from typing import Final

from flask import current_app, request
from sqlalchemy import exists, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from portal.accounts import rules
from portal.accounts.models import KnownDevice

TOKEN_BYTES: Final = 32
_TOKEN: Final = re.compile(r"[\w-]{43}", re.ASCII)


def cookie_name() -> str:
    """Beside the session's cookie, and as well guarded."""
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    return "__Host-device" if secure else "device"


def token_of_browser() -> str:
    """What this browser's cookie says; a new random token when it has none that could be ours."""
    sent = request.cookies.get(cookie_name(), "")
    return sent if _TOKEN.fullmatch(sent) else secrets.token_urlsafe(TOKEN_BYTES)


def keep_cookie(response: Response, token: str) -> Response:
    """Have the browser keep the token, longer than any session."""
    response.set_cookie(
        cookie_name(), token, max_age=rules.DEVICE_LIFETIME, path="/", httponly=True, samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )  # fmt: skip
    return response


def notice(db: Session, person_id: int, token: str, at: datetime) -> int | None:
    """Remember that the person signed in with this browser at `at`.

    Returns the new row's id when they never did before but did with another one; None when the browser is known,
    or is their very first.
    """
    known = select(exists().where(KnownDevice.person_id == person_id))
    others = bool(db.scalar(known))
    # The person is hashed too: a browser that two people share does not tie them together.
    token_hash = rules.hash_of(f"{person_id} {token}")
    insert = sqlite.insert if db.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = insert(KnownDevice).values(person_id=person_id, token_hash=token_hash, created_at=at, seen_at=at)
    made = db.scalar(row.on_conflict_do_nothing().returning(KnownDevice.id))
    if made is None:
        db.execute(update(KnownDevice).where(KnownDevice.token_hash == token_hash).values(seen_at=at))
    return made if others else None
