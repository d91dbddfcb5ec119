"""A sign-in with a browser that the person never used before is told by mail, once."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from portal.accounts import jobs, rules
from portal.accounts.models import CompanyRole, KnownDevice, Person, SignInSession, StaffRole
from portal.accounts.signin import devices, sessions
from portal.app import create_app
from portal.kit import jobs as kit_jobs
from portal.kit.db import reading, transaction
from portal.kit.mail import Mail
from tests import factories
from tests.conftest import NOW, make_settings
from tests.portal.accounts import scene
from tests.web import post_form

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def told() -> list[Mail]:
    return [mail for mail in scene.mails() if mail.kind == "accounts.new_device"]


def count(model: type[KnownDevice] | type[SignInSession]) -> int:
    with reading() as db:
        return db.scalar(select(func.count()).select_from(model)) or 0


def browser(app: Flask, **headers: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base.update({f"HTTP_{name.upper()}": value for name, value in headers.items()})
    return client


def test_the_first_browser_of_an_account_is_no_news(app: Flask, client: FlaskClient) -> None:
    person = scene.member(scene.company())
    scene.sign_in(client, person.email)
    assert told() == []
    assert count(KnownDevice) == 1


def test_a_second_browser_is_told_once(app: Flask, client: FlaskClient) -> None:
    person = scene.member(scene.company())
    scene.sign_in(client, person.email)
    other = browser(app, user_agent=FIREFOX)
    other.environ_base["REMOTE_ADDR"] = "203.0.113.77"
    for _ in range(2):
        scene.sign_in(other, person.email)
        post_form(other, "/sign-out")
    scene.sign_in(client, person.email)
    (mail,) = told()
    assert mail.to_email == person.email
    assert mail.title == "New sign-in to your account"
    assert "Firefox, Windows" in mail.text
    assert "203.0.113.…" in mail.text
    assert "203.0.113.77" not in mail.text
    assert "22 Nov 2026, 14:30" in mail.text
    assert "UTC+8" in mail.text
    assert "http://localhost/account" in mail.text
    assert count(KnownDevice) == 2


def test_it_is_told_in_the_readers_language(app: Flask, client: FlaskClient) -> None:
    with transaction() as db:
        company = factories.company(db)
        person = factories.member(db, company, CompanyRole.OWNER, password=scene.hashed(), language="zh_Hans_CN")
    scene.sign_in(client, person.email)
    scene.sign_in(app.test_client(), person.email)
    (mail,) = told()
    assert mail.language == "zh_Hans_CN"
    assert "浏览器" in mail.text
    assert "未知浏览器" in mail.text


def test_a_browser_that_two_people_share_is_new_for_each(app: Flask, client: FlaskClient) -> None:
    company = scene.company()
    one, two = scene.member(company), scene.member(company)
    scene.sign_in(app.test_client(), two.email)
    scene.sign_in(client, one.email)
    post_form(client, "/sign-out")
    scene.sign_in(client, two.email)
    assert [mail.to_email for mail in told()] == [two.email]
    with reading() as db:
        hashes = list(db.scalars(select(KnownDevice.token_hash)))
    assert len(set(hashes)) == 3


def test_a_cookie_that_is_none_of_ours_is_replaced(app: Flask, client: FlaskClient) -> None:
    person = scene.member(scene.company())
    client.set_cookie("device", "x" * 500)
    scene.sign_in(client, person.email)
    kept = client.get_cookie("device")
    assert kept
    assert len(kept.value) == 43
    assert kept.http_only
    assert kept.same_site == "Lax"
    assert kept.max_age == rules.DEVICE_LIFETIME.total_seconds()
    with reading() as db:
        assert kept.value not in db.scalars(select(KnownDevice.token_hash)).all()


def test_with_https_the_cookie_is_bound_to_the_host(app: Flask, database_url: str) -> None:
    safe = create_app(make_settings(PORTAL_DATABASE_URL=database_url, PORTAL_BASE_URL="https://localhost"))
    with safe.test_request_context("/"):
        cookie = devices.keep_cookie(Response(), "t" * 43).headers["Set-Cookie"]
    assert cookie.startswith("__Host-device=")
    assert "Secure" in cookie


def test_addresses_in_short() -> None:
    shown = {
        "203.0.113.9": "203.0.113.…", "2001:db8:1:2::3": "2001:db8:1:…", "": "", "no address": "",
    }  # fmt: skip
    assert {given: rules.address_in_short(given) for given in shown} == shown
    assert rules.address_in_short(None) == ""


def test_old_rows_are_forgotten_but_never_a_persons_last_browser(app: Flask) -> None:
    company = scene.company()
    person = scene.member(company)
    with transaction() as db:
        for days, ended in ((0, False), (0, True), (200, False), (200, True)):
            at = NOW - timedelta(days=days)
            token = sessions.start(db, person.id, at, rules.SESSION_LIFETIME, sessions.Browser())
            if ended:
                sessions.end(db, token, at)
        for days in (500, 450, 10):
            at = NOW - timedelta(days=days)
            db.add(KnownDevice(person_id=person.id, token_hash=str(days), created_at=at, seen_at=at))
        at = NOW - timedelta(days=600)
        other = factories.member(db, company)
        db.add(KnownDevice(person_id=other.id, token_hash="last", created_at=at, seen_at=at))
    assert "accounts.tidy" in {schedule.name for schedule in kit_jobs.timetable.schedules}
    jobs.tidy()
    assert count(SignInSession) == 2
    with reading() as db:
        assert set(db.scalars(select(KnownDevice.token_hash))) == {"10", "last"}


def test_language_and_theme_are_there_on_another_browser(app: Flask, client: FlaskClient) -> None:
    person = scene.member(scene.company())
    scene.sign_in(client, person.email)
    post_form(client, "/language", to="zh_Hans_CN", next="/account")
    with reading() as db:
        assert db.get_one(Person, person.id).language == "zh_Hans_CN"
    profile = {"name": "Lin Yue", "language": "zh_Hans_CN", "theme": "dark", "zone": ""}
    assert post_form(client, "/account", **profile).status_code == 302
    other = browser(app, accept_language="en")
    scene.sign_in(other, person.email)
    page = other.get("/account").text
    assert '<html lang="zh-Hans">' in page
    assert 'media="screen"' in page


def test_the_list_shows_this_browser_and_when_each_was_used(app: Flask, client: FlaskClient) -> None:
    person = scene.member(scene.company())
    factories.sign_in(client, person)
    other = app.test_client()
    with time_machine.travel(NOW + timedelta(minutes=20), tick=False):
        factories.sign_in(other, person, NOW + timedelta(minutes=20))
        rows = client.get("/account").text.split('data-row="session:')[1:]
        assert ["This browser" in row for row in rows] == [False, True]
        assert "14:50" in rows[0]
        post_form(client, "/account/sessions/end-others")
        assert client.get("/account").text.count('data-row="session:') == 1
        assert other.get("/account").status_code == 302


def test_staff_do_not_see_sessions_that_idled_away(app: Flask, client: FlaskClient) -> None:
    person = scene.staff(StaffRole.CS)
    factories.sign_in(app.test_client(), person)
    with time_machine.travel(NOW + timedelta(minutes=31), tick=False):
        factories.sign_in(client, person, NOW + timedelta(minutes=31))
        assert client.get("/account").text.count("data-row=") == 1
