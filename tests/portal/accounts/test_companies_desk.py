"""Companies at the desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from payments.money import Money
from portal.accounts import actions
from portal.accounts.models import Company, CompanyRole, Person, StaffRole
from portal.audit.models import AuditNote
from portal.kit.db import reading, transaction
from portal.orders import actions as orders
from tests import factories
from tests.conftest import NOW
from tests.portal.accounts import scene
from tests.web import hidden, post_form

FACTS = {"name": "Harbor Freight", "country": "US", "language": "en", "zone": "America/Los_Angeles"}


@pytest.fixture
def data(client: FlaskClient) -> Person:
    row = scene.staff(StaffRole.DATA)
    factories.sign_in(client, row)
    return row


def again(company: Company) -> Company:
    with reading() as db:
        return db.get_one(Company, company.id)


def notes() -> list[AuditNote]:
    with reading() as db:
        return list(db.scalars(select(AuditNote).order_by(AuditNote.id)))


def names(page: str) -> list[str]:
    linked = re.findall(r'href="/desk/companies/\d+(?:\?list=[^"]*)?">(.+?)</a>', page)
    return [re.sub("<[^>]+>", "", name) for name in linked]


def test_companies_come_in_pages_of_fifty_newest_first(
    client: FlaskClient, data: Person, statements: Callable[[], list[str]]
) -> None:
    with transaction() as db:
        for number in range(120):
            factories.company(db, name=f"C{number:03}", created_at=NOW - timedelta(days=number // 3))
    everything = [f"C{number:03}" for number in range(120)]
    statements()
    page = client.get("/desk/companies").text
    seen = statements()
    assert len(seen) <= 4
    assert not [line for line in seen if "count(" in line.lower()]
    found, first = names(page), names(page)
    assert len(first) == 50
    while older := re.search(r'href="(/desk/companies\?older=[^"]+)"', page):
        page = client.get(older.group(1)).text
        found += names(page)
    assert sorted(found) == everything
    newer = re.search(r'href="(/desk/companies\?newer=[^"]+)"', page)
    assert newer
    assert len(names(client.get(newer.group(1)).text)) == 50


def test_companies_are_found_by_a_part_of_the_name(client: FlaskClient, data: Person) -> None:
    with transaction() as db:
        for name in ("Aurora 极光科技", "AURORA Borealis", "100% Cotton", "Under_score", "Plain"):
            factories.company(db, name=name)
    search = client.get
    assert sorted(names(search("/desk/companies?q=aurora").text)) == ["AURORA Borealis", "Aurora 极光科技"]
    assert names(search("/desk/companies?q=极光").text) == ["Aurora 极光科技"]
    assert names(search("/desk/companies", query_string={"q": "100% c"}).text) == ["100% Cotton"]
    assert names(search("/desk/companies?q=score").text) == ["Under_score"]
    assert names(search("/desk/companies?q=科技").text) == ["Aurora 极光科技"]
    assert "No company matches" in search("/desk/companies?q=nothing").text


def test_an_old_page_of_the_list_leads_to_the_newest(client: FlaskClient, data: Person) -> None:
    scene.company()
    for address in ("?older=nonsense", "?newer=20990101T000000.000000Z-999", "?older=20000101T000000.000000Z-1"):
        assert client.get(f"/desk/companies{address}", follow_redirects=True).status_code == 200


def test_a_company_is_created(client: FlaskClient, data: Person) -> None:
    assert "Asia/Shanghai" in client.get("/desk/companies/new").text
    answer = post_form(client, "/desk/companies/new", **FACTS)
    with reading() as db:
        row = db.scalars(select(Company)).one()
    assert answer.location == f"/desk/companies/{row.id}"
    assert {name: getattr(row, name) for name in FACTS} == FACTS
    page = client.get(answer.location).text
    assert "United States" in page
    assert "/desk/contracts?q=Harbor%20Freight" in page
    assert [(note.action, note.actor) for note in notes()] == [("company.created", f"person:{data.id}")]


def test_a_second_company_of_the_name_needs_a_word(client: FlaskClient, data: Person) -> None:
    post_form(client, "/desk/companies/new", **FACTS)
    twin = FACTS | {"name": "harborFREIGHT "}
    answer = post_form(client, "/desk/companies/new", **twin)
    assert answer.status_code == 409
    assert "There is a company with this name already." in answer.text
    assert "Create it all the same" in answer.text
    elsewhere = FACTS | {"country": "CN"}
    assert post_form(client, "/desk/companies/new", **elsewhere).status_code == 302
    assert post_form(client, "/desk/companies/new", **twin, do="create-all-the-same").status_code == 302
    with reading() as db:
        assert len(db.scalars(select(Company)).all()) == 3


def test_zones_are_offered_once(client: FlaskClient, data: Person) -> None:
    text = client.get("/desk/companies/new").text
    for offered in ("Asia/Shanghai", "America/Los_Angeles", "Europe/Berlin"):
        assert f'value="{offered}"' in text, offered
    for alias in ("US/Pacific", "Etc/UTC", "Asia/Calcutta", "PRC"):
        assert f'value="{alias}"' not in text, alias


def test_a_company_tells_its_story_and_leads_to_a_new_contract(client: FlaskClient, data: Person) -> None:
    company = scene.company("Old Name")
    url = f"/desk/companies/{company.id}"
    version = hidden(client.get(f"{url}/edit"), "version")
    post_form(client, f"{url}/edit", **FACTS, version=version, title="Harbor Inc.", tax_id="", address="")
    post_form(client, f"{url}/members", email="new@aurora.example", name="Wen Li", role="payer")
    text = client.get(url).text
    assert f"/desk/contracts/new?company={company.id}" in text
    for shown in ("Company corrected", "Name: from Old Name to Harbor Freight.", "Added to the team: Wen Li",
                  "Payer", "Invoice title: from nothing to Harbor Inc.", data.name,
                  "Sees prices, pays, keeps the invoice details"):  # fmt: skip
        assert shown in text, shown
    assert re.search(r"Wen Li\s*<br>", text), "a pending member's typed name"


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"name": "x" * 121}, {"country": "XX"}, {"zone": "Mars/Base"}, {"language": "fr"}]
)
def test_what_is_no_company(client: FlaskClient, data: Person, wrong: dict[str, str]) -> None:
    answer = post_form(client, "/desk/companies/new", **(FACTS | wrong))
    assert answer.status_code == 400
    assert "<title>Error: " in answer.text
    assert "Harbor Freight" in answer.text or "name" in wrong
    with reading() as db:
        assert db.scalars(select(Company)).all() == []


def test_a_company_is_corrected_and_the_trail_tells_both(client: FlaskClient, data: Person) -> None:
    company = scene.company("Old Name")
    url = f"/desk/companies/{company.id}/edit"
    version = hidden(client.get(url), "version")
    fields = {**FACTS, "version": version, "title": "Harbor Inc.", "tax_id": "T1", "address": ""}
    assert post_form(client, url, **fields).location == f"/desk/companies/{company.id}"
    row = again(company)
    assert row.name == "Harbor Freight"
    assert row.invoice_details == {"title": "Harbor Inc.", "tax_id": "T1"}
    (note,) = notes()
    assert note.facts["before"]["name"] == "Old Name"
    assert note.facts["after"]["name"] == "Harbor Freight"
    fresh = {**fields, "version": str(row.version)}
    post_form(client, url, **fresh)
    assert again(company).version == row.version  # nothing new, nothing written
    assert len(notes()) == 1


def test_the_second_of_two_edits_is_told_and_overwrites_nothing(client: FlaskClient, data: Person) -> None:
    company = scene.company("First")
    url = f"/desk/companies/{company.id}/edit"
    version = hidden(client.get(url), "version")
    post_form(client, url, **FACTS, version=version)
    answer = post_form(client, url, **(FACTS | {"name": "Second"}), version=version)
    assert answer.status_code == 409
    assert f"Not saved: {data.name} changed it meanwhile." in answer.text
    assert 'value="Second"' in answer.text
    assert "Now: Harbor Freight" in answer.text
    assert again(company).name == "Harbor Freight"
    fresh = hidden(answer, "version")
    assert post_form(client, url, **(FACTS | {"name": "Second"}), version=fresh).status_code == 302
    assert post_form(client, url, **FACTS, version="²").status_code == 409


def test_a_bad_correction_keeps_what_was_typed(client: FlaskClient, data: Person) -> None:
    company = scene.company()
    answer = post_form(client, f"/desk/companies/{company.id}/edit", **(FACTS | {"zone": ""}), version="1")
    assert answer.status_code == 400
    assert 'value="Harbor Freight"' in answer.text


def test_invoice_details_of_the_customer_page(app: Flask) -> None:
    company = scene.company()
    with transaction() as db:
        row = db.get_one(Company, company.id)
        actions.change_invoice_details(db, row, {"title": "极光"}, "person:1", NOW)
        actions.change_invoice_details(db, row, {"title": "极光"}, "person:1", NOW)
    assert again(company).invoice_details == {"title": "极光"}
    assert [note.action for note in notes()] == ["company.invoice_details_changed"]
    assert notes()[0].facts == {"changed": ["title"]}  # not to what: the trail forgets nothing


def test_staff_add_and_invite_members(client: FlaskClient, data: Person) -> None:
    company = scene.company()
    url = f"/desk/companies/{company.id}/members"
    assert "Nobody at this company can sign in yet" in client.get(f"/desk/companies/{company.id}").text
    assert post_form(client, url, email="new@aurora.example", name="New", role="owner").status_code == 302
    assert "invites you" in scene.mails()[0].text
    assert post_form(client, url, email="new@aurora.example", name="New", role="owner").status_code == 409
    assert post_form(client, url, email="new", name="New", role="owner").status_code == 400
    with transaction() as db:
        row = actions.add_member(
            db, db.get_one(Company, company.id), "b@aurora.example", "B", CompanyRole.PAYER, "system", NOW
        )
    assert "b@aurora.example" in client.get(f"/desk/companies/{company.id}").text
    assert post_form(client, f"/desk/members/{row.id}/invite").location == f"/desk/companies/{company.id}"
    assert len(scene.mails()) == 2
    assert post_form(client, "/desk/members/999999/invite").status_code == 404


@pytest.mark.parametrize(
    ("role", "read", "create", "correct", "invite"),
    [
        (StaffRole.CS, True, False, True, True),
        (StaffRole.SALES, True, False, False, True),
        (StaffRole.FINANCE, True, False, False, False),
        (StaffRole.DATA, True, True, True, True),
        (StaffRole.ADMIN, True, True, True, True),
        (StaffRole.AUDITOR, True, False, False, False),
        (None, False, False, False, False),
    ],
)
def test_who_may_do_what(
    client: FlaskClient, role: StaffRole | None, read: bool, create: bool, correct: bool, invite: bool
) -> None:
    company = scene.company()
    factories.sign_in(client, scene.staff(role) if role else scene.member(company))
    url = f"/desk/companies/{company.id}"
    member = {"email": "a@b.example", "name": "A", "role": "viewer"}
    edit = {**FACTS, "version": "1"}
    answers = (
        client.get(url).status_code,
        client.get("/desk/companies").status_code,
        post_form(client, "/desk/companies/new", **FACTS).status_code,
        post_form(client, f"{url}/edit", **edit).status_code,
        post_form(client, f"{url}/members", **member).status_code,
    )
    wanted = (
        200 if read else 403,
        200 if read else 403,
        *(302 if may else 403 for may in (create, correct, invite)),
    )
    assert answers == wanted


def test_companies_that_are_not_there(client: FlaskClient, data: Person) -> None:
    for path in ("", "/edit"):
        assert client.get(f"/desk/companies/999999{path}").status_code == 404
    assert client.get(f"/desk/companies/{'9' * 19}").status_code == 404
    assert post_form(client, "/desk/companies/999999/edit", **FACTS).status_code == 404
    assert post_form(client, "/desk/companies/999999/members", **FACTS).status_code == 404


def test_a_limit_for_approval_is_told_without_its_amount(client: FlaskClient) -> None:
    """Not all who read a company's story may see prices."""
    company = scene.company()
    with transaction() as db:
        orders.set_approval_limit(db, company.id, "CNY", Money(500_000, "CNY"), "system", NOW)
    factories.sign_in(client, scene.staff(StaffRole.DATA))
    page = client.get(f"/desk/companies/{company.id}").text
    assert "Limit for approval set" in page
    assert "500000" not in page
