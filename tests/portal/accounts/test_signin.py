"""Sign in and out at the doors."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from argon2 import extract_parameters
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from structlog.testing import capture_logs

from portal.accounts.models import CompanyRole, Person, SignInSession, StaffRole
from portal.accounts.signin.demo import PEOPLE
from portal.audit.models import AuditNote
from portal.kit.db import reading, transaction
from tests.portal.accounts import scene
from tests.web import hidden, post_form

OFF_SITE = [
    "https://evil.example", "http://evil.example/", "//evil.example", "///evil.example", "////evil.example",
    "/\\evil.example", "\\\\evil.example", "/\\/evil.example", "\\/evil.example", "/\t/evil.example",
    "/\n/evil.example", "/\r/evil.example", "\t//evil.example", " //evil.example", "//evil.example/%2e%2e",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "ftp://evil.example",
    "https:evil.example", "https:/evil.example", "http:///evil.example", "//[::1]", "http://[", "/\t/[",
    "//evil.example:80", "//evil.example@localhost", "//localhost@evil.example", "http://localhost@evil.example",
    "http://localhost/contracts", "//localhost/contracts", "evil.example", "./evil", "../evil", "?next=x", "#x",
    "/\x0b/evil.example", "/\x7f/evil.example", "/\x1f//evil.example", "//\u3002evil.example", "", "//google.com/",
]  # fmt: skip


def test_the_form_costs_no_statement(client: FlaskClient, statements: Callable[[], list[str]]) -> None:
    page = client.get("/sign-in")
    assert page.status_code == 200
    assert 'data-action="sign-in"' in page.text
    assert statements() == []


def test_right_password_signs_in_and_leads_to_the_contracts(client: FlaskClient) -> None:
    person = scene.member(scene.company())
    answer = scene.sign_in(client, f" {person.email.upper()} ")
    assert (answer.status_code, answer.location) == (302, "/contracts")
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("role", "start"),
    [(StaffRole.CS, "/desk/orders"), (StaffRole.FINANCE, "/finance/payments"), (StaffRole.ADMIN, "/desk/access")],
)
def test_staff_begin_at_their_desk(client: FlaskClient, role: StaffRole, start: str) -> None:
    assert scene.sign_in(client, scene.staff(role).email).location == start


def test_unknown_wrong_inactive_and_passwordless_get_the_same_answer(app: Flask) -> None:
    company = scene.company()
    known = scene.member(company)
    gone, new = scene.member(company), scene.member(company)
    with transaction() as db:
        db.execute(update(Person).where(Person.id == gone.id).values(active=False))
        db.execute(update(Person).where(Person.id == new.id).values(password=None))
    answers = []
    for email, password in (
        (known.email, "wrong password"),
        ("nobody@aurora.example", scene.PASSWORD),
        (gone.email, scene.PASSWORD),
        (new.email, scene.PASSWORD),
    ):
        answer = scene.sign_in(app.test_client(), email, password)
        assert answer.status_code == 200
        assert "E-mail or password is not right." in answer.text
        body = answer.text.replace(email, "E").replace(hidden(answer, "csrf_token"), "T")
        body = re.sub(r'nonce="[^"]+"', "", body)
        answers.append(body)
    assert len(set(answers)) == 1


def test_every_refusal_costs_one_hash(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    person = scene.member(scene.company())
    context = app.extensions["security"].pwd_context
    work: list[str] = []

    def counting(name: str) -> Callable[..., Any]:
        original = getattr(context, name)

        def counted(*given: Any, **named: Any) -> Any:
            work.append(name)
            return original(*given, **named)

        return counted

    for name in ("hash", "verify"):
        monkeypatch.setattr(context, name, counting(name))
    scene.sign_in(app.test_client(), person.email, "wrong password")
    scene.sign_in(app.test_client(), "nobody@aurora.example", "wrong password")
    assert work == ["verify", "hash"]


def test_missing_fields_are_named(client: FlaskClient) -> None:
    page = post_form(client, "/sign-in", email="", password="")
    assert "Type your e-mail address." in page.text
    assert "Type your password." in page.text


def test_the_refusal_speaks_through_our_catalogue(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.accounts import forms  # noqa: PLC0415

    monkeypatch.setattr(forms, "_", lambda text: f"〈{text}〉")
    assert "〈E-mail or password is not right.〉" in scene.sign_in(client, "a@b.example", "x").text


def test_what_was_typed_stays_but_the_password(client: FlaskClient) -> None:
    page = scene.sign_in(client, "me@aurora.example", "wrong password")
    assert 'value="me@aurora.example"' in page.text
    assert "wrong password" not in page.text


@pytest.mark.parametrize("target", OFF_SITE)
def test_the_way_on_stays_on_this_site(client: FlaskClient, target: str) -> None:
    person = scene.member(scene.company())
    page = client.get("/sign-in", query_string={"next": target})
    assert page.status_code == 200
    answer = scene.sign_in(client, person.email, next=target)
    assert (answer.status_code, answer.location) == (302, "/contracts")


def test_the_way_on_leads_back(client: FlaskClient) -> None:
    person = scene.member(scene.company())
    first = client.get("/account?from=mail")
    assert first.location == "/sign-in?next=/account?from%3Dmail"
    page = client.get(first.location)
    answer = scene.sign_in(client, person.email, next=hidden(page, "next", within="sign-in"))
    assert answer.location == "/account?from=mail"
    assert client.get("/sign-in?next=/team").location == "/team"


def test_a_form_sent_after_the_session_ended_says_that_the_order_is_kept(client: FlaskClient) -> None:
    answer = post_form(client, "/account", name="x")
    assert answer.location == "/sign-in?ended=1"
    assert "Orders that you placed are kept" in client.get(answer.location).text


def test_a_form_sent_too_late_leads_back_to_its_page(client: FlaskClient) -> None:
    referrer = {"Referer": "http://localhost/quotes/5"}
    data = {"csrf_token": hidden(client.get("/sign-in"), "csrf_token")}
    assert client.post("/account", data=data, headers=referrer).location == "/sign-in?next=/quotes/5&ended=1"
    for elsewhere in ("http://evil.example/quotes/5", "http://["):
        answer = client.post("/account", data=data, headers={"Referer": elsewhere})
        assert answer.location == "/sign-in?ended=1"


def test_term_and_seats_come_along_when_the_session_ended(client: FlaskClient) -> None:
    token = hidden(client.get("/sign-in"), "csrf_token")
    data = {"csrf_token": token, "term_months": "24", "seats": ["12", "&next=x"], "shown_totals": "24:1"}
    page = "http://localhost/contracts/C-1/renew"
    answer = client.post("/contracts/C-1/renew", data=data, headers={"Referer": page})
    way = parse_qs(urlsplit(answer.location).query)["next"]
    assert way == ["/contracts/C-1/renew?term_months=24&seats=12&seats=%26next%3Dx"]


def test_sign_out_ends_the_session_for_copies_of_the_cookie_too(client: FlaskClient) -> None:
    scene.sign_in(client, scene.member(scene.company()).email)
    with client.session_transaction() as cookie:
        copy = dict(cookie)
    assert post_form(client, "/sign-out").location == "/sign-in"
    thief = client.application.test_client()
    with thief.session_transaction() as cookie:
        cookie.update(copy)
    assert thief.get("/account").status_code == 302


def test_sign_out_of_a_stranger_only_shows_the_door(client: FlaskClient) -> None:
    assert post_form(client, "/sign-out").location == "/sign-in"
    assert client.get("/sign-out").status_code == 405


def test_signing_in_gives_a_new_id_and_ends_the_old_session(app: Flask, client: FlaskClient) -> None:
    company = scene.company()
    first, second = scene.member(company), scene.member(company)
    with client.session_transaction() as cookie:
        cookie.update({"language": "zh_Hans_CN", "planted": "by somebody else", "csrf_token": "old"})
    scene.sign_in(client, first.email)
    with client.session_transaction() as cookie:
        old = dict(cookie)
    assert "planted" not in old
    assert old["language"] == "zh_Hans_CN"
    assert old.get("csrf_token") != "old"
    # A second person at the same browser, by way of a mailed link or a library's own login.
    with app.test_request_context(), client.session_transaction() as cookie:
        cookie.pop("_user_id")
    with transaction() as db:
        db.execute(update(SignInSession).values(expires_at=SignInSession.created_at))
    scene.sign_in(client, second.email)
    with client.session_transaction() as cookie:
        assert cookie["sid"] != old["sid"]
    with reading() as db:
        ended = {row.person_id: row.ended_at for row in db.scalars(select(SignInSession))}
    assert ended[first.id] is not None
    assert ended[second.id] is None


def test_the_database_holds_no_session_id_and_knows_the_browser(client: FlaskClient) -> None:
    person = scene.member(scene.company())
    data = {"email": person.email, "password": scene.PASSWORD}
    data["csrf_token"] = hidden(client.get("/sign-in"), "csrf_token")
    client.post("/sign-in", data=data, headers={"User-Agent": "Browser/1 " + "x" * 400})
    with client.session_transaction() as cookie:
        token = cookie["sid"]
    assert len(token) >= 43  # 256 bits
    with reading() as db:
        row = db.scalars(select(SignInSession)).one()
    assert token not in row.token_hash
    assert row.ip == "127.0.0.1"
    assert row.agent is not None
    assert len(row.agent) == 200


def test_a_weaker_hash_is_renewed_at_sign_in(app: Flask, client: FlaskClient) -> None:
    person = scene.member(scene.company(), CompanyRole.PAYER)
    weak = app.extensions["security"].pwd_context.using(argon2__memory_cost=1024, argon2__time_cost=1)
    with transaction() as db:
        db.execute(update(Person).where(Person.id == person.id).values(password=weak.hash(scene.PASSWORD)))
    assert scene.sign_in(client, person.email).status_code == 302
    with reading() as db:
        kept = db.get_one(Person, person.id).password
    assert kept is not None
    facts = extract_parameters(kept)
    assert (facts.type.name, facts.memory_cost, facts.time_cost, facts.parallelism) == ("ID", 19_456, 2, 1)
    assert scene.sign_in(app.test_client(), person.email).status_code == 302


@pytest.mark.parametrize("body", [{}, [1], "text", 5, {"email": 5, "password": [1]}])
def test_json_is_no_form(app: Flask, body: object) -> None:
    person = scene.member(scene.company())
    client = app.test_client()
    headers = {"X-CSRFToken": hidden(client.get("/sign-in"), "csrf_token"), "Accept": "application/json"}
    if body == {}:
        body = {"email": person.email, "password": scene.PASSWORD}
    assert client.post("/sign-in?include_auth_token", json=body, headers=headers).status_code == 415
    assert client.get("/account").status_code == 302


def test_ten_failures_close_the_door_for_one_address_and_person(demo: Flask) -> None:
    person = scene.member(scene.company())
    client = demo.test_client()
    token = hidden(client.get("/sign-in"), "csrf_token")

    def attempt(email: str, password: str, ip: str = "10.0.0.1") -> int:
        data = {"email": email, "password": password, "csrf_token": token}
        return client.post("/sign-in", data=data, environ_base={"REMOTE_ADDR": ip}).status_code

    assert [attempt(person.email, "wrong") for _ in range(10)] == [200] * 10
    assert attempt(person.email.upper(), scene.PASSWORD) == 429
    assert attempt("another@aurora.example", "wrong") == 200
    assert attempt(person.email, scene.PASSWORD, ip="10.0.0.2") == 302  # no weapon to lock somebody out


def test_signing_in_often_is_no_attack(demo: Flask) -> None:
    person = scene.member(scene.company())
    assert {scene.sign_in(demo.test_client(), person.email).status_code for _ in range(12)} == {302}


def test_an_address_gets_five_links_a_day(demo: Flask) -> None:
    client = demo.test_client()
    answers = [post_form(client, "/forgot", email="a@aurora.example").status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    assert post_form(client, "/forgot", email="b@aurora.example").status_code == 200


def test_demo_mode_shows_the_people_to_try(demo: Flask, client: FlaskClient) -> None:
    assert "renewal-demo-2026" not in client.get("/sign-in").text
    page = demo.test_client().get("/sign-in").text
    assert "renewal-demo-2026" in page
    assert all(person.email in page for person in PEOPLE)


def test_each_try_is_told(client: FlaskClient) -> None:
    """A success in the trail with its way, a failure in the log without an address."""
    person = scene.member(scene.company())
    with capture_logs() as lines:
        scene.sign_in(client, person.email, "wrong wrong")
    assert [line["event"] for line in lines] == ["signin.refused"]
    assert person.email not in str(lines)
    scene.sign_in(client, person.email)
    with reading() as db:
        note = db.scalars(select(AuditNote).where(AuditNote.action == "person.signed_in")).one()
    assert (note.subject, note.facts["way"], note.facts["strong"]) == (f"person:{person.id}", "password", False)
