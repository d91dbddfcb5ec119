"""How long a sign-in session holds, and what it costs to look at it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from flask_login import current_user
from sqlalchemy import select, update

from portal.accounts.models import CompanyRole, Membership, MemberState, Person, SignInSession, StaffRole
from portal.accounts.signin import load_actor, sessions
from portal.kit import guard
from portal.kit.db import reading, transaction
from portal.kit.guard import Act
from tests import factories
from tests.conftest import NOW
from tests.portal.accounts import scene


def opens(client: FlaskClient, minutes: float) -> bool:
    with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
        return client.get("/join").status_code == 200


def test_a_customer_stays_for_twelve_hours(client: FlaskClient) -> None:
    factories.sign_in(client, scene.member(scene.company()))
    assert opens(client, 11 * 60 + 59)
    assert not opens(client, 12 * 60)


def test_staff_are_signed_out_after_half_an_hour_without_use(client: FlaskClient) -> None:
    factories.sign_in(client, scene.staff(StaffRole.CS))
    assert opens(client, 29)
    assert opens(client, 58)
    assert not opens(client, 89)


def test_staff_too_are_signed_out_after_twelve_hours(client: FlaskClient) -> None:
    factories.sign_in(client, scene.staff(StaffRole.CS))
    assert all(opens(client, minutes) for minutes in range(20, 12 * 60, 20))
    assert not opens(client, 12 * 60 + 1)


def test_the_last_use_is_written_once_a_minute(client: FlaskClient, statements: Callable[[], list[str]]) -> None:
    factories.sign_in(client, scene.member(scene.company()))
    statements()
    assert opens(client, 0.9)
    assert not [line for line in statements() if line.startswith("UPDATE")]
    assert opens(client, 1)
    assert len([line for line in statements() if line.startswith("UPDATE")]) == 1
    assert opens(client, 1.5)
    assert not [line for line in statements() if line.startswith("UPDATE")]


def test_the_person_costs_one_statement(client: FlaskClient, statements: Callable[[], list[str]]) -> None:
    person = scene.member(scene.company())
    for name in ("Harbor", "Sakura"):
        other = scene.company(name)
        with transaction() as db:
            db.add(
                Membership(
                    company_id=other.id, person_id=person.id, role=CompanyRole.VIEWER, state=MemberState.ACTIVE
                )
            )
    factories.sign_in(client, person)
    statements()
    client.get("/join")
    assert len(statements()) == 2  # the person with all companies; the page's own


def test_an_inactive_person_is_out_at_once(client: FlaskClient) -> None:
    person = scene.member(scene.company())
    factories.sign_in(client, person)
    with transaction() as db:
        db.execute(update(Person).where(Person.id == person.id).values(active=False))
    assert not opens(client, 0)


def test_a_removed_member_loses_the_company_at_once(app: Flask, client: FlaskClient) -> None:
    company = scene.company()
    person = scene.member(company)
    factories.sign_in(client, person)
    assert client.get("/team").status_code == 200
    with transaction() as db:
        db.execute(update(Membership).values(state=MemberState.LEFT))
    assert client.get("/team").status_code == 403


def test_a_cookie_without_its_row_is_a_stranger(client: FlaskClient) -> None:
    person = scene.member(scene.company())
    with client.session_transaction() as cookie:
        cookie.update({"_user_id": person.fs_uniquifier, "_fresh": True})
    assert client.get("/account").status_code == 302
    with client.session_transaction() as cookie:
        cookie["sid"] = "made up"
    assert client.get("/account").status_code == 302


def test_flask_login_and_the_guard_see_the_same_person(app: Flask) -> None:
    company = scene.company()
    person, other = scene.member(company), scene.member(company)
    cookie: dict[str, object] = {}
    sessions.open_session(cookie, person.id, person.fs_uniquifier, NOW, timedelta(hours=12))

    def seen(changes: dict[str, object]) -> tuple[int | None, bool]:
        with app.app_context(), app.test_request_context("/"):
            from flask import session  # noqa: PLC0415

            session.update({**cookie, **changes})
            actor = guard.current()
            known = bool(current_user.is_authenticated)  # type: ignore[attr-defined]
            return (actor.id if actor else None), known

    assert seen({}) == (person.id, True)
    assert seen({"sid": "another"}) == (None, False)
    assert seen({"_user_id": other.fs_uniquifier})[1] is False


def test_the_actor_knows_what_the_person_may_do_where(app: Flask) -> None:
    mine, other = scene.company("Mine"), scene.company("Other")
    person = scene.member(mine, CompanyRole.PAYER)
    cookie: dict[str, object] = {}
    sessions.open_session(cookie, person.id, person.fs_uniquifier, NOW, timedelta(hours=1))
    with app.app_context(), app.test_request_context("/"):
        from flask import session  # noqa: PLC0415

        session.update(cookie)
        actor = load_actor()
    assert actor is not None
    assert actor.zone == "Asia/Shanghai"
    assert actor.can(Act.PAY, mine.id)
    assert not actor.can(Act.PAY, other.id)
    assert not actor.can(Act.RENEW, mine.id)
    assert not actor.is_staff


def test_outside_a_request_nobody_is_signed_in(app: Flask) -> None:
    assert load_actor() is None


def test_ending_all_sessions_but_one(app: Flask) -> None:
    person = scene.member(scene.company())
    with transaction() as db:
        for _ in range(3):
            sessions.start(db, person.id, NOW, timedelta(hours=1), sessions.Browser())
    with reading() as db:
        kept = db.scalars(select(SignInSession.id)).first()
    with transaction() as db:
        assert sessions.end_all(db, person.id, NOW, but=kept) == 2
    with reading() as db:
        assert db.scalars(select(SignInSession.id).where(SignInSession.ended_at.is_(None))).all() == [kept]
