"""What surrounds every view: headers, tokens, malformed requests, error pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from portal.accounts.models import CompanyRole, StaffRole
from portal.kit import guard, web
from portal.kit.db import transaction
from portal.kit.outbox import OutboxRow
from tests import factories
from tests.portal.accounts import scene
from tests.web import csrf_token, hidden, post_form

# Routes that take a POST without a token, each for a reason.
NO_TOKEN = {
    "/stripe/webhook": "the provider signs its body",
    "/survey/x": "its reader has no session; the mailed token in the address is the secret",
    "/survey/x/stop": "mail programs post it without a page (RFC 8058)",
}
# GETs that write, each for a reason.
WRITING_GETS: dict[str, str] = {}


def address(rule: Rule) -> str:
    """An address that fits the rule, for rows that do not exist."""
    return re.sub(
        r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda m: "x" if m[1] in {None, "string"} else "999999", rule.rule
    )


def changing(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}):
            yield method, address(rule)


@pytest.mark.slow
def test_every_change_needs_a_token(app: Flask, client: FlaskClient) -> None:
    owner, finance = app.test_client(), app.test_client()
    factories.sign_in(client, scene.staff(StaffRole.ADMIN))
    factories.sign_in(finance, scene.staff(StaffRole.FINANCE, "money@desk.example"))
    factories.sign_in(owner, scene.member(scene.company(), CompanyRole.OWNER))
    found = list(changing(app))
    assert len(found) > 10
    for method, url in found:
        # A form with files shuts its door before it reads the token, so one of the three must be let as far.
        for data in ({}, {"csrf_token": "made up"}):
            answers = {who.open(url, method=method, data=data).status_code for who in (client, owner, finance)}
            assert url in NO_TOKEN or (400 in answers and answers <= {400, 403}), (method, url, answers)


def test_another_browsers_token_does_not_fit(app: Flask, client: FlaskClient) -> None:
    foreign = csrf_token(app.test_client())
    with client.session_transaction() as cookie:
        cookie["csrf_token"] = "another"
    answer = client.post("/forgot", data={"email": "a@b.example", "csrf_token": foreign})
    assert (answer.status_code, answer.location) == (303, "/forgot")
    assert "This page was open too long. Nothing was changed; try again." in client.get("/forgot").text
    with transaction() as db:
        assert db.scalars(select(OutboxRow)).all() == []


@pytest.mark.slow
def test_looking_changes_nothing(app: Flask, statements: Callable[[], list[str]]) -> None:
    company = scene.company()
    for person in (scene.member(company, CompanyRole.OWNER), *(scene.staff(role) for role in StaffRole)):
        client = app.test_client()
        factories.sign_in(client, person)
        for rule in app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.rule in WRITING_GETS:
                continue
            statements()
            client.get(address(rule))
            wrote = [line for line in statements() if not line.lstrip().upper().startswith(("SELECT", "WITH"))]
            assert wrote == [], (rule.rule, wrote)


def test_headers_of_a_page(client: FlaskClient) -> None:
    answer = client.get("/sign-in")
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self' https://checkout.stripe.com"
    assert re.fullmatch(r"'nonce-[\w-]{20,}'", policy["script-src"])
    assert policy["style-src"] == "'self'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-Id"]
    assert "Strict-Transport-Security" not in answer.headers
    other = client.get("/sign-in")
    assert other.headers["Content-Security-Policy"] != answer.headers["Content-Security-Policy"]


def test_error_pages_have_the_headers_too(client: FlaskClient) -> None:
    for answer in (client.get("/nowhere"), client.post("/sign-in"), client.delete("/sign-in")):
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert set(client.delete("/sign-in").headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_the_cookie_is_for_this_site_alone(client: FlaskClient) -> None:
    cookie = client.get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_a_wrong_host_is_refused(client: FlaskClient) -> None:
    for host in ("evil.example", "localhost.evil.example", "localhost@evil.example", "127.0.0.2"):
        assert client.get("/sign-in", headers={"Host": host}).status_code == 400
        assert "evil.example" not in client.get("/sign-in", headers={"Host": host}).text
    assert client.get("/sign-in", headers={"Host": "127.0.0.1:8000"}).status_code == 200


def test_a_proxy_that_nobody_named_is_not_believed(app: Flask, client: FlaskClient) -> None:
    person = scene.member(scene.company())
    headers = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    data = {"email": person.email, "password": scene.PASSWORD, "csrf_token": csrf_token(client)}
    assert client.post("/sign-in", data=data, headers=headers).location == "/contracts"
    page = client.get("/account", headers=headers).text
    assert "6.6.6.6" not in page
    assert "127.0.0.1" in page


# What tests/test_junk.py, which goes through routing, cannot send.
MALFORMED = ["a\x00b", "\ud800", "٣", "²", "%ff", ".."]


def quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


@pytest.mark.slow
@pytest.mark.parametrize("text", MALFORMED)
def test_malformed_addresses_are_never_our_fault(app: Flask, client: FlaskClient, text: str) -> None:
    factories.sign_in(client, scene.staff(StaffRole.ADMIN))
    bad = quoted(text)
    for rule in app.url_map.iter_rules():
        url = re.sub(r"<[^>]+>", bad, rule.rule)
        status = client.open(url, method="GET").status_code
        assert status < 500, url
        status = client.get(f"{address(rule)}?q={bad}&older={bad}&company={bad}&next={bad}&{bad}=1").status_code
        assert status < 500, rule.rule


@pytest.mark.slow
@pytest.mark.parametrize("text", MALFORMED)
def test_malformed_forms_are_never_our_fault(app: Flask, text: str) -> None:
    people = (scene.staff(StaffRole.ADMIN), scene.member(scene.company()))
    names = ("email", "password", "name", "role", "next", "to", "version", "zone", "country", "current", "score")
    for person in people:
        client = app.test_client()
        factories.sign_in(client, person)
        token = csrf_token(client)
        for method, url in changing(app):
            if url == "/sign-out":
                continue
            form = "&".join(f"{name}={quoted(text)}" for name in names)
            answer = client.open(
                url, method=method, data=f"csrf_token={token}&{form}",
                content_type="application/x-www-form-urlencoded",
            )  # fmt: skip
            assert answer.status_code < 500, (method, url)


@pytest.mark.parametrize("text", ["\x00", "\ud800"])
def test_what_no_keyboard_makes_is_refused(client: FlaskClient, text: str) -> None:
    assert client.get(f"/sign-in?next=/{quoted(text)}").status_code == (400 if text == "\x00" else 200)
    assert client.get(f"/set-password/{quoted(text)}").status_code in {400, 404, 410}
    assert post_form(client, "/forgot", email="a\x00@b.example").status_code == 400


def test_huge_numbers_in_addresses_find_nothing(client: FlaskClient) -> None:
    factories.sign_in(client, scene.staff(StaffRole.ADMIN))
    for number in (2**31, 2**63 - 1, 2**63, 10**18 - 1, 10**40):
        assert client.get(f"/desk/companies/{number}").status_code == 404


def test_large_requests_are_refused(client: FlaskClient) -> None:
    token = csrf_token(client)
    big = {"email": "x" * (web.MAX_FORM_BYTES + 1), "csrf_token": token}
    assert client.post("/forgot", data=big).status_code == 413
    many = {f"f{number}": "x" for number in range(web.MAX_FORM_PARTS + 1)}
    answer = client.post("/forgot", data=many, content_type="multipart/form-data")
    assert answer.status_code == 413


@pytest.mark.parametrize("body", [b"[1]", b"null", b'"x"', b"{}", b"[" * 100_000, b"\x00", b'{"a":1e999}'])
def test_json_is_no_form(client: FlaskClient, body: bytes) -> None:
    headers = {"X-CSRFToken": csrf_token(client)}
    answer = client.post("/forgot", data=body, content_type="application/json", headers=headers)
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ("/contracts?x=1#y", "/contracts?x=1#y"),
        ("/订单", "/订单"),
        (None, "/"),
        ("", "/"),
        ("contracts", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/\t/[", "/"),
        ("http://[", "/"),
    ],
)
def test_redirects_stay_here(target: str | None, wanted: str) -> None:
    assert web.back_to(target, "/") == wanted


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", 5),
        ("0", 0),
        ("", None),
        (None, None),
        ("-1", None),
        ("²", None),
        ("٣", None),
        ("1_0", None),
        ("9" * 19, None),
    ],
)
def test_whole_numbers(text: str | None, number: int | None) -> None:
    assert web.whole_number(text) == number


def test_a_failure_of_ours_says_what_happened_to_the_money(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_given: Any) -> str:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setitem(app.view_functions, "accounts.forgot", broken)
    monkeypatch.setattr(guard, "needed", lambda _app, _endpoint: guard.Door.PUBLIC)
    answer = client.get("/forgot")
    assert answer.status_code == 500
    assert "No payment was started by this page." in answer.text
    assert "secret detail" not in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


@pytest.mark.parametrize(
    ("path", "method", "code", "text"),
    [
        ("/nowhere", "GET", 404, "We found nothing here"),
        ("/sign-out", "GET", 405, "We could not read this request"),
        ("/team", "GET", 403, "You may not do this"),
    ],
)
def test_error_pages_say_what_to_do(client: FlaskClient, path: str, method: str, code: int, text: str) -> None:
    factories.sign_in(client, scene.member(scene.company(), CompanyRole.VIEWER))
    answer = client.open(path, method=method)
    assert answer.status_code == code
    assert text in answer.text


def test_names_are_escaped(client: FlaskClient) -> None:
    company = scene.company("<script>alert(1)</script>")
    factories.sign_in(client, scene.member(company))
    assert "<script>" not in client.get("/team").text
    page = client.get("/sign-in?next=/%22%3E%3Cscript%3E")
    assert "<script>" not in page.text


def test_the_token_of_the_page_fits(client: FlaskClient) -> None:
    token = hidden(client.get("/forgot"), "csrf_token")
    assert client.post("/forgot", data={"email": "a@b.example", "csrf_token": token}).status_code == 200
