"""Forgotten passwords, invitations, and the links that their mails carry."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from portal.accounts import actions
from portal.accounts.models import (
    CompanyRole,
    LinkPurpose,
    Membership,
    MemberState,
    OneTimeLink,
    Person,
    SignInSession,
    StaffRole,
)
from portal.audit.models import AuditNote
from portal.kit import outbox
from portal.kit.db import reading, transaction
from portal.kit.outbox import OutboxRow
from tests import factories
from tests.conftest import NOW
from tests.portal.accounts import scene
from tests.portal.accounts.factors import moves
from tests.web import hidden, post_form

NEW = "vier neue worte hier"


def invited(language: str = "en") -> tuple[Membership, str]:
    """A pending member with an invitation; the membership and the link's path."""
    with transaction() as db:
        company = factories.company(db, language=language)
        boss = factories.member(db, company, name="Lin Yue")
        membership = actions.add_member(
            db, company, "New@Aurora.example", "Mark Weber", CompanyRole.BILLING, boss_ref(boss), NOW
        )
        actions.invite(db, membership, boss_ref(boss), NOW)
    return membership, scene.link_in(scene.mails()[-1])


def boss_ref(person: Person) -> str:
    return f"person:{person.id}"


def reset_link(client: FlaskClient, email: str) -> str:
    assert post_form(client, "/forgot", email=email).status_code == 200
    return scene.link_in(scene.mails()[-1])


def test_an_invitation_leads_from_mail_to_contracts(client: FlaskClient) -> None:
    membership, link = invited()
    mail = scene.mails()[-1]
    assert mail.to_email == "new@aurora.example"
    assert mail.secret
    assert "Lin Yue invites you to look after the contracts of Aurora" in mail.text
    assert "Billing" in mail.text
    assert "29 Nov 2026" in mail.text
    page = client.get(link)
    assert "new@aurora.example" in page.text
    answer = client.post(link, data={"csrf_token": hidden(page, "csrf_token"), "password": NEW})
    assert (answer.status_code, answer.location) == (302, "/contracts")
    assert client.get("/account").status_code == 200
    with reading() as db:
        row = db.get_one(Membership, membership.id)
    assert (row.state, row.joined_at) == (MemberState.ACTIVE, NOW)
    assert scene.sign_in(client.application.test_client(), "new@aurora.example", NEW).status_code == 302


