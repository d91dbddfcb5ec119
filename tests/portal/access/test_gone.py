"""Whoever loses a place, a role or access loses it with the next click, in every browser (SEC9)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts import actions
from portal.accounts.models import CompanyRole, Membership, Person, StaffRole
from portal.kit import guard
from portal.kit.db import transaction
from portal.kit.guard import Door
from tests.conftest import NOW
from tests.portal.access.test_every_cell import call, cells
from tests.portal.access.world import OWN, World, signed


def reached(app: Flask, world: World, role: CompanyRole | StaffRole, lose: Callable[[], None]) -> dict[str, int]:
    """What an open browser of the role's person still gets after `lose`: each own thing's answer."""
    client = signed(app, world.person(role))
    mine = [
        cell
        for cell in cells(app, world)
        if cell.role is role and cell.whose == OWN and not isinstance(cell.need, Door) and cell.method == "GET"
    ]
    assert len(mine) > 20
    lose()
    return {str(cell): call(client, cell)[0] for cell in mine}


def test_a_removed_member(app: Flask, world: World) -> None:
    person = world.own.people[CompanyRole.BILLING]

    def remove() -> None:
        with transaction() as db:
            place = db.scalars(select(Membership).where(Membership.person_id == person.id)).one()
            actions.remove_member(db, place, "person:1", NOW)

    got = reached(app, world, CompanyRole.BILLING, remove)
    assert {path: status for path, status in got.items() if status not in {403, 404}} == {}


def test_a_member_who_sees_less_now(app: Flask, world: World) -> None:
    person = world.own.people[CompanyRole.BILLING]

    def lower() -> None:
        with transaction() as db:
            place = db.scalars(select(Membership).where(Membership.person_id == person.id)).one()
            actions.change_role(db, place, CompanyRole.VIEWER, "person:1", NOW)

    got = reached(app, world, CompanyRole.BILLING, lower)
    prices = {path: status for path, status in got.items() if "/quotes/" in path or "/documents" in path}
    assert len(prices) > 3
    assert set(prices.values()) == {403}


@pytest.mark.parametrize("role", [CompanyRole.OWNER, StaffRole.FINANCE])
def test_who_is_shut_out(app: Flask, world: World, role: CompanyRole | StaffRole) -> None:
    def shut() -> None:
        with transaction() as db:
            db.get_one(Person, world.person(role).id).active = False

    got = reached(app, world, role, shut)
    assert set(got.values()) == {302}


def test_staff_who_are_staff_no_more(app: Flask, world: World) -> None:
    def take() -> None:
        with transaction() as db:
            db.get_one(Person, world.staff[StaffRole.FINANCE].id).staff_role = None

    got = reached(app, world, StaffRole.FINANCE, take)
    assert set(got.values()) == {403}


def test_staff_with_another_role(app: Flask, world: World) -> None:
    def change() -> None:
        with transaction() as db:
            person = db.get_one(Person, world.staff[StaffRole.FINANCE].id)
            actions.change_staff_role(db, person, StaffRole.DATA, world.staff[StaffRole.ADMIN].id, NOW)

    got = reached(app, world, StaffRole.FINANCE, change)
    money = {path: status for path, status in got.items() if "/finance" in path}
    assert len(money) > 5
    assert set(money.values()) == {403}


def test_nothing_is_let_in_by_a_kept_answer(app: Flask) -> None:
    """Pages are for this request alone: no browser or proxy keeps one for the next."""
    client = app.test_client()
    for _endpoint, rule, methods, need in guard.matrix(app):
        if "GET" in methods and "<" not in rule and need is not Door.PUBLIC:
            assert client.get(rule).headers["Cache-Control"] == "no-store", rule
