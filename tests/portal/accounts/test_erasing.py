"""Erasing a person: nothing tells any more who they were, and the books still hold (SEC26)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from migrations.tables import METADATA
from portal.accounts import actions
from portal.accounts import jobs as accounts_jobs
from portal.accounts.errors import LastOwner, StaffStay
from portal.accounts.models import CompanyRole, OneTimeLink, Person, StaffRole
from portal.audit.models import AuditNote
from portal.checkout import selfcheck
from portal.kit import mail, outbox
from portal.kit.db import reading, transaction
from portal.kit.mail import Letter, Mail, MailState
from portal.kit.outbox import OutboxRow
from portal.orders.models import Order
from portal.surveys.models import SurveyAnswer
from tests import factories
from tests.conftest import NOW
from tests.fakes.gateway import FakeGateway
from tests.portal.accounts import scene
from tests.portal.accounts.factors import moves
from tests.portal.home import fapiao
from tests.portal.home.conftest import Home, gateway, home
from tests.web import post_form

__all__ = ["gateway", "home"]

EMAIL, NAME = "unique.somebody@rare.example", "Zebedee Quirkenbaum"


@pytest.fixture
def lived(home: Home, gateway: FakeGateway) -> FlaskClient:
    """Somebody who did all there is to do; their browser."""
    with transaction() as db:
        factories.member(
            db, home.company, CompanyRole.BILLING, email=EMAIL, name=NAME, password=scene.hashed(), language="en"
        )
    browser = home.app.test_client()
    scene.sign_in(browser, EMAIL)
    _secret, codes = moves.add_app(browser)
    other = home.app.test_client()
    scene.sign_in(other, EMAIL)
    post_form(other, "/sign-in/second", code=codes[0])
    post_form(other, "/sign-in/code", email=EMAIL)
    post_form(other, "/forgot", email=EMAIL)
    home.browser = browser
    order = home.pay(home.contract())
    post_form(browser, fapiao.path(order), **fapiao.typed(email=EMAIL))
    post_form(browser, f"/orders/{order.number}/survey", kind="csat", score="4", reason=f"I am {NAME}")
    post_form(browser, "/account", name=NAME, language="en", theme="dark", zone="Asia/Tokyo")
    scene.mails()
    return browser


def found(*needles: str) -> list[str]:
    """Where any of the texts stands: every column of every table, however it is kept."""
    places = []
    with reading() as db:
        for metadata in METADATA:
            for table in metadata.sorted_tables:
                for row in db.execute(select(table)):
                    for column, value in row._mapping.items():
                        text = json.dumps(value, ensure_ascii=False, default=str).lower()
                        if any(needle.lower() in text for needle in needles):
                            places.append(f"{table.name}.{column}")
    return sorted(set(places))


def erase(client: FlaskClient) -> None:
    answer = post_form(client, "/account/data/erase", email=EMAIL)
    assert answer.location == "/sign-in", answer.text


def test_nothing_tells_any_more_who_it_was(lived: FlaskClient) -> None:
    before = found(EMAIL, NAME)
    assert {
        "people.email",
        "people.name",
        "mails.to_email",
        "orders.placed_email",
        "survey_answers.reason",
        "fapiao_requests.buyer",
    } <= set(before)
    erase(lived)
    assert found(EMAIL, NAME, EMAIL.partition("@")[0]) == []


def test_what_the_books_need_stays(lived: FlaskClient) -> None:
    erase(lived)
    with reading() as db:
        order = db.scalars(select(Order)).one()
        answer = db.scalars(select(SurveyAnswer)).one()
        note = db.scalars(select(AuditNote).where(AuditNote.action == "person.erased")).one()
        assert selfcheck.run(db) == []
    person_id = order.placed_by.removeprefix("person:")
    assert order.placed_email == f"erased-{person_id}@erased.invalid"
    assert (answer.score, answer.reason) == (4, None)
    assert note.actor == f"person:{person_id}"


def test_they_are_out_everywhere_and_the_address_is_free(lived: FlaskClient, home: Home) -> None:
    erase(lived)
    assert lived.get("/contracts").location.startswith("/sign-in")
    assert "E-mail or password is not right." in scene.sign_in(home.app.test_client(), EMAIL).text
    with transaction() as db:
        assert factories.person(db, EMAIL).id


def test_work_that_was_on_its_way_finds_nobody(lived: FlaskClient, home: Home) -> None:
    post_form(home.app.test_client(), "/forgot", email=EMAIL)
    erase(lived)
    scene.mails()
    with reading() as db:
        assert db.scalars(select(Mail).where(Mail.to_email == EMAIL)).all() == []


def test_a_letter_that_waits_is_not_handed_to_a_mail_server(lived: FlaskClient, app: Flask) -> None:
    """It would be empty, and for an address that nobody has."""
    with transaction() as db:
        letter = Letter("Secret plans", "Secret plans", ["For you alone."])
        mail.queue(db, "test.waiting", "test:1", EMAIL, "en", letter, NOW)
    erase(lived)
    with reading() as db:
        waiting = db.scalars(select(Mail).where(Mail.kind == "test.waiting")).one()
    assert (waiting.state, waiting.title, waiting.sent_at) == (MailState.SENT, "", None)
    sent: list[str] = []
    settings = app.extensions["settings"]
    app.extensions["settings"] = settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:1"})
    try:
        while outbox.run_due():
            sent.append("tried")
    finally:
        app.extensions["settings"] = settings
    with reading() as db:
        assert db.scalars(select(OutboxRow.error).where(OutboxRow.subject == f"mail:{waiting.id}")).one() is None


def test_it_is_meant(lived: FlaskClient) -> None:
    for typed in ("", "yes", "other@rare.example"):
        answer = post_form(lived, "/account/data/erase", email=typed)
        assert answer.status_code == 400
    assert lived.get("/account").status_code == 200


def test_the_last_owner_hands_over_first(client: FlaskClient) -> None:
    person = scene.member(scene.company())
    factories.sign_in(client, person)
    answer = post_form(client, "/account/data/erase", email=person.email)
    assert answer.status_code == 409
    assert "A team needs an owner." in answer.text
    with transaction() as db, pytest.raises(LastOwner):
        actions.erase(db, person.id, "person:1", NOW)


def test_staff_are_not_erased(client: FlaskClient) -> None:
    person = scene.staff(StaffRole.CS)
    factories.sign_in(client, person)
    assert "Erase me" not in client.get("/account/data").text
    assert post_form(client, "/account/data/erase", email=person.email).status_code == 409
    with transaction() as db, pytest.raises(StaffStay):
        actions.erase(db, person.id, "person:1", NOW)


def test_erasing_twice_is_erasing_once(lived: FlaskClient) -> None:
    erase(lived)
    with transaction() as db:
        person = db.scalars(select(Person).where(Person.erased_at.is_not(None))).one()
        actions.erase(db, person.id, "person:1", NOW + timedelta(days=1))
        assert person.erased_at == NOW


def test_everything_can_be_taken_along(lived: FlaskClient) -> None:
    page = lived.get("/account/data")
    assert "Orders placed" in page.text
    answer = post_form(lived, "/account/data.json")
    told = json.loads(answer.text)
    assert told["profile"]["email"] == EMAIL
    assert [team["role"] for team in told["teams"]] == ["billing"]
    assert len(told["orders_placed"]) == 1
    assert told["survey_answers"][0]["reason"] == f"I am {NAME}"
    assert told["authenticator_app"] is True
    assert any(line["what"] == "person.signed_in" for line in told["done"])
    assert "attachment" in answer.headers["Content-Disposition"]
    for secret in ("argon2", "gAAAA", "token", "_hash", scene.hashed()):
        assert secret not in answer.text
    with reading() as db:
        assert db.scalars(select(AuditNote).where(AuditNote.action == "person.data_taken")).one()


def test_what_is_old_is_forgotten(app: Flask, lived: FlaskClient) -> None:
    """Requests and links after a week, the text of letters after a year."""
    with reading() as db:
        assert db.scalars(select(OneTimeLink)).all()
        letters = len(db.scalars(select(Mail)).all())
    with time_machine.travel(NOW + timedelta(days=9), tick=False):
        accounts_jobs.tidy()
        mail.forget_texts()
    with reading() as db:
        assert db.scalars(select(OneTimeLink)).all() == []
        wanted = (actions.CODE_MAIL, "accounts.reset_mail")
        assert db.scalars(select(OutboxRow).where(OutboxRow.job.in_(wanted))).all() == []
        assert db.scalars(select(Mail).where(Mail.html != "")).all()
    with time_machine.travel(NOW + timedelta(days=366), tick=False):
        mail.forget_texts()
    with reading() as db:
        assert db.scalars(select(Mail).where(Mail.html != "")).all() == []
        assert len(db.scalars(select(Mail).where(Mail.title != "")).all()) == letters
    assert outbox.run_due() >= 0


def at_the_desk(home: Home) -> FlaskClient:
    browser = home.app.test_client()
    factories.sign_in(browser, scene.staff(StaffRole.ADMIN))
    return browser


def page_of(desk: FlaskClient) -> str:
    answer = post_form(desk, "/desk/people", email=f" {EMAIL.upper()} ")
    assert answer.status_code == 303, answer.text
    return answer.location


def test_an_administrator_takes_out_what_is_kept(lived: FlaskClient, home: Home) -> None:
    desk = at_the_desk(home)
    page = page_of(desk)
    assert NAME in desk.get(page).text
    told = json.loads(post_form(desk, f"{page}/data.json").text)
    assert (told["profile"]["email"], told["orders_placed"][0]["number"][:3]) == (EMAIL, "RNW")
    with reading() as db:
        note = db.scalars(select(AuditNote).where(AuditNote.action == "person.data_taken")).one()
    assert note.subject == f"person:{told['profile']['number']}"
    assert note.actor != note.subject


def test_an_administrator_erases_who_asks(lived: FlaskClient, home: Home) -> None:
    desk = at_the_desk(home)
    page = page_of(desk)
    assert post_form(desk, f"{page}/erase", email="somebody.else@rare.example").status_code == 400
    assert found(EMAIL)
    assert post_form(desk, f"{page}/erase", email=EMAIL).location == "/desk/people"
    assert found(EMAIL, NAME) == []
    assert desk.get(page).status_code == 404


def test_nobody_is_found_who_is_no_customer(home: Home) -> None:
    desk = at_the_desk(home)
    staff = scene.staff(StaffRole.CS, "cs.colleague@portal.example")
    for email in (staff.email, "nobody@nowhere.example"):
        answer = post_form(desk, "/desk/people", email=email)
        assert (answer.status_code, "No customer" in answer.text) == (404, True)
    assert desk.get(f"/desk/people/{staff.id}").status_code == 404


def test_an_administrator_signs_somebody_out(lived: FlaskClient, home: Home) -> None:
    desk = at_the_desk(home)
    page = page_of(desk)
    assert post_form(desk, f"{page}/sign-out").location == page
    assert lived.get("/contracts").location.startswith("/sign-in")
    assert found(EMAIL)


def test_a_last_owner_who_asks_is_erased_and_the_page_says_what_that_means(home: Home) -> None:
    desk, owner = at_the_desk(home), home.owner
    page = f"/desk/people/{owner.id}"
    assert "They alone decide at" in desk.get(page).text
    assert post_form(desk, f"{page}/erase", email=owner.email).location == "/desk/people"
    assert found(owner.email) == []
