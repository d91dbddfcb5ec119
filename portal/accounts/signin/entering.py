"""From the first thing that somebody shows to being signed in: the second step, where they have one."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from flask import g, redirect, request, session, url_for
from flask_security.utils import login_user
from werkzeug.wrappers import Response

from portal.accounts import rules
from portal.accounts.factors import queries as factors
from portal.accounts.factors import rules as factor_rules
from portal.accounts.models import Person, SignInWay
from portal.accounts.signin.sessions import Browser
from portal.kit import clock, web
from portal.kit.db import reading

HALF: Final = "half"


def enter(person: Person, way: SignInWay, target: str | None, *, strong: bool = False) -> Response:
    """Somebody showed who they are by `way`. On to the second step when they have a second factor and what they
    showed is not enough by itself (`strong`); else they are in, and go on to `target`, a path of ours."""
    with reading() as db:
        asked = not strong and factors.of_person(db, person.id).any
    onward = web.back_to(target, "")
    if asked:
        session[HALF] = {
            "person": person.id, "way": way, "at": clock.now().isoformat(), "mark": _mark(person),
        }  # fmt: skip
        return redirect(url_for("accounts.second_step", next=onward or None))
    return let_in(person, way, onward, strong=strong)


def let_in(person: Person, way: SignInWay, target: str | None, *, strong: bool) -> Response:
    """Sign the person in; `door.remember` writes the session."""
    session.pop(HALF, None)
    g.entering = (way, strong)
    login_user(person, authn_via=[way.value])
    return redirect(web.back_to(target, rules.start_path(person.staff_role)))


def half_in() -> tuple[Person, SignInWay] | None:
    """Who has shown the first thing in this browser, a few minutes ago at most, and how."""
    told = session.get(HALF)
    if not told:
        return None
    if clock.now() - datetime.fromisoformat(told["at"]) > factor_rules.HALF_LIFETIME:
        return None
    with reading() as db:
        person = db.get(Person, told["person"])
    # A new password, or access taken away, ends what was begun before.
    if person is None or not person.active or _mark(person) != told["mark"]:
        return None
    return person, SignInWay(told["way"])


def browser() -> Browser:
    """What the session's row tells of the browser at hand and how its person came."""
    way, strong = g.pop("entering", (SignInWay.PASSWORD, False))
    return Browser(request.remote_addr, request.user_agent.string, way, strong)


def _mark(person: Person) -> str:
    return rules.hash_of(f"{person.fs_uniquifier} {person.password}")[:16]
