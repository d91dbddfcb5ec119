"""Mail: letters written in the reader's language, kept as rows, sent once by the outbox."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from enum import StrEnum
from urllib.parse import unquote, urlsplit

import mrml
from flask import current_app, render_template
from sqlalchemy import UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.kit import clock, i18n, outbox
from portal.kit.db import Base, BigId, choice, reading, transaction
from portal.kit.events import Told
from portal.kit.settings import Settings

SEND = "mail.send"
TIMEOUT_SECONDS = 10
TEXTS_KEPT = timedelta(days=365)
FORGET_AT_ONCE = 1000
# The default folds headers at 78 characters and would write a longer address as an encoded word, which no mail
# program follows.
_WHOLE_LINES = policy.EmailPolicy(max_line_length=998)


class MailState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"


class Mail(Base):
    """A letter to one reader. Its text is emptied after sending when it carried a secret link."""

    __tablename__ = "mails"
    __table_args__ = (UniqueConstraint("kind", "subject", "occurrence", "to_email"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    occurrence: Mapped[str]
    to_email: Mapped[str]
    language: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    # Where a POST ends letters of this kind, for those that are no notice; mail programs make a button of it.
    stop_url: Mapped[str | None]
    secret: Mapped[bool] = mapped_column(default=False)
    state: Mapped[MailState] = mapped_column(choice(MailState, "mail_state"), default=MailState.QUEUED)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Scale:
    """A row of numbers to choose from, each with the path of its page, and the words at the two ends."""

    steps: Sequence[tuple[str, str]]
    low: str
    high: str

    def at(self, origin: str) -> Scale:
        """The same with whole addresses."""
        return Scale([(label, origin + path) for label, path in self.steps], self.low, self.high)


@dataclass(frozen=True)
class Letter:
    """What a mail says: one look for all of them. `facts` are label and value; `button` is label and path; `stop`
    is label and path of the page where its reader ends letters of this kind: a POST there, by mail programs too,
    must do it without a sign-in (RFC 8058)."""

    title: str
    heading: str
    paragraphs: Sequence[str]
    facts: Sequence[tuple[str, str]] = field(default_factory=tuple)
    button: tuple[str, str] | None = None
    scale: Scale | None = None
    stop: tuple[str, str] | None = None
    secret: bool = False


def queue(
    db: Session, kind: str, subject: str, to: str, language: str | None, letter: Letter, at: datetime,
    occurrence: str = "1",
) -> None:  # fmt: skip
    """Keep `letter` for `to` and ask the outbox to send it. The same (kind, subject, occurrence, to) twice is
    one mail. Call inside `i18n.speaking(language)`, so that letter and frame speak one language."""
    known = select(Mail.id).where(
        Mail.kind == kind, Mail.subject == subject, Mail.occurrence == occurrence, Mail.to_email == to
    )
    if db.scalar(known) is not None:
        return
    settings: Settings = current_app.extensions["settings"]
    frame = {
        "letter": letter,
        "seller": {"name": settings.seller, "address": settings.seller_address},
        "test_banner": settings.practice,
        "lang": i18n.speaking_now().lang,
        "button_label": letter.button[0] if letter.button else None,
        "button_url": settings.base_url + letter.button[1] if letter.button else None,
        "scale": letter.scale.at(settings.base_url) if letter.scale else None,
        "stop_label": letter.stop[0] if letter.stop else None,
        "stop_url": settings.base_url + letter.stop[1] if letter.stop else None,
    }
    mail = Mail(
        kind=kind, subject=subject, occurrence=occurrence, to_email=to, secret=letter.secret, created_at=at,
        language=i18n.speaking_now().code, title=letter.title, stop_url=frame["stop_url"],
        text=render_template("mail/letter.txt", **frame),
        html=mrml.to_html(render_template("mail/letter.mjml", **frame)).content,
    )  # fmt: skip
    db.add(mail)
    db.flush()
    outbox.later(db, SEND, f"mail:{mail.id}", "1", {}, at)


def lately(db: Session, kind: str, subject: str, to: str, since: datetime) -> bool:
    """Was a letter of this kind about this subject written to this reader after `since`?"""
    known = select(Mail.id).where(
        Mail.kind == kind, Mail.subject == subject, Mail.to_email == to, Mail.created_at > since
    )
    return db.scalar(known.limit(1)) is not None


def send(told: Told) -> None:
    """Outbox job: hand one mail to the mail server. Without a server (demo, tests) it only counts as sent and is
    read at /demo/mail. A death between the server's yes and our mark sends it again with the same Message-ID."""
    mail_id = int(told.subject.removeprefix("mail:"))
    with reading() as db:
        mail = db.get_one(Mail, mail_id)
    if mail.state is MailState.SENT:
        return
    settings: Settings = current_app.extensions["settings"]
    if settings.smtp_url:
        _post(settings, mail)
    emptied = {"text": "", "html": "", "stop_url": None} if mail.secret and settings.smtp_url else {}
    with transaction() as db:
        db.execute(
            update(Mail).where(Mail.id == mail_id).values(state=MailState.SENT, sent_at=clock.now(), **emptied)
        )


def _post(settings: Settings, mail: Mail) -> None:
    message = EmailMessage(policy=_WHOLE_LINES)
    message["From"] = settings.mail_from
    message["To"] = mail.to_email
    message["Subject"] = mail.title
    message["Date"] = format_datetime(mail.created_at)
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2]
    message["Message-ID"] = f"<{mail.kind}.{mail.id}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = (i18n.find(mail.language) or i18n.ENGLISH).lang
    if mail.stop_url:
        message["List-Unsubscribe"] = f"<{mail.stop_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    server = urlsplit(settings.smtp_url)
    host, trust = server.hostname or "localhost", ssl.create_default_context()
    with _line(server.scheme, host, server.port, trust) as smtp:
        if server.scheme == "smtp+starttls":
            smtp.starttls(context=trust)
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
        smtp.send_message(message)


def _line(scheme: str, host: str, port: int | None, trust: ssl.SSLContext) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_SECONDS, context=trust)
    return smtplib.SMTP(host, port or 587, timeout=TIMEOUT_SECONDS)


def forget(db: Session, _person_id: int, email: str) -> None:
    """Strip the letters to somebody who was erased: that one went out on a day stays, to whom and what goes. Those
    that still wait count as sent, so that no mail server is handed an empty one."""
    for letter in db.scalars(select(Mail).where(Mail.to_email == email)):
        letter.to_email = f"erased-{letter.id}@erased.invalid"
        letter.title = letter.text = letter.html = ""
        letter.stop_url, letter.state = None, MailState.SENT


def forget_texts() -> None:
    """Empty the text of letters that are older than a year, some at a time; titles stay. Run by a schedule."""
    before, more = clock.now() - TEXTS_KEPT, True
    while more:
        with transaction() as db:
            old = select(Mail.id).where(Mail.created_at < before, Mail.html != "").limit(FORGET_AT_ONCE)
            emptied = update(Mail).where(Mail.id.in_(old)).values(text="", html="").returning(Mail.id)
            more = len(db.execute(emptied).all()) == FORGET_AT_ONCE
