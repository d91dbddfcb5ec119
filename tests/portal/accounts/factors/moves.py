"""What the tests of this room do: add factors through the pages, read codes, look at sessions."""

from __future__ import annotations

import base64
import re
from datetime import datetime
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts.factors import rules
from portal.accounts.models import Person, SignInSession
from portal.kit.db import reading
from tests.conftest import NOW
from tests.fakes.passkey import FakeKey
from tests.portal.accounts import scene
from tests.web import hidden, post_form


def app_secret(page: TestResponse) -> bytes:
    """The secret that the setup page shows, as its reader would type it."""
    return app_secret_in(page.text)


def app_secret_in(text: str) -> bytes:
    found = re.search(r'class="spelled">([A-Z2-7 ]+)<', text)
    assert found, text
    key = found.group(1).replace(" ", "")
    return base64.b32decode(key + "=" * (-len(key) % 8))


def code_at(secret: bytes, at: datetime = NOW) -> str:
    return rules.app_code(secret, rules.app_step(at))


def add_app(client: FlaskClient, at: datetime = NOW) -> tuple[bytes, list[str]]:
    """Add an authenticator app for whoever is signed in; its secret and the recovery codes."""
    page = client.get("/account/app")
    secret = app_secret(page)
    answer = post_form(client, "/account/app", code=code_at(secret, at), ticket=hidden(page, "ticket"))
    assert answer.status_code == 200, answer.text
    return secret, recovery_codes(answer)


def recovery_codes(page: TestResponse) -> list[str]:
    return re.findall(r'<li class="ref">([a-z0-9-]+)</li>', page.text)


def add_passkey(client: FlaskClient, key: FakeKey, name: str = "") -> TestResponse:
    asked = client.get("/account/passkeys/options").get_json()
    return post_form(
        client, "/account/passkeys", passkey=key.make(asked["options"]), ticket=asked["ticket"], name=name
    )


def shown(client: FlaskClient, key: FakeKey) -> dict[str, str]:
    """The form fields with which the key answers a new question."""
    asked = client.get("/sign-in/passkey/options").get_json()
    return {"passkey": key.show(asked["options"]), "ticket": asked["ticket"]}


def is_in(client: FlaskClient) -> bool:
    return client.get("/account/security").status_code == 200


def session_of(person: Person) -> SignInSession:
    """The newest session of the person."""
    with reading() as db:
        newest = (
            select(SignInSession).where(SignInSession.person_id == person.id).order_by(SignInSession.id.desc())
        )
        return db.scalars(newest.limit(1)).one()


def mailed_code() -> tuple[str, str]:
    """Code and link of the newest mail."""
    mail = scene.mails()[-1]
    code = re.search(r"\d{4} \d{4}", mail.text)
    link = re.search(r"http://localhost(/sign-in/link/[\w-]+)", mail.text)
    assert code, mail.text
    assert link, mail.text
    return code.group(0), link.group(1)


def kept_fields(page: TestResponse) -> dict[str, str]:
    """The hidden fields that the page carries along."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text)
    return {name: unescape(value) for name, value in found}
