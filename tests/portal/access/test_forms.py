"""Forms come from our own pages (SEC3): every one needs its token, and none is taken from another site."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import StaffRole
from portal.kit import guard
from tests import factories
from tests.portal.accounts import scene
from tests.web import csrf_token, post_form

# Who posts here shows it otherwise: Stripe by its signature, readers of our mails by the secret in the address.
NO_TOKEN = {"/stripe/webhook", "/survey/<token>", "/survey/<token>/stop"}
# Whoever may not open these is sent away before their file is read, token or not.
BARRED_FIRST = {
    "/orders/<number>/slips", "/finance/fapiao/<id:request_id>/issue", "/finance/fapiao/<id:request_id>/issue-red",
    "/finance/fapiao/<id:request_id>/mend",
}  # fmt: skip


def forms(app: Flask) -> Iterator[tuple[str, str, str]]:
    """(rule, method, an address of it) of everything that is no GET."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            parts = {name: "csv" if name == "kind" else "5" for name in rule.arguments}
            yield rule.rule, method, adapter.build(rule.endpoint, parts, method)


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    factories.sign_in(client, scene.staff(StaffRole.ADMIN))
    return client


def test_every_form_needs_its_token(app: Flask, admin: FlaskClient) -> None:
    taken = set()
    count = 0
    for rule, method, path in forms(app):
        for data in ({}, {"csrf_token": "made up"}):
            count += 1
            if admin.open(path, method=method, data=data).status_code != 400:
                taken.add(rule)
    assert count > 120
    assert taken <= NO_TOKEN | BARRED_FIRST


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
    ],
)
def test_no_form_is_taken_from_another_site(app: Flask, admin: FlaskClient, headers: dict[str, str]) -> None:
    """Not even with a good token."""
    token = csrf_token(admin)
    taken = {
        rule
        for rule, method, path in forms(app)
        if admin.open(path, method=method, data={"csrf_token": token}, headers=headers).status_code != 403
    }
    assert taken == set()


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, {"Sec-Fetch-Site": "none"}],
)
def test_our_own_pages_and_old_browsers_are_let_in(client: FlaskClient, headers: dict[str, str]) -> None:
    data = {"csrf_token": csrf_token(client), "to": "en", "next": "/"}
    assert client.post("/language", data=data, headers=headers).status_code == 303


def test_links_from_other_sites_open_pages(client: FlaskClient) -> None:
    """Mails and Stripe's page lead here."""
    assert client.get("/sign-in", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_tokens_are_of_one_session(app: Flask, client: FlaskClient) -> None:
    factories.sign_in(client, scene.member(scene.company()))
    token, other = csrf_token(client), app.test_client()
    factories.sign_in(other, scene.member(scene.company("Beta")))
    with other.session_transaction() as cookie:
        cookie["csrf_token"] = "another"
    assert other.post("/language", data={"csrf_token": token, "to": "en"}).status_code == 400
    assert post_form(client, "/language", to="en").status_code == 303


def test_routes_are_declared(shared_app: Flask) -> None:
    assert all(need is not None for _endpoint, _rule, _methods, need in guard.matrix(shared_app))
