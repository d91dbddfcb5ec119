"""Staff accounts at the desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.models import Person, StaffRole
from portal.audit.models import AuditNote
from portal.kit.db import reading
from tests import factories
from tests.portal.accounts import scene
from tests.portal.accounts.factors import moves
from tests.web import post_form

NEW = {"email": "New@Portal.example", "name": "Dana Fox", "role": "sales"}


@pytest.fixture
def admin(client: FlaskClient) -> Person:
    row = scene.staff(StaffRole.ADMIN)
    factories.sign_in(client, row)
    return row


def again(person: Person) -> Person:
    with reading() as db:
        return db.get_one(Person, person.id)


def notes() -> list[tuple[str, str]]:
    with reading() as db:
        return [(note.action, note.actor) for note in db.scalars(select(AuditNote).order_by(AuditNote.id))]


def test_the_list_costs_few_statements(
    client: FlaskClient, admin: Person, statements: Callable[[], list[str]]
) -> None:
    scene.staff(StaffRole.CS)
    statements()
    page = client.get("/desk/access").text
    assert len(statements()) <= 3
    assert "2 people work here" in page
    assert 'data-fact="staff-role" data-value="cs"' in page


def test_staff_are_added_and_invited(client: FlaskClient, admin: Person) -> None:
    assert post_form(client, "/desk/access", **NEW).location == "/desk/access"
    with reading() as db:
        row = db.scalars(select(Person).where(Person.email == "new@portal.example")).one()
    assert (row.staff_role, row.password) == (StaffRole.SALES, None)
    assert [mail.to_email for mail in scene.mails()] == ["new@portal.example"]
    assert 'data-value="pending"' in client.get("/desk/access").text
    assert notes() == [("staff.created", f"person:{admin.id}")]
    assert "Invite again" in client.get(f"/desk/access/{row.id}").text
    assert post_form(client, f"/desk/access/{row.id}/invite").status_code == 302
    assert len(scene.mails()) == 1  # the same minute


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"email": "x"}, 400),
        ({"role": "owner"}, 400),
        ({"name": ""}, 400),
        ({"email": "member@aurora.example"}, 409),
    ],
)
def test_who_cannot_become_staff(client: FlaskClient, admin: Person, wrong: dict[str, str], status: int) -> None:
    customer = scene.member(scene.company(), email="member@aurora.example")
    assert post_form(client, "/desk/access", **(NEW | wrong)).status_code == status
    assert again(customer).staff_role is None


def test_a_role_changes_and_holds_at_once(app: Flask, client: FlaskClient, admin: Person) -> None:
    other = scene.staff(StaffRole.ADMIN, "second@portal.example")
    browser = app.test_client()
    factories.sign_in(browser, other)
    url = f"/desk/access/{other.id}"
    assert browser.get("/desk/access").status_code == 200
    for _ in range(2):
        assert post_form(client, url, role="cs").status_code == 302
    assert browser.get("/desk/access").status_code == 403
    assert notes() == [("staff.role_changed", f"person:{admin.id}")]
    assert post_form(client, url, role="emperor").status_code == 400


def test_nobody_grants_or_takes_from_themselves(client: FlaskClient, admin: Person) -> None:
    url = f"/desk/access/{admin.id}"
    assert "This is you." in client.get(url).text
    for path, fields in (("", {"role": "finance"}), ("/deactivate", {}), ("/activate", {})):
        answer = post_form(client, url + path, **fields)
        assert answer.status_code == 409
        assert "You cannot change your own role or access." in answer.text
    assert (again(admin).staff_role, again(admin).active) == (StaffRole.ADMIN, True)
    assert notes() == []


def test_access_is_taken_and_given_back(app: Flask, client: FlaskClient, admin: Person) -> None:
    other = scene.staff(StaffRole.CS)
    browser = app.test_client()
    factories.sign_in(browser, other)
    assert browser.get("/account").status_code == 200
    assert "Take access away from" in client.get(f"/desk/access/{other.id}/deactivate").text
    for _ in range(2):
        assert post_form(client, f"/desk/access/{other.id}/deactivate").status_code == 302
    assert browser.get("/account").status_code == 302
    assert scene.sign_in(app.test_client(), other.email).status_code == 200
    assert "No access" in client.get("/desk/access").text
    assert "Give access back" in client.get(f"/desk/access/{other.id}").text
    assert post_form(client, f"/desk/access/{other.id}/activate").status_code == 302
    assert browser.get("/account").status_code == 302  # the old session stays dead
    assert scene.sign_in(app.test_client(), other.email).status_code == 302
    assert [action for action, _by in notes()][:2] == ["staff.deactivated", "staff.activated"]


def test_customers_are_no_staff(client: FlaskClient, admin: Person) -> None:
    customer = scene.member(scene.company())
    for path in ("", "/deactivate"):
        assert client.get(f"/desk/access/{customer.id}{path}").status_code == 404
    for path in ("", "/deactivate", "/activate", "/invite"):
        assert post_form(client, f"/desk/access/{customer.id}{path}", role="admin").status_code == 404
    assert again(customer).staff_role is None


@pytest.mark.parametrize("role", [role for role in StaffRole if role is not StaffRole.ADMIN])
def test_only_administrators_change_and_auditors_read(client: FlaskClient, role: StaffRole) -> None:
    person = scene.staff(role)
    factories.sign_in(client, person)
    assert client.get("/desk/access").status_code == (200 if role is StaffRole.AUDITOR else 403)
    assert client.get(f"/desk/access/{person.id}").status_code == 403
    assert post_form(client, "/desk/access", **NEW).status_code == 403
    assert post_form(client, f"/desk/access/{person.id}", role="admin").status_code == 403
    assert again(person).staff_role is role


def test_second_steps_are_removed_for_who_lost_them(app: Flask, client: FlaskClient, admin: Person) -> None:
    lost, browser = scene.staff(StaffRole.CS), app.test_client()
    factors = f"/desk/access/{lost.id}/reset-factors"
    assert "had no second step" in client.get(post_form(client, factors).location).text
    factories.sign_in(browser, lost)
    moves.add_app(browser)
    assert "was signed out" in client.get(post_form(client, factors).location).text
    assert browser.get("/desk").location.startswith("/sign-in")
    assert scene.sign_in(browser, lost.email).location == "/desk/orders"
    assert "An administrator removed the second steps of your account" in [mail.title for mail in scene.mails()]
    assert ("person.factors_reset", f"person:{admin.id}") in notes()


def test_nobody_removes_their_own_that_way(client: FlaskClient, admin: Person) -> None:
    moves.add_app(client)
    answer = post_form(client, f"/desk/access/{admin.id}/reset-factors")
    assert answer.status_code == 409
    assert "Ask another administrator." in answer.text
    assert "In use" in client.get("/account/security").text


def test_staff_are_signed_out_by_an_administrator(app: Flask, client: FlaskClient) -> None:
    lost, admin = scene.staff(StaffRole.CS, "cs@portal.example"), scene.staff(StaffRole.ADMIN)
    factories.sign_in(client, lost)
    desk = app.test_client()
    factories.sign_in(desk, admin)
    post_form(desk, f"/desk/access/{lost.id}/sign-out")
    assert client.get("/desk/orders").location.startswith("/sign-in")
    assert "was signed out of 1 browser." in desk.get(f"/desk/access/{lost.id}").text
    scene.sign_in(client, lost.email)
    assert client.get("/desk/orders").status_code == 200
