"""A code and a link by mail: in the browser that asked, once, for ten minutes; strangers get the same answers."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from portal.accounts.factors.models import SignInCode
from portal.accounts.models import Person, SignInWay
from portal.kit import outbox
from portal.kit.db import reading, transaction
from portal.kit.mail import Mail
from tests.conftest import NOW
from tests.portal.accounts import scene
from tests.portal.accounts.factors import moves
from tests.web import csrf_token, hidden, post_form


def ask(client: FlaskClient, email: str, **fields: str) -> None:
    answer = post_form(client, "/sign-in/code", email=email, **fields)
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in/code/type")


def test_the_code_signs_in(client: FlaskClient) -> None:
    person = scene.member(scene.company())
    ask(client, f" {person.email.upper()} ", next="/documents")
    page = client.get("/sign-in/code/type?next=/documents")
    code, _link = moves.mailed_code()
    onward = hidden(page, "next", "type-code")
    answer = post_form(client, "/sign-in/code/type", code=code, next=onward)
    assert answer.location == "/documents"
    assert moves.session_of(person).way is SignInWay.MAIL
    assert not moves.session_of(person).strong


def test_the_link_shows_a_button_and_the_button_signs_in(client: FlaskClient) -> None:
    person = scene.member(scene.company())
    ask(client, person.email)
    _code, link = moves.mailed_code()
    for _look in range(3):  # mail scanners look too
        assert 'data-action="take-link"' in client.get(link).text
        assert client.head(link).status_code == 200
    assert not moves.is_in(client)
    assert post_form(client, link).location == "/contracts"
    assert moves.is_in(client)


def test_each_works_once(app: Flask, client: FlaskClient) -> None:
    person = scene.member(scene.company())
    ask(client, person.email)
    code, link = moves.mailed_code()
    assert post_form(client, "/sign-in/code/type", code=code).status_code == 302
    assert client.get(link).status_code == 410
    assert post_form(client, link).status_code == 410
    assert post_form(client, "/sign-in/code/type", code=code).status_code == 400


def test_they_are_worth_nothing_in_another_browser(app: Flask, client: FlaskClient) -> None:
    person = scene.member(scene.company())
    ask(client, person.email)
    code, link = moves.mailed_code()
    thief = app.test_client()
    page = thief.get(link)
    assert "Open the link where you asked for it" in page.text
    assert post_form(thief, link).status_code == 409
    assert post_form(thief, "/sign-in/code/type", code=code).status_code == 400
    ask(thief, person.email)  # asking too does not help: the code is another one
    assert post_form(thief, "/sign-in/code/type", code=code).status_code == 400
    assert not moves.is_in(thief)
    assert post_form(client, link).status_code == 302


def test_they_have_ten_minutes(client: FlaskClient) -> None:
    person = scene.member(scene.company())
    ask(client, person.email)
    code, link = moves.mailed_code()
    with time_machine.travel(NOW + timedelta(minutes=10, seconds=1), tick=False):
        assert post_form(client, "/sign-in/code/type", code=code).status_code == 400
        assert client.get(link).status_code == 410


def test_five_wrong_tries_use_a_code_up(client: FlaskClient) -> None:
    person = scene.member(scene.company())
    ask(client, person.email)
    code, _link = moves.mailed_code()
    for wrong in range(5):
        answer = post_form(client, "/sign-in/code/type", code=f"0000000{wrong}")
        assert "After five tries you need a new one." in answer.text
    assert post_form(client, "/sign-in/code/type", code=code).status_code == 400


def test_the_newest_code_counts(client: FlaskClient) -> None:
    person = scene.member(scene.company())
    ask(client, person.email)
    old, _link = moves.mailed_code()
    ask(client, person.email)
    new, _link = moves.mailed_code()
    assert post_form(client, "/sign-in/code/type", code=old).status_code == 400
    assert post_form(client, "/sign-in/code/type", code=new).status_code == 302


def test_nobody_learns_who_has_an_account(app: Flask) -> None:
    known = scene.member(scene.company())
    gone = scene.member(scene.company("Beta"))
    with transaction() as db:
        db.execute(update(Person).where(Person.id == gone.id).values(active=False))
    pages = set()
    for email in (known.email, gone.email, "nobody@aurora.example"):
        browser = app.test_client()
        ask(browser, email)
        page = browser.get("/sign-in/code/type")
        pages.add(page.text.replace(hidden(page, "csrf_token"), "T"))
    assert len(pages) == 1
    while outbox.run_due():
        pass
    with reading() as db:
        assert db.scalars(select(Mail.to_email)).all() == [known.email]


def test_code_and_link_stand_nowhere(client: FlaskClient) -> None:
    person = scene.member(scene.company())
    ask(client, person.email)
    code, link = moves.mailed_code()
    with reading() as db:
        row = db.scalars(select(SignInCode)).one()
    kept = " ".join(str(value) for value in vars(row).values())
    assert code.replace(" ", "") not in kept
    assert link.rpartition("/")[2] not in kept
    with reading() as db:
        assert db.scalars(select(Mail)).one().secret  # emptied once it is sent


def test_a_second_factor_is_asked_for_after_it(app: Flask, client: FlaskClient) -> None:
    person = scene.member(scene.company())
    scene.sign_in(client, person.email)
    moves.add_app(client)
    browser = app.test_client()
    ask(browser, person.email)
    code, _link = moves.mailed_code()
    assert post_form(browser, "/sign-in/code/type", code=code).location == "/sign-in/second"
    assert not moves.is_in(browser)


def test_nothing_to_type_before_a_code_was_asked_for(client: FlaskClient) -> None:
    assert client.get("/sign-in/code/type").location == "/sign-in/code"
    assert post_form(client, "/sign-in/code/type", code="1234 5678").status_code == 400
    assert post_form(client, "/sign-in/code", email="no address").status_code == 400
    assert client.get("/sign-in/link/nonsense").status_code == 410


def test_a_stranger_who_asks_often_keeps_nobody_from_their_code(demo: Flask) -> None:
    person = scene.member(scene.company())
    stranger, owner = demo.test_client(), demo.test_client()
    for _ask in range(10):
        assert ask_from(stranger, "203.0.113.9", person.email) == 302
    assert ask_from(stranger, "203.0.113.9", person.email) == 429
    assert ask_from(owner, "198.51.100.4", person.email) == 302


def ask_from(client: FlaskClient, ip: str, email: str) -> int:
    data = {"csrf_token": csrf_token(client), "email": email}
    return client.post("/sign-in/code", data=data, environ_overrides={"REMOTE_ADDR": ip}).status_code
