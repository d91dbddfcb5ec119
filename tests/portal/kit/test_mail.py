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


STOP = "/survey/" + "x" * 43 + "/stop"


def scaled() -> None:
    scale = mail.Scale([(str(n), f"/survey/x?score={n}") for n in range(11)], "Never", "Gladly")
    letter = Letter("One question", "How likely?", [], scale=scale, stop=("No more", STOP), secret=True)
    with transaction() as db, i18n.speaking("en"):
        mail.queue(db, "question", "order:RNW-1", "a@x.example", "en", letter, NOW)


def test_a_letter_that_can_be_ended_says_so_to_mail_programs(post: type[Post]) -> None:
    """RFC 8058. The bytes that leave are looked at: a long address must not be folded or encoded."""
    scaled()
    outbox.run_due()
    (message,) = post.sent
    lines = message.as_bytes().decode().splitlines()
    assert f"List-Unsubscribe: <http://localhost{STOP}>" in lines
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert only().stop_url is None  # emptied with the letter's text


def test_a_notice_has_no_such_header(post: type[Post]) -> None:
    write()
    outbox.run_due()
    assert "List-Unsubscribe" not in post.sent[0]


def test_a_scale_has_a_link_for_each_step_in_both_halves(app: Flask) -> None:
    scaled()
    kept = only()
    for n in range(11):
        assert f"{n}: http://localhost/survey/x?score={n}\n" in kept.text
        assert f'href="http://localhost/survey/x?score={n}"' in kept.html
    for part in ("0: Never", "10: Gladly"):
        assert part in kept.text
        assert part in kept.html
    assert f'href="http://localhost{STOP}"' in kept.html
    assert f"No more\nhttp://localhost{STOP}" in kept.text
