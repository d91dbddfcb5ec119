"""The mails, as their readers see them, in practice mode only."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.kit import i18n
from portal.kit.db import transaction
from portal.kit.mail import Letter, Mail, queue
from tests.conftest import NOW, make_settings
from tests.portal.home.conftest import Home


@pytest.fixture
def mail_id(app: Flask) -> int:
    letter = Letter(
        title="Your order <is> placed", heading="Placed", paragraphs=["Nothing was charged."],
        button=("See the order", "/orders/RNW-2026-000001"),
    )  # fmt: skip
    with transaction() as db, i18n.speaking("en"):
        queue(db, "order.placed", "order:RNW-2026-000001", "owner@aurora.example", "en", letter, NOW)
        return db.query(Mail).one().id


def test_no_mail_yet(home: Home) -> None:
    assert "No mails yet" in home.app.test_client().get("/demo/mail").text


def test_the_list_and_one_mail(home: Home, mail_id: int) -> None:
    stranger = home.app.test_client()
    listed = stranger.get("/demo/mail")
    assert "Your order &lt;is&gt; placed" in listed.text
    assert "owner@aurora.example" in listed.text
    answer = stranger.get(f"/demo/mail/{mail_id}")
    assert 'href="http://localhost/orders/RNW-2026-000001"' in answer.text
    assert "frame-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "sandbox=" in answer.text


def test_the_letter_stands_in_a_frame_that_runs_nothing(home: Home, mail_id: int) -> None:
    answer = home.app.test_client().get(f"/demo/mail/{mail_id}/html")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'self'" in policy
    assert "script-src" not in policy
    assert '<base target="_top">' in answer.text


def test_other_installations_have_no_such_page(home: Home, mail_id: int) -> None:
    assert home.app.test_client().get("/demo/mail/999999").status_code == 404
    before = home.app.extensions["settings"]
    home.app.extensions["settings"] = make_settings(PORTAL_MODE="production", PORTAL_BASE_URL="https://p.example")
    try:
        for path in ("/demo/mail", f"/demo/mail/{mail_id}", f"/demo/mail/{mail_id}/html"):
            assert home.app.test_client().get(path).status_code == 404
    finally:
        home.app.extensions["settings"] = before
