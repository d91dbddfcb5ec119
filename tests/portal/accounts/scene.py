"""What the tests of this room share: a password, a company with people, and the mails that were written."""

from __future__ import annotations

import re
from functools import cache

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.accounts.models import Company, CompanyRole, Person, StaffRole
from portal.accounts.signin import passwords
from portal.kit import outbox
from portal.kit.db import reading, transaction
from portal.kit.mail import Mail
from tests import factories
from tests.web import post_form

PASSWORD = "korrekt pferd batterie"


@cache
def hashed() -> str:
    """One hash for all people of the tests: each costs 30 ms."""
    return passwords.hashed(PASSWORD)


def company(name: str = "Aurora 极光科技") -> Company:
    with transaction() as db:
        return factories.company(db, name=name)


def member(
    of: Company, role: CompanyRole = CompanyRole.OWNER, email: str | None = None, password: str = PASSWORD
) -> Person:
    kept = hashed() if password == PASSWORD else passwords.hashed(password)
    with transaction() as db:
        return factories.member(db, of, role, email=email, password=kept)


def staff(role: StaffRole, email: str | None = None) -> Person:
    with transaction() as db:
        return factories.staff(db, role, email, password=hashed())


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD, **fields: str) -> TestResponse:
    return post_form(client, "/sign-in", email=email, password=password, **fields)


def mails() -> list[Mail]:
    """Do the background work, then look into the dev mailbox."""
    while outbox.run_due():
        pass
    with reading() as db:
        return list(db.scalars(select(Mail).order_by(Mail.id)))


def link_in(mail: Mail) -> str:
    """The path of the set-password link in a mail's text."""
    found = re.search(r"http://localhost(/set-password/[\w-]+)", mail.text)
    assert found, mail.text
    return found.group(1)
