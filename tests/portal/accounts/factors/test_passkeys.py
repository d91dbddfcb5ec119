"""Passkeys: made, shown at the door, shown as second step; and all that is wrong with an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.factors.models import Passkey
from portal.accounts.models import Person, SignInWay
from portal.kit.db import reading, transaction
from tests import factories
from tests.conftest import NOW
from tests.fakes.passkey import PRESENT, FakeKey
from tests.portal.accounts import scene
from tests.portal.accounts.factors import moves
from tests.web import post_form


@pytest.fixture
def person(client: FlaskClient) -> Person:
    """Somebody, signed in on `client`."""
    found = scene.member(scene.company())
    factories.sign_in(client, found)
    return found


@pytest.fixture
def key(client: FlaskClient, person: Person) -> FakeKey:
    """A passkey of theirs."""
    made = FakeKey()
    assert moves.add_passkey(client, made, "My phone").status_code == 200
    return made


def test_with_the_first_come_recovery_codes(client: FlaskClient, person: Person) -> None:
    answer = moves.add_passkey(client, FakeKey(), "My phone")
    assert len(moves.recovery_codes(answer)) == 10
    second = moves.add_passkey(client, FakeKey())
    assert second.location == "/account/security"
    page = client.get("/account/security").text
    assert "My phone" in page
    assert "A passkey was added to your account" in [mail.title for mail in scene.mails()]


def test_it_signs_in_by_itself(app: Flask, person: Person, key: FakeKey) -> None:
    browser = app.test_client()
    answer = post_form(browser, "/sign-in/passkey", next="/documents", **moves.shown(browser, key))
    assert answer.location == "/documents"
    assert moves.is_in(browser)
    session = moves.session_of(person)
    assert (session.way, session.strong) == (SignInWay.PASSKEY, True)


def test_an_answer_works_once(app: Flask, key: FakeKey) -> None:
    browser, copy = app.test_client(), app.test_client()
    fields = moves.shown(browser, key)
    assert post_form(browser, "/sign-in/passkey", **fields).status_code == 302
    replayed = post_form(copy, "/sign-in/passkey", **fields)
    assert replayed.status_code == 400
    assert "Sign in another way" in replayed.text
    assert not moves.is_in(copy)


def test_an_answer_has_five_minutes(app: Flask, key: FakeKey) -> None:
    browser = app.test_client()
    fields = moves.shown(browser, key)
    with time_machine.travel(NOW + timedelta(minutes=6), tick=False):
        assert post_form(browser, "/sign-in/passkey", **fields).status_code == 400


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://evil.example"},
        {"host": "evil.example"},
        {"flags": PRESENT},  # nobody showed finger, face or PIN
        {"private": FakeKey().private},
        {"credential_id": b"unknown"},
    ],
    ids=["origin", "host", "unverified", "other-key", "unknown"],
)
def test_a_wrong_answer_opens_nothing(app: Flask, key: FakeKey, lie: dict[str, object]) -> None:
    browser = app.test_client()
    answer = post_form(browser, "/sign-in/passkey", **moves.shown(browser, replace(key, **lie)))  # type: ignore[arg-type]
    assert answer.status_code == 400
    assert not moves.is_in(browser)


@pytest.mark.parametrize(
    "junk",
    ["", "x", "null", "[]", "{}", '{"rawId": 5}', '{"rawId": "AA"}', '{"rawId": null}', "[" * 9000, "9" * 19_000,
     '"', '{"rawId": "ÄÖ"}'],
)  # fmt: skip
def test_junk_opens_nothing(client: FlaskClient, junk: str) -> None:
    ticket = client.get("/sign-in/passkey/options").get_json()["ticket"]
    assert post_form(client, "/sign-in/passkey", passkey=junk, ticket=ticket).status_code == 400


@pytest.mark.parametrize("ticket", ["", "x", "a.b.c"])
def test_a_ticket_is_not_made_up(app: Flask, key: FakeKey, ticket: str) -> None:
    browser = app.test_client()
    fields = moves.shown(browser, key) | {"ticket": ticket}
    assert post_form(browser, "/sign-in/passkey", **fields).status_code == 400


def test_the_ticket_for_making_shows_nothing(app: Flask, client: FlaskClient, key: FakeKey) -> None:
    asked = client.get("/account/passkeys/options").get_json()
    fields = {"passkey": key.show(asked["options"]), "ticket": asked["ticket"]}
    assert post_form(app.test_client(), "/sign-in/passkey", **fields).status_code == 400


def test_a_copied_key_is_noticed_by_its_counter(app: Flask, client: FlaskClient, person: Person) -> None:
    key = FakeKey(count=5)
    moves.add_passkey(client, key)
    key.count = 6
    assert post_form(app.test_client(), "/sign-in/passkey", **moves.shown(client, key)).status_code == 302
    assert post_form(app.test_client(), "/sign-in/passkey", **moves.shown(client, key)).status_code == 400


def test_who_lost_access_gets_none_by_passkey(app: Flask, person: Person, key: FakeKey) -> None:
    with transaction() as db:
        db.get_one(Person, person.id).active = False
    browser = app.test_client()
    assert post_form(browser, "/sign-in/passkey", **moves.shown(browser, key)).status_code == 400


def test_it_is_the_second_step_after_a_password(app: Flask, person: Person, key: FakeKey) -> None:
    browser = app.test_client()
    assert scene.sign_in(browser, person.email).location == "/sign-in/second"
    assert "Use your passkey" in browser.get("/sign-in/second").text
    assert post_form(browser, "/sign-in/second", **moves.shown(browser, key)).status_code == 302
    assert moves.is_in(browser)


def test_somebody_elses_is_no_second_step(app: Flask, person: Person, key: FakeKey) -> None:
    other, browser, theirs = scene.member(scene.company("Beta")), app.test_client(), FakeKey()
    factories.sign_in(browser, other)
    moves.add_passkey(browser, theirs)
    stranger = app.test_client()
    scene.sign_in(stranger, person.email)
    assert post_form(stranger, "/sign-in/second", **moves.shown(stranger, theirs)).status_code == 400


def test_one_is_kept_once(app: Flask, client: FlaskClient, person: Person, key: FakeKey) -> None:
    again = moves.add_passkey(client, key)
    assert again.status_code == 409
    assert "This passkey is kept already." in again.text
    with reading() as db:
        assert len(db.scalars(select(Passkey)).all()) == 1


def test_none_is_made_from_a_wrong_answer(client: FlaskClient, person: Person) -> None:
    answer = moves.add_passkey(client, FakeKey(origin="https://evil.example"))
    assert answer.status_code == 400
    assert "No passkey was made." in answer.text
    unverified = moves.add_passkey(client, FakeKey(flags=PRESENT))
    assert unverified.status_code == 400


def test_only_ones_own_are_removed(app: Flask, client: FlaskClient, person: Person, key: FakeKey) -> None:
    with reading() as db:
        row = db.scalars(select(Passkey)).one()
    path = f"/account/passkeys/{row.id}/remove"
    stranger = app.test_client()
    factories.sign_in(stranger, scene.member(scene.company("Beta")))
    assert stranger.get(path).status_code == 404
    assert post_form(stranger, path).status_code == 404
    assert "Remove" in client.get(path).text
    assert post_form(client, path).location == "/account/security"
    assert client.get(path).status_code == 404