def test_the_invitation_speaks_the_companys_language(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    invited(language="zh_Hans_CN")
    assert scene.mails()[-1].language == "zh_Hans_CN"


def test_looking_at_the_link_uses_nothing_up(client: FlaskClient) -> None:
    _membership, link = invited()
    for _ in range(3):
        assert client.head(link).status_code == 200
        assert client.get(link).status_code == 200
    assert client.get("/account").status_code == 302
    assert post_form(client, link, password=NEW).status_code == 302


def test_a_link_works_once(app: Flask, client: FlaskClient) -> None:
    _membership, link = invited()
    assert post_form(client, link, password=NEW).status_code == 302
    second = app.test_client()
    assert second.get(link).status_code == 410
    answer = post_form(second, link, password="something else here")
    assert answer.status_code == 410
    assert "We can send a new one" in answer.text
    assert second.get("/account").status_code == 302


def test_a_refused_password_does_not_use_the_link_up(client: FlaskClient) -> None:
    _membership, link = invited()
    for password, why in (
        ("short", "Use at least 8 characters."),
        ("x" * 129, "Use at most 128 characters."),
        ("Password123", "This is guessed early"),
        ("new@aurora.example", "Do not use your e-mail address"),
        ("", "Type a password."),
    ):
        answer = post_form(client, link, password=password)
        assert answer.status_code == 400
        assert why in answer.text
    assert post_form(client, link, password="长密码也可以粘贴 👍 ok").status_code == 302


@pytest.mark.parametrize(("purpose", "minutes"), [(LinkPurpose.INVITE, 7 * 24 * 60), (LinkPurpose.RESET, 10)])
def test_links_age(client: FlaskClient, purpose: LinkPurpose, minutes: int) -> None:
    person = scene.member(scene.company())
    with transaction() as db:
        token, until = actions.make_link(db, person.id, purpose, NOW)
    assert until == NOW + timedelta(minutes=minutes)
    link = f"/set-password/{token}"
    with time_machine.travel(until - timedelta(seconds=1), tick=False):
        assert client.get(link).status_code == 200
    with time_machine.travel(until, tick=False):
        assert client.get(link).status_code == 410
        assert post_form(client, link, password=NEW).status_code == 410


def test_the_database_never_holds_the_link(client: FlaskClient) -> None:
    _membership, link = invited()
    token = link.rpartition("/")[2]
    with reading() as db:
        row = db.scalars(select(OneTimeLink)).one()
        assert token not in row.token_hash
        assert all(token not in str(job.facts) + job.subject for job in db.scalars(select(OutboxRow)))
        assert all(token not in str(note.facts) for note in db.scalars(select(AuditNote)))


def test_a_reset_ends_sessions_and_other_links(app: Flask, client: FlaskClient) -> None:
    person = scene.member(scene.company())
    elsewhere = app.test_client()
    factories.sign_in(elsewhere, person)
    first = reset_link(client, person.email.upper())
    second = reset_link(client, person.email)
    assert first != second
    assert post_form(client, first, password=NEW).status_code == 302
    assert elsewhere.get("/account").status_code == 302
    assert client.get(second).status_code == 410
    assert client.get("/account").status_code == 200
    with reading() as db:
        open_ones = db.scalars(select(SignInSession).where(SignInSession.ended_at.is_(None))).all()
    assert len(open_ones) == 1
    assert scene.sign_in(app.test_client(), person.email).status_code == 200  # the old password


def test_unknown_addresses_get_the_same_answer(
    app: Flask, client: FlaskClient, statements: Callable[[], list[str]]
) -> None:
    person = scene.member(scene.company())
    gone = scene.member(scene.company("Gone"))
    with transaction() as db:
        db.execute(update(Person).where(Person.id == gone.id).values(active=False))
    answers, work = [], []
    for email in (person.email, "nobody@aurora.example", gone.email):
        browser = app.test_client()
        token = hidden(browser.get("/forgot"), "csrf_token")
        statements()
        answer = browser.post("/forgot", data={"email": email, "csrf_token": token})
        work.append(len(statements()))
        answers.append((answer.status_code, answer.text.replace(email, "E").replace(token, "T")))
    assert len(set(work)) == 1
    assert len({text for _status, text in answers}) == 1
    assert [mail.to_email for mail in scene.mails()] == [person.email]


def test_forgot_refuses_what_is_no_address(client: FlaskClient) -> None:
    answer = post_form(client, "/forgot", email="not an address")
    assert answer.status_code == 400
    assert "name@company.com" in answer.text
    assert scene.mails() == []


def test_a_link_of_somebody_inactive_is_dead(client: FlaskClient) -> None:
    person = scene.member(scene.company())
    link = reset_link(client, person.email)
    with transaction() as db:
        db.execute(update(Person).where(Person.id == person.id).values(active=False))
    assert post_form(client, link, password=NEW).status_code == 410


def test_only_invitations_are_answered_by_a_new_password(client: FlaskClient) -> None:
    with transaction() as db:
        company = factories.company(db)
        membership = actions.add_member(db, company, "a@b.example", "A", CompanyRole.OWNER, "system", NOW)
    link = reset_link(client, "a@b.example")
    post_form(client, link, password=NEW)
    with reading() as db:
        assert db.get_one(Membership, membership.id).state is MemberState.PENDING


def test_who_has_an_account_answers_the_invitation_signed_in(client: FlaskClient) -> None:
    person = scene.member(scene.company("Home"))
    with transaction() as db:
        company = factories.company(db, name="Second")
        membership = actions.add_member(db, company, person.email, "X", CompanyRole.PAYER, "system", NOW)
        actions.invite(db, membership, "system", NOW)
    mail = scene.mails()[-1]
    assert "/set-password/" not in mail.text
    assert "http://localhost/join" in mail.text
    answer = client.get("/join")
    assert answer.location == "/sign-in?next=/join"
    assert scene.sign_in(client, person.email, next="/join").location == "/join"
    page = client.get("/join")
    assert "1 team invites you" in page.text
    assert "Second" in page.text
    assert post_form(client, "/join").location == "/contracts"
    with reading() as db:
        assert db.get_one(Membership, membership.id).state is MemberState.ACTIVE
    assert "No invitation waits" in client.get("/join").text


def test_staff_are_invited_by_mail(client: FlaskClient) -> None:
    with transaction() as db:
        actions.create_admin(db, "Boss@Portal.example", "Sam Admin", NOW)
    mail = scene.mails()[-1]
    assert mail.to_email == "boss@portal.example"
    assert "Administration" in mail.text
    assert post_form(client, scene.link_in(mail), password=NEW).location == "/desk/access"


def test_invitations_that_are_no_longer_open_write_no_mail(app: Flask) -> None:
    with transaction() as db:
        company = factories.company(db)
        membership = actions.add_member(db, company, "a@b.example", "A", CompanyRole.OWNER, "system", NOW)
        actions.invite(db, membership, "system", NOW)
        actions.remove_member(db, membership, "system", NOW)
        person = actions.create_staff(db, email="s@p.example", name="S", role=StaffRole.CS, by="system", at=NOW)
        person.active = False
    assert scene.mails() == []


def test_an_invitation_asked_for_twice_is_one_mail(app: Flask) -> None:
    with transaction() as db:
        company = factories.company(db)
        membership = actions.add_member(db, company, "a@b.example", "A", CompanyRole.OWNER, "system", NOW)
        actions.invite(db, membership, "system", NOW)
        actions.invite(db, membership, "system", NOW + timedelta(seconds=20))
    assert len(scene.mails()) == 1
    with transaction() as db:
        again = db.get_one(Membership, membership.id)
        actions.invite(db, again, "system", NOW + timedelta(hours=1))
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        assert len(scene.mails()) == 2


def test_a_mail_job_run_twice_writes_one_mail(app: Flask) -> None:
    invited()
    with transaction() as db:
        db.execute(update(OutboxRow).values(state=outbox.JobState.NEW))
    assert len(scene.mails()) == 1


def test_a_new_password_ends_mailed_codes_too(app: Flask) -> None:
    person = scene.member(scene.company())
    thief, owner = app.test_client(), app.test_client()
    post_form(thief, "/sign-in/code", email=person.email)
    code, link = moves.mailed_code()
    post_form(owner, "/forgot", email=person.email)
    reset = next(scene.link_in(mail) for mail in scene.mails() if "/set-password/" in mail.text)
    assert post_form(owner, reset, password="ein ganz neuer satz").status_code == 302
    assert post_form(thief, "/sign-in/code/type", code=code).status_code == 400
    assert post_form(thief, link).status_code == 410


def test_fields_hide_what_is_typed_and_let_programs_fill_them(client: FlaskClient) -> None:
    factories.sign_in(client, scene.member(scene.company()))
    own, door = client.get("/account").text, client.application.test_client().get("/sign-in").text
    for page, fills in ((own, ("new-password", "current-password")), (door, ("current-password",))):
        fields = re.findall(r'<input[^>]*name="(?:password|current)"[^>]*>', page)
        assert fields
        assert all('type="password"' in field for field in fields)
        assert {fill for fill in fills if f'autocomplete="{fill}"' in page} == set(fills)
        assert "onpaste" not in page


def test_a_password_counts_to_its_last_sign_and_does_not_age(client: FlaskClient) -> None:
    plain = " Zwölf Möwen, eine Mütze! " + "x" * 60
    person = scene.member(scene.company(), password=plain)
    for near in (plain.strip(), plain.lower(), plain[:72], plain[:-1]):
        assert "E-mail or password is not right." in scene.sign_in(client, person.email, near).text
    with time_machine.travel(NOW + timedelta(days=3650), tick=False):
        assert scene.sign_in(client, person.email, plain).status_code == 302
