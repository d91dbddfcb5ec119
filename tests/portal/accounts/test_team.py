"""Owners keep their company's team."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts import actions, queries
from portal.accounts.errors import LastOwner
from portal.accounts.models import Company, CompanyRole, Membership, MemberState, Person, StaffRole
from portal.audit.models import AuditNote
from portal.kit.db import reading, transaction
from tests import factories
from tests.conftest import NOW
from tests.portal.accounts import scene
from tests.web import post_form


@pytest.fixture
def company(app: Flask) -> Company:
    return scene.company()


@pytest.fixture
def owner(company: Company, client: FlaskClient) -> Person:
    person = scene.member(company)
    factories.sign_in(client, person)
    return person


def membership_of(person: Person) -> Membership:
    with reading() as db:
        return db.scalars(select(Membership).where(Membership.person_id == person.id)).one()


def notes() -> list[str]:
    with reading() as db:
        return list(db.scalars(select(AuditNote.action).order_by(AuditNote.id)))


def test_the_page_shows_people_roles_and_states(
    client: FlaskClient, company: Company, owner: Person, statements: Callable[[], list[str]]
) -> None:
    scene.member(company, CompanyRole.VIEWER, "viewer@aurora.example")
    statements()
    page = client.get("/team")
    assert len(statements()) <= 6
    assert "2 people look after Aurora" in page.text
    assert 'data-fact="member-role" data-value="viewer"' in page.text
    assert "viewer@aurora.example" in page.text


def test_adding_somebody_sends_an_invitation(client: FlaskClient, company: Company, owner: Person) -> None:
    answer = post_form(
        client, f"/team/{company.id}/members", email=" Mark@Aurora.example", name="Mark Weber", role="billing"
    )
    assert answer.location == f"/team?company={company.id}"
    assert [mail.to_email for mail in scene.mails()] == ["mark@aurora.example"]
    page = client.get("/team").text
    assert "mark@aurora.example" in page
    assert 'data-fact="member-state" data-value="pending"' in page
    assert notes() == ["member.added", "member.invited"]


def test_an_address_tells_nothing_about_its_account(client: FlaskClient, company: Company, owner: Person) -> None:
    other = scene.company("Elsewhere")
    known = scene.member(other, email="known@elsewhere.example")
    for email in (known.email, "unknown@elsewhere.example"):
        post_form(client, f"/team/{company.id}/members", email=email, name="Typed Name", role="viewer")
    page = client.get("/team").text.replace("known@", "X@").replace("unX@", "X@")
    assert known.name not in page.replace(owner.name, "", 2)
    assert page.count('data-value="pending"') == 2


@pytest.mark.parametrize(
    ("fields", "status", "why"),
    [
        ({"email": "nothing", "name": "A", "role": "viewer"}, 400, "name@company.com"),
        ({"email": "a@b.example", "name": "", "role": "viewer"}, 400, "Type a name."),
        ({"email": "a@b.example", "name": "A", "role": "admin"}, 400, "Not a valid choice"),
        ({"email": "a@b.example", "name": "x" * 121, "role": "viewer"}, 400, "120"),
        ({"email": "cs@portal.example", "name": "A", "role": "viewer"}, 409, "cannot be invited"),
        ({"email": "owner@aurora.example", "name": "A", "role": "viewer"}, 409, "in this team already"),
    ],
)
def test_what_cannot_be_added(
    client: FlaskClient, company: Company, fields: dict[str, str], status: int, why: str
) -> None:
    factories.sign_in(client, scene.member(company, email="owner@aurora.example"))
    scene.staff(StaffRole.CS, "cs@portal.example")
    answer = post_form(client, f"/team/{company.id}/members", **fields)
    assert answer.status_code == status
    assert why in answer.text
    assert "<title>Error: " in answer.text
    assert scene.mails() == []


def test_a_role_changes_and_holds_at_once(
    app: Flask, client: FlaskClient, company: Company, owner: Person
) -> None:
    other = scene.member(company, CompanyRole.OWNER)
    browser = app.test_client()
    factories.sign_in(browser, other)
    assert browser.get("/team").status_code == 200
    url = f"/team/members/{membership_of(other).id}"
    assert 'value="owner"' in client.get(url).text
    assert post_form(client, url, role="viewer").status_code == 302
    assert browser.get("/team").status_code == 403
    assert membership_of(other).role is CompanyRole.VIEWER
    assert post_form(client, url, role="viewer").status_code == 302  # the same once more changes nothing
    assert notes() == ["member.role_changed"]
    assert post_form(client, url, role="emperor").status_code == 400


def test_the_last_owner_stays_owner(client: FlaskClient, company: Company, owner: Person) -> None:
    url = f"/team/members/{membership_of(owner).id}"
    for path, fields in ((url, {"role": "viewer"}), (f"{url}/remove", {})):
        answer = post_form(client, path, **fields)
        assert answer.status_code == 409
        assert "A team needs an owner" in answer.text
    assert membership_of(owner).role is CompanyRole.OWNER


def test_a_pending_or_inactive_owner_does_not_count(client: FlaskClient, company: Company, owner: Person) -> None:
    with transaction() as db:
        actions.add_member(db, company, "new@aurora.example", "New", CompanyRole.OWNER, "system", NOW)
        factories.member(db, company, active=False)
    with pytest.raises(LastOwner), transaction() as db:
        mine = queries.membership(db, membership_of(owner).id)
        assert mine is not None
        actions.remove_member(db, mine, "system", NOW)


def test_an_owner_may_leave_when_another_stays(client: FlaskClient, company: Company, owner: Person) -> None:
    scene.member(company)
    url = f"/team/members/{membership_of(owner).id}/remove"
    assert "lose access at once" in client.get(url).text
    assert post_form(client, url).location == "/contracts"
    assert client.get("/team").status_code == 403


def test_who_left_can_come_back(client: FlaskClient, company: Company, owner: Person) -> None:
    other = scene.member(company, CompanyRole.PAYER, "mark@aurora.example")
    assert post_form(client, f"/team/members/{membership_of(other).id}/remove").status_code == 302
    assert "mark@aurora.example" not in client.get("/team").text
    post_form(client, f"/team/{company.id}/members", email="mark@aurora.example", name="M", role="viewer")
    back = membership_of(other)
    assert (back.role, back.state, back.joined_at) == (CompanyRole.VIEWER, MemberState.PENDING, None)


def test_pending_members_are_invited_again(client: FlaskClient, company: Company, owner: Person) -> None:
    with transaction() as db:
        row = actions.add_member(db, company, "new@aurora.example", "New", CompanyRole.VIEWER, "system", NOW)
    assert 'data-action="invite-member"' in client.get("/team").text
    assert post_form(client, f"/team/members/{row.id}/invite").status_code == 302
    assert len(scene.mails()) == 1
    active = membership_of(owner)
    assert post_form(client, f"/team/members/{active.id}/invite").status_code == 302
    assert len(scene.mails()) == 1


def test_other_companies_teams_do_not_exist(client: FlaskClient, company: Company, owner: Person) -> None:
    foreign = scene.company("Foreign")
    theirs = membership_of(scene.member(foreign))
    assert client.get(f"/team?company={foreign.id}").status_code == 404
    fields = {"email": "a@b.example", "name": "A", "role": "owner"}
    assert post_form(client, f"/team/{foreign.id}/members", **fields).status_code == 404
    for path in ("", "/remove"):
        assert client.get(f"/team/members/{theirs.id}{path}").status_code == 404
        assert post_form(client, f"/team/members/{theirs.id}{path}", role="viewer").status_code == 404
    assert post_form(client, f"/team/members/{theirs.id}/invite").status_code == 404
    assert client.get("/team/members/999999").status_code == 404


def test_an_owner_of_two_companies_chooses(client: FlaskClient, company: Company, owner: Person) -> None:
    second = scene.company("Second")
    with transaction() as db:
        db.add(
            Membership(company_id=second.id, person_id=owner.id, role=CompanyRole.OWNER, state=MemberState.ACTIVE)
        )
    page = client.get("/team").text
    assert f"/team?company={second.id}" in page
    assert "Second" in client.get(f"/team?company={second.id}").text


@pytest.mark.parametrize("role", [role for role in CompanyRole if role is not CompanyRole.OWNER])
def test_only_owners_keep_the_team(client: FlaskClient, company: Company, role: CompanyRole) -> None:
    factories.sign_in(client, scene.member(company, role))
    assert client.get("/team").status_code == 403
    fields = {"email": "a@b.example", "name": "A", "role": "owner"}
    assert post_form(client, f"/team/{company.id}/members", **fields).status_code == 403


def test_posted_ids_and_roles_of_others_are_ignored(client: FlaskClient, company: Company, owner: Person) -> None:
    foreign = scene.company("Foreign")
    post_form(
        client, f"/team/{company.id}/members", email="a@b.example", name="A", role="viewer",
        company_id=str(foreign.id), staff_role="admin", state="active", person_id="1",
    )  # fmt: skip
    with reading() as db:
        person = db.scalars(select(Person).where(Person.email == "a@b.example")).one()
        membership = db.scalars(select(Membership).where(Membership.person_id == person.id)).one()
    assert (person.staff_role, membership.company_id) == (None, company.id)
    assert membership.state is MemberState.PENDING
