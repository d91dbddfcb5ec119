"""Sign-in sessions: rows that a random id in the signed cookie points at. Ending the row ends the cookie."""

from __future__ import annotations

import secrets
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import current_app, g, has_request_context, session
from sqlalchemy import and_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.accounts import rules
from portal.accounts.factors import rules as factor_rules
from portal.accounts.models import Company, Membership, MemberState, Person, SignInSession, SignInWay
from portal.accounts.signin import viewing
from portal.kit import clock
from portal.kit.db import in_transaction, reading, transaction
from portal.kit.guard import Actor
from portal.kit.settings import Settings

COOKIE_KEY = "sid"
# Which of their companies somebody looks at, in the cookie.
IN_VIEW = "company"
TOKEN_BYTES = 32
AGENT_LENGTH = 200

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class SignedIn:
    """What one look at the database tells about the request's cookie."""

    session_id: int
    seen_at: datetime
    person: Person
    actor: Actor


@dataclass(frozen=True)
class Browser:
    """Who asks to be signed in: address and name of the browser, how its person came, and whether they showed more
    than one thing."""

    ip: str | None = None
    agent: str | None = None
    way: SignInWay = SignInWay.PASSWORD
    strong: bool = False


def start(db: Session, person_id: int, at: datetime, lifetime: timedelta, browser: Browser) -> str:
    """Write a new session's row; returns the random id for the cookie, kept nowhere else."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    db.add(
        SignInSession(
            token_hash=rules.hash_of(token),
            person_id=person_id,
            created_at=at,
            seen_at=at,
            expires_at=at + lifetime,
            ip=browser.ip,
            agent=browser.agent[:AGENT_LENGTH] if browser.agent else None,
            way=browser.way,
            strong=browser.strong,
        )
    )
    return token


def end(db: Session, token: str, at: datetime) -> None:
    """End the session that the cookie's `token` points at."""
    db.execute(
        update(SignInSession)
        .where(SignInSession.token_hash == rules.hash_of(token), SignInSession.ended_at.is_(None))
        .values(ended_at=at)
    )


def end_all(db: Session, person_id: int, at: datetime, but: int | None = None) -> int:
    """End a person's sessions, all or all but one; returns how many there were."""
    mine = update(SignInSession).where(SignInSession.person_id == person_id, SignInSession.ended_at.is_(None))
    if but is not None:
        mine = mine.where(SignInSession.id != but)
    return len(db.execute(mine.values(ended_at=at).returning(SignInSession.id)).all())


def open_session(
    cookie: MutableMapping[str, Any], person_id: int, fs_uniquifier: str, at: datetime, lifetime: timedelta
) -> None:
    """Sign a person in without the form: write the row and the cookie's keys. For tests and drivers."""
    with transaction() as db:
        token = start(db, person_id, at, lifetime, Browser())
    cookie.update({"_user_id": fs_uniquifier, "_fresh": True, COOKIE_KEY: token})


def signed_in() -> SignedIn | None:
    """The cookie's session, when it holds; read once a request. A stranger costs no statement."""
    if not has_request_context() or not session.get(COOKIE_KEY):
        return None
    if "signed_in" not in g:
        g.signed_in = None  # if the look fails, the error's page asks again and shall not fail for that
        g.signed_in = _look(str(session[COOKIE_KEY]), clock.now())
    found: SignedIn | None = g.signed_in
    return found


def load_actor() -> Actor | None:
    """Who is at the keyboard, for kit.guard."""
    found = signed_in()
    return found.actor if found else None


def forget_loaded() -> None:
    """The cookie's session changed within this request: look again when next asked."""
    for key in ("signed_in", "actor", "csrf_token"):
        g.pop(key, None)


def _look(token: str, at: datetime) -> SignedIn | None:
    # A session of its own: the request's reading session must not keep a snapshot from before the view's work.
    with reading() as db:
        rows = db.execute(
            select(SignInSession, Person, Membership, Company)
            .join(Person, Person.id == SignInSession.person_id)
            .outerjoin(Membership, and_(Membership.person_id == Person.id, Membership.state == MemberState.ACTIVE))
            .outerjoin(Company, Company.id == Membership.company_id)
            .where(SignInSession.token_hash == rules.hash_of(token), SignInSession.ended_at.is_(None))
            .order_by(Membership.id)
        ).all()
        if not rows:
            return None
        row, person = rows[0][0], rows[0][1]
        is_staff = person.staff_role is not None
        if not person.active or not rules.session_holds(row.seen_at, row.expires_at, is_staff, at):
            return None
        places = [(place, company) for _row, _person, place, company in rows if place is not None]
        actor = _actor(row, person, places, at)
        actor = viewing.through(db, row, actor, at) or actor
    _touch(row, at)
    return SignedIn(row.id, row.seen_at, person, actor)


def _touch(row: SignInSession, at: datetime) -> None:
    if at - row.seen_at < rules.SEEN_EVERY or in_transaction():
        return
    try:
        with transaction() as db:
            db.execute(update(SignInSession).where(SignInSession.id == row.id).values(seen_at=at))
    except OperationalError:  # a busy database must not keep somebody from reading a page; the next one notes it
        log.warning("session.not_touched")


def confirm(db: Session, session_id: int, at: datetime) -> None:
    """The person showed again that it is they."""
    db.execute(update(SignInSession).where(SignInSession.id == session_id).values(confirmed_at=at))


def strengthen(db: Session, session_id: int) -> None:
    """The person in this session has just shown a second thing."""
    db.execute(update(SignInSession).where(SignInSession.id == session_id).values(strong=True))


def _actor(
    row: SignInSession, person: Person, places: Sequence[tuple[Membership, Company]], at: datetime
) -> Actor:
    settings: Settings = current_app.extensions["settings"]
    chosen = session.get(IN_VIEW)
    return Actor(
        id=person.id,
        name=person.name,
        email=person.email,
        language=person.language,
        theme=person.theme,
        zone=person.zone or (places[0][1].zone if places else settings.zone),
        staff_role=person.staff_role,
        companies={membership.company_id: rules.acts_of(membership.role) for membership, _company in places},
        company_names={company.id: company.name for _membership, company in places},
        in_view=chosen if any(company.id == chosen for _membership, company in places) else None,
        staff_acts=rules.staff_acts_of(person.staff_role) if person.staff_role else frozenset(),
        fresh=factor_rules.is_fresh(row.confirmed_at or row.created_at, at),
        held_up=settings.second_factor_required and person.staff_role is not None and not row.strong,
    )
