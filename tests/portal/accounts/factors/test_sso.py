"""Staff through the company's identity provider: a real one on loopback, by the real protocol."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from sqlalchemy import update
from werkzeug.test import TestResponse

from portal.accounts.models import Person, SignInWay, StaffRole
from portal.app import create_app
from portal.kit import clock
from portal.kit.db import database, reading, transaction
from tests.conftest import NOW, emptied, make_settings
from tests.fakes import identity as provider
from tests.fakes.identity import CLIENT, SECRET, Identity
from tests.portal.accounts import scene
from tests.portal.accounts.factors import moves
from tests.web import Browser, post_form


@pytest.fixture(scope="module")
def provided() -> Iterator[Identity]:
    with provider.running() as running:
        yield running


@pytest.fixture
def identity(provided: Identity) -> Identity:
    provided.forget()
    provided.claims = {"sub": "u-1", "email": "cs@portal.example", "email_verified": True, "amr": ["pwd"]}
    return provided


@contextmanager
def knowing(identity: Identity, database_url: str) -> Iterator[Flask]:
    """A portal that knows the provider."""
    given = make_settings(
        PORTAL_DATABASE_URL=database_url, PORTAL_OIDC_ISSUER=identity.base, PORTAL_OIDC_CLIENT_ID=CLIENT,
        PORTAL_OIDC_CLIENT_SECRET=SECRET, PORTAL_OIDC_NAME="Harbour ID",
    )  # fmt: skip
    app = create_app(given)
    app.test_client_class = Browser
    yield app
    with app.app_context():
        database.engine.dispose()


@pytest.fixture(scope="module")
def shared_portal(database_url: str, provided: Identity) -> Iterator[Flask]:
    with knowing(provided, database_url) as app:
        yield app


@pytest.fixture
def portal(shared_portal: Flask) -> Iterator[Flask]:
    """Its clock goes: tokens have their time."""
    with emptied(shared_portal), shared_portal.app_context():
        yield shared_portal


@pytest.fixture
def new_portal(database_url: str, identity: Identity) -> Iterator[Flask]:
    """One that has not asked the provider for its particulars yet."""
    with knowing(identity, database_url) as app, emptied(app), app.app_context():
        yield app


def through(client: FlaskClient, path: str = "/sign-in/sso") -> TestResponse:
    """Off to the provider and back, as a browser goes."""
    away = client.get(path)
    assert away.status_code == 302
    back = requests.get(away.location, allow_redirects=False, timeout=5).headers["Location"]
    return client.get(back.removeprefix("http://localhost"))


def test_staff_come_in_and_are_known_from_then_on(portal: Flask, identity: Identity) -> None:
    person = scene.staff(StaffRole.CS)
    client = portal.test_client()
    assert "Staff: sign in with Harbour ID" in client.get("/sign-in").text
    answer = through(client, "/sign-in/sso?next=/desk/companies")
    assert answer.location == "/desk/companies"
    assert moves.is_in(client)
    session = moves.session_of(person)
    assert (session.way, session.strong) == (SignInWay.SSO, False)
    # Another address of the same person there opens the same account here.
    identity.claims |= {"email": "renamed@portal.example"}
    again = portal.test_client()
    assert through(again).location == "/desk/orders"
    with reading() as db:
        assert db.get_one(Person, person.id).sso_subject == f"{identity.base} u-1"


def test_the_way_there_is_guarded(portal: Flask, identity: Identity) -> None:
    away = portal.test_client().get("/sign-in/sso")
    asked = parse_qs(urlsplit(away.location).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["state"][0]) >= 20
    assert len(asked["nonce"][0]) >= 20
    assert asked["redirect_uri"] == ["http://localhost/sign-in/sso/back"]


@pytest.mark.parametrize(("methods", "strong"),
    [(["pwd"], False), (["pwd", "otp"], True), (["mfa"], True), (["user", "pop"], False), (["pwd", "pin"], False),
     (["hwk", "fpt"], True), (None, False)],
)  # fmt: skip
def test_a_second_thing_there_counts_here(
    portal: Flask, identity: Identity, methods: object, strong: bool
) -> None:
    person = scene.staff(StaffRole.CS)
    identity.claims["amr"] = methods
    through(portal.test_client())
    assert moves.session_of(person).strong is strong


def test_a_second_factor_here_is_asked_for(portal: Flask, identity: Identity) -> None:
    scene.staff(StaffRole.CS)
    client = portal.test_client()
    through(client)
    moves.add_app(client, clock.now())
    assert through(portal.test_client()).location == "/sign-in/second"


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": "nobody@portal.example"},
        {"email": ""},
        {"email": "owner@aurora.example"},
    ],
    ids=["not-confirmed", "text", "unknown", "none", "customer"],
)
def test_nobody_gets_an_account_from_there(portal: Flask, identity: Identity, claims: dict[str, object]) -> None:
    scene.staff(StaffRole.CS)
    scene.member(scene.company(), email="owner@aurora.example")
    identity.claims |= claims
    client = portal.test_client()
    answer = through(client)
    assert answer.status_code == 403
    assert "The sign-in service did not let you in" in answer.text
    assert not moves.is_in(client)


def test_an_account_is_tied_to_one_id(portal: Flask, identity: Identity) -> None:
    scene.staff(StaffRole.CS)
    through(portal.test_client())
    identity.claims["sub"] = "u-2"  # somebody else got the address at the provider
    assert through(portal.test_client()).status_code == 403


def test_who_lost_access_here_has_none_from_there(portal: Flask, identity: Identity) -> None:
    person = scene.staff(StaffRole.CS)
    through(portal.test_client())
    with transaction() as db:
        db.execute(update(Person).where(Person.id == person.id).values(active=False))
    assert through(portal.test_client()).status_code == 403


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "https://e.example"}, {"aud": "another"}, {"exp": 1}, {"nonce": "another"}, {"iat": 99999999999},
    ],
    ids=["issuer", "audience", "expired", "nonce", "future"],
)  # fmt: skip
def test_a_wrong_token_opens_nothing(portal: Flask, identity: Identity, lie: dict[str, object]) -> None:
    scene.staff(StaffRole.CS)
    identity.claims |= lie
    client = portal.test_client()
    assert through(client).status_code == 403
    assert not moves.is_in(client)


def test_a_token_of_another_key_opens_nothing(new_portal: Flask, identity: Identity) -> None:
    scene.staff(StaffRole.CS)
    identity.known_key = RSAKey.generate_key(2048, parameters={"kid": "one"})
    assert through(new_portal.test_client()).status_code == 403


def test_a_code_belongs_to_the_browser_that_went(portal: Flask, identity: Identity) -> None:
    scene.staff(StaffRole.CS)
    away = portal.test_client().get("/sign-in/sso")
    back = requests.get(away.location, allow_redirects=False, timeout=5).headers["Location"]
    victim = portal.test_client()
    assert victim.get(back.removeprefix("http://localhost")).status_code == 403
    assert not moves.is_in(victim)


@pytest.mark.parametrize(
    "path", ["/sign-in/sso/back", "/sign-in/sso/back?error=no&state=x", "/sign-in/sso/back?code=x"]
)
def test_coming_back_from_nowhere(portal: Flask, path: str) -> None:
    assert portal.test_client().get(path).status_code == 403


def test_a_provider_that_is_away_is_said(new_portal: Flask, identity: Identity) -> None:
    identity.off = True
    answer = new_portal.test_client().get("/sign-in/sso")
    assert answer.status_code == 503
    assert "cannot be reached right now" in answer.text


def test_signing_in_once_more_confirms(portal: Flask, identity: Identity) -> None:
    person = scene.staff(StaffRole.CS)
    client = portal.test_client()
    through(client)
    first = moves.session_of(person)
    through(client, "/sign-in/sso?next=/desk/orders")
    assert identity.asked[-1]["prompt"] == "login"
    now = moves.session_of(person)
    assert now.id == first.id
    assert now.confirmed_at is not None


@pytest.mark.parametrize("told", [None, 1])
def test_a_provider_that_does_not_ask_again_confirms_nothing(
    portal: Flask, identity: Identity, told: object
) -> None:
    person = scene.staff(StaffRole.CS)
    client = portal.test_client()
    through(client)
    identity.claims["auth_time"] = told
    answer = through(client, "/sign-in/sso?next=/account/security")
    assert answer.location == "/account/security"
    assert "knew you without asking again" in client.get(answer.location).text
    assert moves.session_of(person).confirmed_at is None


def test_there_is_no_such_way_without_a_provider(client: FlaskClient) -> None:
    assert client.get("/sign-in/sso").status_code == 404
    assert client.get("/sign-in/sso/back").status_code == 404


def test_required_of_staff(database_url: str, app: Flask) -> None:
    """Who must have a second factor reaches nothing before they have set one up."""
    given = create_app(make_settings(PORTAL_DATABASE_URL=database_url, PORTAL_REQUIRE_MFA="1"))
    given.test_client_class = Browser
    scene.staff(StaffRole.FINANCE)
    client = given.test_client()
    scene.sign_in(client, "finance@portal.example")
    for path in ("/desk/orders", "/finance/payments", "/account", "/"):
        assert client.get(path).location in {"/account/security", "/finance/payments"}, path
    assert post_form(client, "/finance/accounts").location == "/account/security"
    assert "then the desk opens" in client.get("/account/security").text
    moves.add_app(client)
    assert client.get("/finance/payments").status_code == 200
    # Next time the second step lets them in at once.
    with time_machine.travel(NOW, tick=False):
        assert scene.sign_in(given.test_client(), "finance@portal.example").location == "/sign-in/second"
    customer = given.test_client()
    member = scene.member(scene.company())
    scene.sign_in(customer, member.email)
    assert customer.get("/contracts").status_code == 200
    with given.app_context():
        database.engine.dispose()


def test_a_provider_that_sends_us_elsewhere_is_not_followed(new_portal: Flask, identity: Identity) -> None:
    identity.elsewhere = f"{identity.base}/keys"
    assert new_portal.test_client().get("/sign-in/sso").status_code == 503
