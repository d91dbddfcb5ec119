"""An authenticator app: added with a code, asked for after the password, each code once."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.factors.models import Authenticator, RecoveryCode
from portal.accounts.models import Person, SignInWay, StaffRole
from portal.kit.db import reading, transaction
from tests import factories
from tests.conftest import NOW
from tests.portal.accounts import scene
from tests.portal.accounts.factors import moves
from tests.web import hidden, post_form


def person_in(client: FlaskClient) -> Person:
    person = scene.member(scene.company())
    factories.sign_in(client, person)
    return person


def test_it_is_in_force_once_a_code_was_typed(client: FlaskClient) -> None:
    person = person_in(client)
    page = client.get("/account/app")
    assert "<svg" in page.text
    wrong = post_form(client, "/account/app", code="000000", ticket=hidden(page, "ticket"))
    assert wrong.status_code == 400
    assert "This code does not fit." in wrong.text
    assert moves.app_secret(wrong) == moves.app_secret(page)  # the picture that was scanned still holds
    _secret, codes = moves.add_app(client)
    assert len(set(codes)) == 10
    assert "In use" in client.get("/account/security").text
    assert moves.session_of(person).strong


def test_looking_at_the_picture_keeps_nothing(client: FlaskClient) -> None:
    person_in(client)
    client.get("/account/app")
    with reading() as db:
        assert db.scalars(select(Authenticator)).all() == []


def test_the_secret_is_sealed_and_codes_are_hashed(client: FlaskClient) -> None:
    person_in(client)
    secret, codes = moves.add_app(client)
    with reading() as db:
        kept = db.scalars(select(Authenticator)).one().secret
        hashes = db.scalars(select(RecoveryCode.code_hash)).all()
    assert secret.hex() not in kept
    assert kept.startswith("gAAAA")
    assert not set(codes) & set(hashes)


def test_the_password_alone_no_longer_signs_in(app: Flask, client: FlaskClient) -> None:
    person = person_in(client)
    secret, _codes = moves.add_app(client)
    browser = app.test_client()
    answer = scene.sign_in(browser, person.email, next="/documents")
    assert answer.location == "/sign-in/second?next=/documents"
    assert browser.get("/account").status_code == 302
    page = browser.get(answer.location)
    assert hidden(page, "next", "second-step") == "/documents"
    later = NOW + timedelta(seconds=30)
    with time_machine.travel(later, tick=False):
        done = post_form(browser, "/sign-in/second", code=moves.code_at(secret, later), next="/documents")
        assert done.location == "/documents"
        assert moves.is_in(browser)
    session = moves.session_of(person)
    assert (session.way, session.strong) == (SignInWay.PASSWORD, True)


def test_a_code_works_once(app: Flask, client: FlaskClient) -> None:
    person = person_in(client)
    secret, _codes = moves.add_app(client)
    browser = app.test_client()
    scene.sign_in(browser, person.email)
    # The very code that put the app in force is used up.
    again = post_form(browser, "/sign-in/second", code=moves.code_at(secret))
    assert again.status_code == 400
    assert "each works once" in again.text
    assert not moves.is_in(browser)


def test_a_recovery_code_works_once_and_is_told_by_mail(app: Flask, client: FlaskClient) -> None:
    person = person_in(client)
    _secret, codes = moves.add_app(client)
    first, second = app.test_client(), app.test_client()
    for browser in (first, second):
        scene.sign_in(browser, person.email)
    assert post_form(first, "/sign-in/second", code=codes[0].upper().replace("-", " ")).status_code == 302
    assert post_form(second, "/sign-in/second", code=codes[0]).status_code == 400
    titles = [mail.title for mail in scene.mails()]
    assert "A recovery code was used to sign in to your account" in titles
    assert "An authenticator app was added to your account" in titles
    assert "9 codes are left" in first.get("/account/security").text


def test_somebody_elses_recovery_code_is_none(app: Flask, client: FlaskClient) -> None:
    person_in(client)
    _secret, codes = moves.add_app(client)
    other, browser = scene.member(scene.company("Beta")), app.test_client()
    factories.sign_in(browser, other)
    moves.add_app(browser)
    stranger = app.test_client()
    scene.sign_in(stranger, other.email)
    assert post_form(stranger, "/sign-in/second", code=codes[0]).status_code == 400


def test_the_second_step_has_five_minutes(app: Flask, client: FlaskClient) -> None:
    person = person_in(client)
    secret, _codes = moves.add_app(client)
    browser = app.test_client()
    scene.sign_in(browser, person.email)
    late = NOW + timedelta(minutes=5, seconds=1)
    with time_machine.travel(late, tick=False):
        answer = post_form(browser, "/sign-in/second", code=moves.code_at(secret, late))
    assert answer.location == "/sign-in"


def test_a_new_password_ends_what_was_begun_with_the_old(app: Flask, client: FlaskClient) -> None:
    person = person_in(client)
    moves.add_app(client)
    browser = app.test_client()
    scene.sign_in(browser, person.email)
    with transaction() as db:
        db.get_one(Person, person.id).password = "another hash"
    assert browser.get("/sign-in/second").location == "/sign-in"


def test_a_stranger_has_no_second_step(client: FlaskClient) -> None:
    assert client.get("/sign-in/second").location == "/sign-in"
    assert post_form(client, "/sign-in/second", code="123456").location == "/sign-in"


def test_a_link_to_set_a_password_asks_for_the_second_step_too(app: Flask, client: FlaskClient) -> None:
    person = person_in(client)
    moves.add_app(client)
    browser = app.test_client()
    post_form(browser, "/forgot", email=person.email)
    link = next(scene.link_in(mail) for mail in scene.mails() if "/set-password/" in mail.text)
    answer = post_form(browser, link, password="ein ganz neuer satz")
    assert answer.location == "/sign-in/second"
    assert not moves.is_in(browser)


def test_removing_it_is_asked_first(client: FlaskClient) -> None:
    person_in(client)
    moves.add_app(client)
    question = client.get("/account/app/remove")
    assert "It is the last one" in question.text
    assert post_form(client, "/account/app/remove").location == "/account/security"
    assert client.get("/account/app/remove").status_code == 404
    assert "Add an app" in client.get("/account/security").text
    later = NOW + timedelta(minutes=1)
    with time_machine.travel(later, tick=False):
        _secret, codes = moves.add_app(client, later)
    assert len(codes) == 10  # the old ones went with the old app


def test_new_codes_replace_the_old_ones(app: Flask, client: FlaskClient) -> None:
    person = person_in(client)
    _secret, old = moves.add_app(client)
    new = moves.recovery_codes(post_form(client, "/account/recovery-codes"))
    assert len(new) == 10
    assert not set(new) & set(old)
    browser = app.test_client()
    scene.sign_in(browser, person.email)
    assert post_form(browser, "/sign-in/second", code=old[0]).status_code == 400
    assert post_form(browser, "/sign-in/second", code=new[0]).status_code == 302


def test_no_codes_without_a_factor(client: FlaskClient) -> None:
    person_in(client)
    assert post_form(client, "/account/recovery-codes").status_code == 404


def test_a_ticket_is_its_persons_and_has_its_time(app: Flask, client: FlaskClient) -> None:
    person_in(client)
    page = client.get("/account/app")
    ticket, secret = hidden(page, "ticket"), moves.app_secret(page)
    other, browser = scene.member(scene.company("Beta")), app.test_client()
    factories.sign_in(browser, other)
    for bad in (ticket, "junk", "", "gAAAAAjunk"):
        answer = post_form(browser, "/account/app", code=moves.code_at(secret), ticket=bad)
        assert answer.location == "/account/app"
    late = NOW + timedelta(minutes=29)
    with time_machine.travel(late, tick=False):
        assert (
            post_form(client, "/account/app", code=moves.code_at(secret, late), ticket=ticket).status_code == 200
        )


def test_staff_without_need_are_not_held_up(client: FlaskClient) -> None:
    factories.sign_in(client, scene.staff(StaffRole.CS))
    assert client.get("/desk/orders").status_code == 200
