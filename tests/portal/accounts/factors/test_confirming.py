"""Half an hour after the sign-in, what matters asks again who sits there; what was typed goes on in one step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Person, StaffRole
from portal.accounts.queries import person_by_email
from portal.kit import guard, tries
from portal.kit.db import reading
from portal.kit.guard import ASKED_AGAIN
from tests import factories
from tests.conftest import NOW
from tests.fakes.passkey import FakeKey
from tests.portal.accounts import scene
from tests.portal.accounts.factors import moves
from tests.web import hidden, post_form

LATER = NOW + timedelta(minutes=29, seconds=59)
MUCH_LATER = NOW + timedelta(minutes=31)
NEW_STAFF = {"email": "new@portal.example", "name": "New One", "role": "cs"}


@pytest.fixture
def admin(client: FlaskClient) -> Person:
    found = scene.staff(StaffRole.ADMIN)
    factories.sign_in(client, found)
    return found


@pytest.fixture
def late(admin: Person, client: FlaskClient) -> Iterator[None]:
    """The session is in use all along, but half an hour old."""
    with time_machine.travel(LATER, tick=False):
        assert client.get("/desk/access").status_code == 200
    with time_machine.travel(MUCH_LATER, tick=False):
        yield


def made() -> bool:
    with reading() as db:
        return person_by_email(db, NEW_STAFF["email"]) is not None


def test_a_fresh_session_is_not_asked(client: FlaskClient, admin: Person) -> None:
    assert post_form(client, "/desk/access", **NEW_STAFF).status_code == 302
    assert made()


def test_what_was_typed_goes_on_with_the_password(client: FlaskClient, late: None) -> None:
    page = post_form(client, "/desk/access", **NEW_STAFF)
    assert page.status_code == 403
    assert "Is it you?" in page.text
    assert not made()
    kept = moves.kept_fields(page)
    assert {name: kept[name] for name in NEW_STAFF} == NEW_STAFF
    wrong = post_form(client, "/desk/access", **NEW_STAFF, confirm_password="wrong")
    assert "That was not right. Nothing was done yet" in wrong.text
    assert not made()
    answer = post_form(client, "/desk/access", **NEW_STAFF, confirm_password=scene.PASSWORD)
    assert answer.location == "/desk/access"
    assert made()
    # And it is fresh again.
    assert post_form(client, "/desk/access", email="x@portal.example", name="X", role="cs").status_code == 302


def test_a_passkey_is_added_long_after_the_sign_in(client: FlaskClient, late: None) -> None:
    """The script gets its question; the form that brings the answer is asked again, and carries it along."""
    asked = client.get("/account/passkeys/options").get_json()
    fields = {"passkey": FakeKey().make(asked["options"]), "ticket": asked["ticket"], "name": "Work"}
    page = post_form(client, "/account/passkeys", **fields)
    assert page.status_code == 403
    kept = moves.kept_fields(page)
    assert {name: kept[name] for name in fields} == fields
    answer = post_form(client, "/account/passkeys", **fields, confirm_password=scene.PASSWORD)
    assert len(moves.recovery_codes(answer)) == 10


def test_a_passkey_will_do(client: FlaskClient, admin: Person) -> None:
    key = FakeKey()
    moves.add_passkey(client, key)
    with time_machine.travel(LATER, tick=False):
        client.get("/desk/access")
    with time_machine.travel(MUCH_LATER, tick=False):
        assert "Use your passkey" in post_form(client, "/desk/access", **NEW_STAFF).text
        proof = {f"confirm_{name}": value for name, value in moves.shown(client, key).items()}
        assert post_form(client, "/desk/access", **NEW_STAFF, **proof).status_code == 302
    assert made()


def test_the_proof_needs_the_forms_token(client: FlaskClient, late: None) -> None:
    answer = client.post("/desk/access", data=NEW_STAFF | {"confirm_password": scene.PASSWORD})
    assert answer.status_code == 400
    assert not made()


def test_a_page_is_asked_for_anew(client: FlaskClient, late: None) -> None:
    headers = {"Referer": "http://localhost/account/security"}
    page = client.get("/account/app", headers=headers)
    assert page.status_code == 403
    assert hidden(page, "next", "confirm") == "/account/security"
    wrong = post_form(client, "/confirm", next="/account/security", confirm_password="wrong")
    assert wrong.status_code == 400
    answer = post_form(client, "/confirm", next="/account/security", confirm_password=scene.PASSWORD)
    assert answer.location == "/account/security"
    assert "press the button once more" in client.get(answer.location).text
    assert client.get("/account/app").status_code == 200


def test_onward_stays_on_this_site(client: FlaskClient, late: None) -> None:
    answer = post_form(client, "/confirm", next="//evil.example", confirm_password=scene.PASSWORD)
    assert answer.location == "/"


def test_who_may_not_is_not_asked(app: Flask, client: FlaskClient) -> None:
    factories.sign_in(client, scene.staff(StaffRole.CS))
    with time_machine.travel(NOW + timedelta(minutes=29), tick=False):
        client.get("/desk")
    with time_machine.travel(MUCH_LATER, tick=False):
        assert "Is it you?" not in post_form(client, "/desk/access", **NEW_STAFF).text


def test_what_matters_is_what_is_asked(shared_app: Flask) -> None:
    """Every form that moves money, changes prices, limits or accounts, or gives access; and every export."""
    asked, exports = set(), set()
    for endpoint, rule, methods, need in guard.matrix(shared_app):
        with shared_app.test_request_context(method=methods[0]):
            again = guard.asks_again(shared_app, endpoint)
        if need in ASKED_AGAIN and "GET" not in methods:
            asked.add((rule, again))
        if ".<any(csv" in rule or rule.endswith(".csv"):
            exports.add((rule, again))
    assert len(asked) > 15
    assert {rule for rule, again in asked if not again} == set()
    assert len(exports) >= 5
    assert {rule for rule, again in exports if not again} == set()


def test_guesses_are_limited(demo: Flask) -> None:
    counted = tries.Tries("proof", "2 per 5 minutes")
    counted.failed("5")
    assert not counted.used_up("5")
    counted.failed("5")
    assert counted.used_up("5")
    assert not counted.used_up("6")


def test_five_wrong_codes_at_the_second_step_are_enough(demo: Flask) -> None:
    person = scene.member(scene.company())
    client = demo.test_client()
    scene.sign_in(client, person.email)
    secret, _codes = moves.add_app(client)
    guesser = demo.test_client()
    scene.sign_in(guesser, person.email)
    for _guess in range(5):
        assert post_form(guesser, "/sign-in/second", code="000000").status_code == 400
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        code = moves.code_at(secret, NOW + timedelta(minutes=1))
        assert post_form(guesser, "/sign-in/second", code=code).status_code == 429
        # Whoever sits at an open browser guesses no further either, and its owner is not signed out.
        assert client.get("/account").status_code == 200
