"""What every answer carries, whatever is asked for and by whom."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.accounts.models import CompanyRole, StaffRole
from portal.app import create_app
from portal.kit import guard
from tests.conftest import make_settings
from tests.portal.access.test_every_cell import cells
from tests.portal.access.world import OWN, World, signed
from tests.web import post_form

pytestmark = pytest.mark.pages_alone

# Pages on which nobody is somebody, though the browser may be signed in.
NO_BAR = ("/demo/mail", "/healthz", "/readyz", "/survey/", "/forgot", "/sign-in")


def answers(app: Flask, world: World, role: CompanyRole | StaffRole) -> Iterator[tuple[str, TestResponse]]:
    client = signed(app, world.person(role))
    for cell in cells(app, world):
        if cell.role is role and cell.method == "GET" and cell.whose == OWN:
            yield cell.path, client.get(cell.path)


@pytest.mark.parametrize("role", [CompanyRole.OWNER, StaffRole.ADMIN])
def test_every_answer_says_what_it_is_and_who_may_use_it(app: Flask, world: World, role: CompanyRole) -> None:
    wrong, count = [], 0
    for path, answer in answers(app, world, role):
        count += 1
        told = answer.headers
        text = (answer.mimetype or "").startswith("text/")
        good = (
            (not answer.data or not text or "charset=utf-8" in told["Content-Type"].lower())
            and told["X-Content-Type-Options"] == "nosniff"
            and told["Referrer-Policy"] == "same-origin"
            and "frame-ancestors" in told["Content-Security-Policy"]
            and "default-src 'none'" in told["Content-Security-Policy"]
            and told["Cache-Control"] == "no-store"
            and "Access-Control-Allow-Origin" not in told
            and "Server" not in told
        )
        if not good:
            wrong.append(f"{path}: {dict(told)}")
    assert count > 60
    assert wrong == []


@pytest.mark.parametrize("role", [CompanyRole.OWNER, StaffRole.ADMIN])
def test_the_way_out_stands_on_every_page(app: Flask, world: World, role: CompanyRole) -> None:
    pages = [
        (path, answer.text)
        for path, answer in answers(app, world, role)
        if answer.mimetype == "text/html" and answer.status_code == 200 and not path.startswith(NO_BAR)
    ]
    assert len(pages) > 25
    assert [path for path, text in pages if 'data-action="sign-out"' not in text] == []


@pytest.mark.parametrize(
    "path",
    ["/.git/config", "/.env", "/static/", "/static/../wsgi.py", "/static/%2e%2e/wsgi.py", "/var/portal.db",
     "/metrics", "/debug", "/console", "/openapi.json", "/server-status"],
)  # fmt: skip
def test_nothing_lies_around(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_no_method_is_taken_that_no_page_has(app: Flask, world: World) -> None:
    client = signed(app, world.staff[StaffRole.ADMIN])
    for method in ("TRACE", "CONNECT", "PUT", "PATCH", "DELETE", "PROPFIND"):
        for path in ("/", "/desk/orders", "/account", "/static/portal.css"):
            assert client.open(path, method=method).status_code in {400, 404, 405}, (method, path)


def test_no_environment_turns_debugging_on(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert create_app(make_settings(PORTAL_DATABASE_URL=database_url)).debug is False


def test_signing_out_empties_what_the_browser_kept(app: Flask, world: World) -> None:
    client = signed(app, world.own.people[CompanyRole.OWNER])
    assert post_form(client, "/sign-out").headers["Clear-Site-Data"] == '"cache", "storage"'


def test_monitoring_tells_no_more_than_well_or_not(client: FlaskClient) -> None:
    told = {path: client.get(path).text for path in ("/healthz", "/readyz")}
    assert all(len(text) < 60 for text in told.values()), told


def test_the_public_routes_are_these(shared_app: Flask) -> None:
    """Whoever opens another one to strangers comes by here."""
    known = ("/sign-in", "/demo/", "/survey/", "/set-password")
    public = {rule for _end, rule, _methods, need in guard.matrix(shared_app) if need is guard.Door.PUBLIC}
    assert {rule for rule in public if not rule.startswith(known)} == {
        "/", "/language", "/support", "/terms", "/privacy", "/forgot", "/sign-out", "/stripe/webhook", "/healthz",
        "/readyz",
    }  # fmt: skip
