"""One's own account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from portal.accounts import actions
from portal.accounts.models import CompanyRole, Person, SignInSession, StaffRole
from portal.kit.db import reading, transaction
from tests import factories
from tests.conftest import NOW
from tests.portal.accounts import scene
from tests.web import post_form

PROFILE = {"name": "林悦", "language": "zh_Hans_CN", "theme": "dark", "zone": "Europe/Berlin"}


@pytest.fixture
def person(client: FlaskClient) -> Person:
    row = scene.member(scene.company(), email="lin@aurora.example")
    factories.sign_in(client, row)
    return row


def again(person: Person) -> Person:
    with reading() as db:
        return db.get_one(Person, person.id)


def test_the_page_costs_few_statements(
    client: FlaskClient, person: Person, statements: Callable[[], list[str]]
) -> None:
    statements()
    page = client.get("/account")
    assert len(statements()) <= 4
    assert "lin@aurora.example" in page.text
    assert "This browser" in page.text


def test_staff_see_it_at_the_desk(client: FlaskClient) -> None:
    factories.sign_in(client, scene.staff(StaffRole.CS))
    assert client.get("/account").status_code == 200


def test_name_language_theme_and_zone_are_kept_and_hold_at_once(client: FlaskClient, person: Person) -> None:
    assert post_form(client, "/account", **PROFILE).location == "/account"
    row = again(person)
    assert (row.name, row.language, row.theme, row.zone) == tuple(PROFILE.values())
    page = client.get("/account").text
    assert '<html lang="zh-Hans">' in page
    assert 'media="screen"' in page
    version = row.version
    post_form(client, "/account", **PROFILE)
    assert again(person).version == version


@pytest.mark.parametrize("wrong", [{"name": ""}, {"language": "xx"}, {"theme": "pink"}, {"zone": "Mars/Base"}])
def test_what_cannot_be_kept(client: FlaskClient, person: Person, wrong: dict[str, str]) -> None:
    assert post_form(client, "/account", **(PROFILE | wrong)).status_code == 400
    assert again(person).name == "Lin Yue"


def test_each_zone_stands_under_one_name_and_a_kept_one_stays(client: FlaskClient, person: Person) -> None:
    page = client.get("/account").text
    assert 'value="Asia/Kolkata"' in page
    assert 'value="Asia/Calcutta"' not in page
    assert post_form(client, "/account", **PROFILE | {"zone": "Asia/Calcutta"}).status_code == 400
    with transaction() as db:
        db.execute(update(Person).where(Person.id == person.id).values(zone="Asia/Calcutta"))
    assert 'value="Asia/Calcutta"' in client.get("/account").text
    assert post_form(client, "/account", **PROFILE | {"zone": "Asia/Calcutta"}).status_code == 302
    assert again(person).zone == "Asia/Calcutta"


def test_a_language_is_remembered(app: Flask, person: Person) -> None:
    with transaction() as db:
        actions.choose_language(db, person.id, "zh")
        actions.choose_language(db, person.id, "klingon")
    assert again(person).language == "zh_Hans_CN"


def test_changing_the_password_ends_all_other_sessions(app: Flask, client: FlaskClient, person: Person) -> None:
    elsewhere = app.test_client()
    factories.sign_in(elsewhere, person)
    answer = post_form(client, "/account/password", current=scene.PASSWORD, password="ein ganz neues wort")
    assert answer.status_code == 302
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302
    assert scene.sign_in(app.test_client(), person.email, "ein ganz neues wort").status_code == 302


@pytest.mark.parametrize(
    ("current", "password", "why"),
    [
        ("wrong", "ein ganz neues wort", "This is not your current password."),
        ("", "ein ganz neues wort", "Type your password."),
        (scene.PASSWORD, "kurz", "Use at least 8 characters."),
        (scene.PASSWORD, "lin@aurora.example", "Do not use your e-mail address"),
        (scene.PASSWORD, "iloveyou", "This is guessed early"),
    ],
)
def test_a_password_that_is_not_changed(
    client: FlaskClient, person: Person, current: str, password: str, why: str
) -> None:
    before = again(person).password
    answer = post_form(client, "/account/password", current=current, password=password)
    assert answer.status_code == 400
    assert why in answer.text
    assert again(person).password == before


def test_one_browser_or_all_others_are_signed_out(app: Flask, client: FlaskClient, person: Person) -> None:
    others = [app.test_client() for _ in range(3)]
    for other in others:
        factories.sign_in(other, person)
    with reading() as db:
        ids = list(db.scalars(select(SignInSession.id).order_by(SignInSession.id)))
    assert "Sign out everywhere else" in client.get("/account").text
    assert post_form(client, f"/account/sessions/{ids[1]}/end").status_code == 302
    assert others[0].get("/account").status_code == 302
    assert others[1].get("/account").status_code == 200
    assert post_form(client, "/account/sessions/end-others").status_code == 302
    assert [other.get("/account").status_code for other in others] == [302] * 3
    assert client.get("/account").status_code == 200
    assert post_form(client, f"/account/sessions/{ids[1]}/end").status_code == 404


def test_other_peoples_sessions_are_out_of_reach(app: Flask, client: FlaskClient, person: Person) -> None:
    other = scene.member(scene.company("Other"))
    browser = app.test_client()
    factories.sign_in(browser, other)
    with reading() as db:
        theirs = db.scalars(select(SignInSession.id).where(SignInSession.person_id == other.id)).one()
    assert post_form(client, f"/account/sessions/{theirs}/end").status_code == 404
    assert browser.get("/account").status_code == 200


def test_an_open_invitation_is_told(client: FlaskClient, person: Person) -> None:
    with transaction() as db:
        company = factories.company(db, name="Second")
        row = actions.add_member(db, company, person.email, "X", CompanyRole.PAYER, "system", NOW)
        actions.invite(db, row, "system", NOW)
    assert "A team waits for your answer." in client.get("/account").text


def test_long_after_the_sign_in_other_browsers_stay_until_it_is_shown_who_asks(client: FlaskClient) -> None:
    person = scene.member(scene.company())
    factories.sign_in(client, person)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        answer = post_form(client, "/account/sessions/end-others")
    assert 'data-action="confirm"' in answer.text
