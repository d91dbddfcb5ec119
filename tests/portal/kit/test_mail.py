"""Mail: one row for each letter, sent once, secrets emptied after sending."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from typing import Self

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.kit import i18n, mail, outbox
from portal.kit.db import reading, transaction
from portal.kit.mail import Letter, Mail, MailState
from tests.conftest import NOW, make_settings


class Post:
    """Stands in for smtplib.SMTP and keeps what it is given."""

    sent: list[EmailMessage] = []
    fail = False

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self.where = (host, port)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def starttls(self, context: ssl.SSLContext) -> None:
        assert context.verify_mode is ssl.CERT_REQUIRED

    def login(self, user: str, password: str) -> None:
        assert (user, password) == ("me@x", "p/w")

    def send_message(self, message: EmailMessage) -> None:
        if self.fail:
            raise OSError("server away")
        self.sent.append(message)


@pytest.fixture
def post(app: Flask, monkeypatch: pytest.MonkeyPatch) -> type[Post]:
    Post.sent, Post.fail = [], False
    monkeypatch.setattr(smtplib, "SMTP", Post)
    settings = make_settings(PORTAL_SMTP_URL="smtp+starttls://me%40x:p%2Fw@mail.example:587")
    monkeypatch.setitem(app.extensions, "settings", settings)
    return Post


def write(kind: str = "hello", **changes: object) -> None:
    letter = Letter("Title", "Heading <b>", ["One & two."], [("Order", "RNW-1")], ("Open", "/orders/RNW-1"))
    with transaction() as db, i18n.speaking("en"):
        mail.queue(db, kind, "order:RNW-1", "a@x.example", "en", letter, NOW)


def only() -> Mail:
    with reading() as db:
        return db.scalars(select(Mail)).one()


def test_the_same_letter_is_one_mail(app: Flask) -> None:
    """T14: a mail that is asked for again, by a retry or a second worker, is not sent again."""
    write()
    write()
    with reading() as db:
        assert db.scalar(select(func.count()).select_from(Mail)) == 1
    outbox.run_due()
    assert only().state is MailState.SENT
    assert "http://localhost/orders/RNW-1" in only().text
    assert "Heading &lt;b&gt;" in only().html


def test_mail_goes_out_once_with_a_stable_id(post: type[Post]) -> None:
    write()
    outbox.run_due()
    outbox.run_due()
    (message,) = post.sent
    assert message["To"] == "a@x.example"
    assert message["Message-ID"] == f"<hello.{only().id}@portal.example>"
    assert message.get_body(("plain",)) is not None


def test_a_mail_server_that_is_away_keeps_the_mail_queued(post: type[Post]) -> None:
    post.fail = True
    write()
    outbox.run_due()
    assert only().state is MailState.QUEUED


def test_a_secret_letter_is_emptied_after_sending(post: type[Post]) -> None:
    letter = Letter("Set your password", "Hello", ["Link"], button=("Set", "/set-password/secret"), secret=True)
    with transaction() as db, i18n.speaking("en"):
        mail.queue(db, "invite", "person:1", "a@x.example", "en", letter, NOW)
    outbox.run_due()
    assert "secret" in str(post.sent[0])
    assert only().text == only().html == ""


def test_line_breaks_cannot_add_headers(post: type[Post]) -> None:
    letter = Letter("Title\r\nBcc: thief@x.example", "Heading", [])
    with transaction() as db, i18n.speaking("en"):
        mail.queue(db, "evil", "order:RNW-1", "a@x.example", "en", letter, NOW)
    outbox.run_due()
    assert all("Bcc" not in message for message in post.sent)
