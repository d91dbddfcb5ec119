"""Leaving a team, handing it over, and looking at one of several."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.models import Company, CompanyRole, Membership, MemberState, Person
from portal.kit.db import reading, transaction
from tests import factories
from tests.portal.accounts import scene
from tests.web import post_form


def place(person: Person, company: Company) -> Membership:
    with reading() as db:
        wanted = select(Membership).where(Membership.person_id == person.id, Membership.company_id == company.id)
        return db.scalars(wanted).one()


def test_everybody_may_leave(client: FlaskClient) -> None:
    company = scene.company()
    scene.member(company)
    viewer = scene.member(company, CompanyRole.VIEWER)
    factories.sign_in(client, viewer)
    path = f"/team/{company.id}/leave"
    assert path in client.get("/account").text
    assert "You lose access to its contracts at once." in client.get(path).text
    assert post_form(client, path).location == "/account"
    assert place(viewer, company).state is MemberState.LEFT
    assert client.get("/contracts").status_code == 403


def test_the_last_owner_cannot_leave(client: FlaskClient) -> None:
    company = scene.company()
    owner = scene.member(company)
    scene.member(company, CompanyRole.BILLING)
    factories.sign_in(client, owner)
    answer = post_form(client, f"/team/{company.id}/leave")
    assert answer.status_code == 409
    assert "A team needs an owner." in answer.text
    assert place(owner, company).state is MemberState.ACTIVE


def test_others_teams_are_not_there_to_leave(client: FlaskClient) -> None:
    other = scene.company("Beta")
    factories.sign_in(client, scene.member(scene.company()))
    assert client.get(f"/team/{other.id}/leave").status_code == 404
    assert post_form(client, f"/team/{other.id}/leave").status_code == 404


def test_a_team_is_handed_over(client: FlaskClient) -> None:
    company = scene.company()
    owner, next_one = scene.member(company), scene.member(company, CompanyRole.BILLING)
    factories.sign_in(client, owner)
    mine, theirs = place(owner, company), place(next_one, company)
    assert "Hand the team over" in client.get(f"/team/members/{theirs.id}").text
    assert "Hand the team over" not in client.get(f"/team/members/{mine.id}").text
    assert post_form(client, f"/team/members/{mine.id}/hand-over").status_code == 409
    assert post_form(client, f"/team/members/{theirs.id}/hand-over").location == "/contracts"
    assert place(next_one, company).role is CompanyRole.OWNER
    assert place(owner, company).role is CompanyRole.VIEWER
    assert client.get("/team").status_code == 403


def test_not_to_somebody_who_has_not_joined(client: FlaskClient) -> None:
    company = scene.company()
    owner, guest = scene.member(company), scene.member(company, CompanyRole.VIEWER)
    with transaction() as db:
        row = db.scalars(select(Membership).where(Membership.person_id == guest.id)).one()
        row.state = MemberState.PENDING
    factories.sign_in(client, owner)
    assert post_form(client, f"/team/members/{row.id}/hand-over").status_code == 409
    assert place(owner, company).role is CompanyRole.OWNER


@pytest.fixture
def twofold(client: FlaskClient) -> tuple[Company, Company]:
    """Two companies with a contract each, and somebody who owns both, signed in."""
    one, two = scene.company("Aurora"), scene.company("Beta")
    person = scene.member(one)
    with transaction() as db:
        db.add(
            Membership(company_id=two.id, person_id=person.id, role=CompanyRole.OWNER, state=MemberState.ACTIVE)
        )
        factories.book(db)
        factories.contract(db, one, number="CT-1")
        factories.contract(db, two, number="CT-2")
    factories.sign_in(client, person)
    return one, two


def seen(client: FlaskClient) -> set[str]:
    text = client.get("/contracts").text
    return {number for number in ("CT-1", "CT-2") if f"contract:{number}" in text}


def test_one_of_several_companies_is_looked_at(client: FlaskClient, twofold: tuple[Company, Company]) -> None:
    one, two = twofold
    assert seen(client) == {"CT-1", "CT-2"}
    answer = post_form(client, "/company", to=str(two.id), next="/contracts")
    assert (answer.status_code, answer.location) == (303, "/contracts")
    assert seen(client) == {"CT-2"}
    assert "Beta" in client.get("/team").text
    assert client.get("/contracts/CT-1").status_code == 200  # it narrows lists, never rights
    post_form(client, "/company", to="", next="/contracts")
    assert seen(client) == {"CT-1", "CT-2"}
    assert post_form(client, "/company", to="99999").status_code == 404
    assert post_form(client, "/company", to=str(one.id), next="//evil.example").location == "/contracts"


def test_a_company_that_one_left_is_in_view_no_more(client: FlaskClient, twofold: tuple[Company, Company]) -> None:
    _one, two = twofold
    post_form(client, "/company", to=str(two.id))
    with transaction() as db:
        row = db.scalars(select(Membership).where(Membership.company_id == two.id)).one()
        row.state = MemberState.LEFT
    assert seen(client) == {"CT-1"}


def test_who_has_one_company_sees_no_switch(client: FlaskClient) -> None:
    factories.sign_in(client, scene.member(scene.company()))
    assert 'data-action="look-at-company"' not in client.get("/contracts").text
