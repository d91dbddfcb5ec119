"""Staff look at the portal as a customer: they see what that person sees, change nothing, and it is noted."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from structlog.testing import capture_logs

from portal.accounts import actions
from portal.accounts.models import (
    CompanyRole,
    Membership,
    MemberState,
    Person,
    SignInSession,
    StaffRole,
)
from portal.accounts.rules import VIEW_LIFETIME
from portal.audit.models import AuditNote
from portal.home.views import payment
from portal.kit.db import reading, transaction
from portal.kit.guard import Door
from tests import factories
from tests.conftest import NOW
from tests.portal.access import table
from tests.portal.access.table import Cell
from tests.portal.access.test_every_cell import call, cells, snapshot
from tests.portal.access.world import World, signed
from tests.web import post_form

pytestmark = pytest.mark.pages_alone

# What staff may send while they look: the end of it, and the end of their own session.
ENDS = {"accounts_desk.end_view", "security.logout"}


def place_of(world: World, role: CompanyRole) -> int:
    with reading() as db:
        return db.scalars(
            select(Membership.id).where(Membership.person_id == world.own.people[role].id)
        ).one()  # fmt: skip


def look_as(app: Flask, world: World, role: CompanyRole, staff: StaffRole = StaffRole.CS) -> FlaskClient:
    client = signed(app, world.staff[staff])
    answer = post_form(client, f"/desk/members/{place_of(world, role)}/view", reason="help")
    assert answer.status_code == 303, answer.text
    return client


def seen_by(client: FlaskClient) -> str | None:
    """Whose name the page above all carries; None: nobody is looked at."""
    page = client.get("/contracts")
    return "sees" if page.status_code == 200 and 'data-fact="viewing-as"' in page.text else None


def as_customer(app: Flask, world: World, role: CompanyRole) -> list[Cell]:
    return [cell for cell in cells(app, world) if cell.role is role]


@pytest.mark.parametrize("role", [CompanyRole.OWNER, CompanyRole.VIEWER])
def test_they_see_what_the_person_sees_and_nothing_else(app: Flask, world: World, role: CompanyRole) -> None:
    client, wrong = look_as(app, world, role), []
    for cell in as_customer(app, world, role):
        if cell.method != "GET" or cell.endpoint in table.NOT_THERE:
            continue
        got, personal = table.seen(*call(client, cell)), cell.need in {Door.SIGNED_IN, Door.SETTING_UP}
        wanted = "barred" if personal else table.expected(cell)
        if wanted not in ("any", got):
            wrong.append(f"{cell}: {got}, not {wanted}")
    assert wrong == []


def test_they_change_nothing(app: Flask, world: World) -> None:
    client = look_as(app, world, CompanyRole.OWNER)
    every = as_customer(app, world, CompanyRole.OWNER)
    before, let_in = snapshot(), set()
    assert len([cell for cell in every if cell.method != "GET"]) > 40
    for cell in every:
        if cell.endpoint not in ENDS and call(client, cell)[0] not in {403, 404} and cell.method != "GET":
            let_in.add(cell.endpoint)
    after = snapshot()
    assert let_in <= {"checkout.stripe_webhook"}
    assert [name for name in before if before[name] != after[name] and name != "sign_in_sessions"] == []


def test_the_page_says_so_and_leads_back(app: Flask, world: World) -> None:
    client = look_as(app, world, CompanyRole.OWNER)
    page = client.get("/contracts").text
    assert 'data-fact="viewing-as"' in page
    assert 'data-action="set-language"' not in page
    assert "Nothing was changed" in post_form(client, "/account/password", current="x").text
    answer = post_form(client, "/desk/view/end")
    assert answer.location == f"/desk/companies/{world.own.company_id}"
    assert client.get("/desk/orders").status_code == 200
    assert post_form(client, "/desk/view/end").location == "/desk/orders"


def test_it_is_noted_and_the_person_can_read_it(app: Flask, world: World) -> None:
    owner = world.own.people[CompanyRole.OWNER]
    post_form(look_as(app, world, CompanyRole.OWNER), "/desk/view/end")
    with reading() as db:
        looks = AuditNote.action.startswith("person.view_")
        notes = db.scalars(select(AuditNote).where(looks).order_by(AuditNote.id)).all()
        told = [(note.action, note.actor, note.subject) for note in notes]
    cs = f"person:{world.staff[StaffRole.CS].id}"
    assert told == [(f"person.view_{what}", cs, f"person:{owner.id}") for what in ("begun", "ended")]
    own = json.loads(post_form(signed(app, owner), "/account/data.json").text)
    assert [look["reason"] for look in own["looked_on"]] == ["help"]


def test_without_a_reason_nothing_begins(app: Flask, world: World) -> None:
    client = signed(app, world.staff[StaffRole.CS])
    answer = post_form(client, f"/desk/members/{place_of(world, CompanyRole.OWNER)}/view")
    assert answer.status_code == 400
    assert "Choose a reason." in answer.text
    assert seen_by(client) is None


def test_who_has_not_joined_cannot_be_looked_at(app: Flask, world: World) -> None:
    place = place_of(world, CompanyRole.OWNER)
    with transaction() as db:
        db.get_one(Membership, place).state = MemberState.PENDING
    assert signed(app, world.staff[StaffRole.CS]).get(f"/desk/members/{place}/view").status_code == 404


@pytest.mark.parametrize("lost", ["time", "person", "team", "role"])
def test_it_ends_by_itself(app: Flask, world: World, lost: str) -> None:
    client = look_as(app, world, CompanyRole.OWNER)
    assert seen_by(client)
    owner = world.own.people[CompanyRole.OWNER]
    with transaction() as db:
        if lost == "time":
            row = db.scalars(select(SignInSession).where(SignInSession.viewed_id.is_not(None))).one()
            assert row.viewed_until is not None
            row.viewed_until -= VIEW_LIFETIME
        elif lost == "person":
            db.get_one(Person, owner.id).active = False
        elif lost == "team":
            db.get_one(Membership, place_of(world, CompanyRole.OWNER)).state = MemberState.LEFT
        elif lost == "role":
            staff = db.get_one(Person, world.staff[StaffRole.CS].id)
            actions.change_staff_role(db, staff, StaffRole.FINANCE, world.staff[StaffRole.ADMIN].id, NOW)
    assert seen_by(client) is None
    assert client.get("/desk/orders").status_code == 200


def test_signing_out_ends_both(app: Flask, world: World) -> None:
    client = look_as(app, world, CompanyRole.OWNER)
    post_form(client, "/sign-out")
    assert client.get("/contracts").location.startswith("/sign-in")


def test_a_look_is_at_one_company_alone(app: Flask, world: World) -> None:
    """Somebody in two: what is not of the company where the look began is not there."""
    owner = world.own.people[CompanyRole.OWNER]
    with transaction() as db:
        other = factories.company(db, "Zenith")
        db.add(
            Membership(company_id=other.id, person_id=owner.id, role=CompanyRole.OWNER, state=MemberState.ACTIVE)
        )
        contract = factories.contract(db, other)
        db.flush()
        place = db.scalars(select(Membership.id).where(Membership.company_id == other.id)).one()
    client = signed(app, world.staff[StaffRole.CS])
    post_form(client, f"/desk/members/{place}/view", reason="check")
    assert client.get(f"/contracts/{contract.number}").status_code == 200
    assert client.get(f"/contracts/{world.own.things['contract']}").status_code == 404
    assert world.own.things["contract"] not in client.get("/contracts").text
    assert post_form(client, "/desk/view/end").location == f"/desk/companies/{other.id}"


def test_looking_asks_no_provider(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page to which the provider sends people back has its truth carried out: not for who only looks."""
    number = world.own.things["waiting"]
    client = look_as(app, world, CompanyRole.OWNER)

    def asked(_number: str) -> bool:
        raise AssertionError("the provider was asked")

    monkeypatch.setattr(payment, "_ask_provider", asked)
    assert client.get(f"/orders/{number}/return").location == f"/orders/{number}"


def test_the_log_names_who_sits_there(app: Flask, world: World) -> None:
    client = look_as(app, world, CompanyRole.OWNER)
    with capture_logs() as lines:
        client.get(f"/team?company={world.foreign.company_id}")
    staff, owner = world.staff[StaffRole.CS].id, world.own.people[CompanyRole.OWNER].id
    assert [line["who"] for line in lines] == [f"person:{staff} as person:{owner}"]
