"""What people read when something went wrong, and the way on from there."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from portal.accounts.models import CompanyRole, StaffRole
from portal.kit import errorpage, i18n
from tests import factories
from tests.portal.accounts import scene


def test_whoever_was_signed_out_is_asked_to_sign_in_not_told_of_tokens(client: FlaskClient) -> None:
    data = {"csrf_token": "of a session that ended"}
    answer = client.post("/orders/RNW-1/pay", data=data, headers={"Referer": "http://localhost/orders/RNW-1?x=1"})
    assert answer.location == "/sign-in?next=/orders/RNW-1&ended=1"
    assert "Orders that you placed are kept; sign in to continue." in client.get(answer.location).text
    for referer in ("http://evil.example/orders/RNW-1", "http://localhost//evil.example", "http://["):
        answer = client.post("/orders/RNW-1/pay", data=data, headers={"Referer": referer})
        assert answer.location == "/sign-in?ended=1", referer


def test_a_stale_token_of_somebody_signed_in_has_a_way_on(client: FlaskClient) -> None:
    factories.sign_in(client, scene.member(scene.company()))
    answer = client.post("/account", data={"csrf_token": "old"}, headers={"Referer": "http://localhost/account"})
    assert answer.status_code == 400
    assert "This page was open too long" in answer.text
    assert re.search(r'href="/account"\s+data-action="go-on"', answer.text)
    answer = client.post(
        "/account", data={"csrf_token": "old"}, headers={"Referer": "http://evil.example/account"}
    )
    assert re.search(r'href="/"\s+data-action="go-on"', answer.text)


def test_a_stale_sign_in_page_is_shown_again(client: FlaskClient) -> None:
    assert client.post("/sign-in").status_code == 400  # without a cookie a new token would not fit either
    client.get("/sign-in")
    data = {"csrf_token": "old", "next": "/orders/RNW-1", "email": "a@b.example", "password": "x"}
    answer = client.post("/sign-in", data=data)
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/orders/RNW-1")
    assert "This page was open too long." in client.get(answer.location).text
    assert client.post("/sign-in", data=data | {"next": "//evil.example"}).location == "/sign-in"
    assert client.post("/language", data=data | {"to": "zh_Hans_CN"}).location == "/orders/RNW-1"
    client.get("/sign-in")
    assert client.post("/sign-out", data={"csrf_token": "old"}).location == "/"
    assert "open too long" not in client.get("/sign-in").text


def test_error_pages_keep_the_menu_and_have_a_way_on(app: Flask, client: FlaskClient) -> None:
    onward = r'href="/"\s+data-action="go-on"'
    stranger = client.get("/nowhere").text
    assert re.search(onward, stranger)
    assert 'data-action="sign-out"' not in stranger
    factories.sign_in(client, scene.member(scene.company(), CompanyRole.VIEWER))
    for path, sentence in (
        ("/contracts/CT-404", "We found no contract with this number"),
        ("/orders/RNW-404", "We found no order with this number"),
        ("/team", "ask the owner of your company"),
    ):
        page = client.get(path).text
        assert sentence in page, path
        assert 'class="appnav"' in page
        assert re.search(onward, page), path
    other = app.test_client()
    factories.sign_in(other, scene.staff(StaffRole.DATA))
    page = other.get("/finance/payments").text
    assert "Your role does not include it. Ask an administrator." in page
    assert 'class="side"' in page


def test_a_page_policy_always_has_a_nonce(client: FlaskClient) -> None:
    client.get("/sign-in")
    for answer in (
        client.post("/account", data={"csrf_token": "x"}),
        client.get("/nowhere"),
        client.get("/sign-in?next=/%00"),
        client.get("/sign-in", headers={"Host": "evil.example"}),
    ):
        assert re.search(r"'nonce-[\w-]{20,}'", answer.headers["Content-Security-Policy"])
        assert answer.headers["X-Request-Id"]


def test_error_pages_need_no_database(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_given: Any) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    factories.sign_in(client, scene.member(scene.company()))
    monkeypatch.setattr("portal.accounts.signin.sessions._look", away)
    for path in ("/contracts", "/nowhere"):
        answer = client.get(path)
        assert answer.status_code == 500
        assert "No payment was started by this page." in answer.text
        assert 'data-action="go-on"' in answer.text


def test_error_pages_need_no_translations(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: Any) -> str:
        raise LookupError("no catalogue")

    monkeypatch.setattr(i18n, "get_locale", broken)
    monkeypatch.setattr(errorpage, "_", broken)
    answer = client.delete("/sign-in")
    assert (answer.status_code, answer.mimetype) == (405, "text/html")
    assert "POST" in answer.headers["Allow"]
    assert '<a href="/">To the start page</a>' in answer.text
    assert answer.headers["X-Request-Id"] in answer.text
    assert "nonce-" in answer.headers["Content-Security-Policy"]
