"""Did somebody show what they say they have? A passkey, a code of their app, a recovery code, their password."""

from __future__ import annotations

from typing import Final

from flask import current_app, request

from portal.accounts.factors import actions, passkeys, queries
from portal.accounts.models import Person
from portal.kit import clock
from portal.kit.db import reading, transaction
from portal.kit.settings import Settings
from portal.kit.tries import Tries

# Guesses at a person's codes and password by whoever got as far as the second step, or sits at an open browser.
GUESSES: Final = Tries("guesses", "5 per 5 minutes")


def settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def site() -> passkeys.Site | None:
    """Where passkeys are made and shown; None where there can be none. A practice copy takes the name by which it
    is asked, since it is known by a number too."""
    return passkeys.site_of(request.host_url if settings().practice else settings().base_url)


def by_name() -> str | None:
    """Where a practice copy that is asked by its loopback number makes passkeys: the same page, by name."""
    if not settings().practice or "//127.0.0.1" not in request.host_url:
        return None
    return request.url.replace("//127.0.0.1", "//localhost", 1)


def used_up(person_id: int) -> bool:
    """Has somebody guessed too often for this person?"""
    return GUESSES.used_up(str(person_id))


def missed(person_id: int) -> None:
    """Count a wrong guess."""
    GUESSES.failed(str(person_id))


def passkey(answer: str, ticket: str, person_id: int | None = None) -> Person | None:
    """Whose passkey answered, when the answer is sound and new, and the person may sign in; with `person_id` only
    that person's counts."""
    here, credential = site(), passkeys.credential_of(answer)
    if here is None or credential is None:
        return None
    with reading() as db:
        key = queries.passkey_of(db, credential)
        person = db.get(Person, key.person_id) if key else None
    if key is None or person is None or not person.active or person_id not in (None, person.id):
        return None
    told = passkeys.shown(settings(), here, key, answer, ticket)
    if told is None:
        return None
    with transaction() as db:
        good = actions.use_passkey(db, key.id, told.challenge, told.sign_count, clock.now())
    return person if good else None


def code(person_id: int, typed: str) -> bool:
    """A code of the person's app, or one of their recovery codes; either is used up."""
    with transaction() as db:
        if actions.use_app(db, settings(), person_id, typed, clock.now()):
            return True
        return actions.use_recovery_code(db, person_id, typed, clock.now())


def has_second(person_id: int) -> queries.Factors:
    with reading() as db:
        return queries.of_person(db, person_id)
