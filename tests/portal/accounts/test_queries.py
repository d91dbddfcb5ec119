"""What other rooms ask this one."""

from __future__ import annotations

from flask import Flask

from portal.accounts import actions, queries
from portal.accounts.models import CompanyRole, StaffRole
from portal.kit.db import reading, transaction
from portal.kit.guard import Act
from tests import factories
from tests.conftest import NOW
from tests.portal.accounts import scene


def test_recipients_are_active_and_may_do_the_act(app: Flask) -> None:
    company = scene.company()
    owner = scene.member(company)
    payer = scene.member(company, CompanyRole.PAYER)
    viewer = scene.member(company, CompanyRole.VIEWER)
    scene.member(scene.company("Other"))
    with transaction() as db:
        factories.member(db, company, active=False)
        actions.add_member(db, company, "pending@aurora.example", "P", CompanyRole.OWNER, "system", NOW)
    with reading() as db:
        assert [one.id for one in queries.recipients(db, company.id, Act.PAY)] == [owner.id, payer.id]
        seeing = queries.recipients(db, company.id, Act.SEE_CONTRACTS)
    assert [one.id for one in seeing] == [owner.id, payer.id, viewer.id]


def test_names_for_the_audit_trail(app: Flask) -> None:
    person = scene.staff(StaffRole.CS)
    strange = ["system", "person:", "person:x", "person:²", "person:" + "9" * 19, "person:999999"]
    with reading() as db:
        found = queries.names_of(db, [f"person:{person.id}", *strange])
        assert queries.name_of(db, f"person:{person.id}") == "Staff cs"
        assert queries.names_of(db, []) == {}
    assert found[f"person:{person.id}"] == "Staff cs"
    assert all(found[ref] == ref for ref in strange)


def test_contract_owners_are_active_cs_and_sales(app: Flask) -> None:
    with transaction() as db:
        cs = factories.staff(db, StaffRole.CS)
        sales = factories.staff(db, StaffRole.SALES)
        factories.staff(db, StaffRole.FINANCE)
        factories.staff(db, StaffRole.CS, "gone@portal.example", active=False)
    with reading() as db:
        assert queries.owner_choices(db) == [(cs.id, "Staff cs"), (sales.id, "Staff sales")]
        assert len(queries.staff_list(db)) == 4


def test_people_are_found_by_address_however_spelled(app: Flask) -> None:
    person = scene.member(scene.company(), email="lin@aurora.example")
    with reading() as db:
        found = queries.person_by_email(db, " LIN@Aurora.example ")
        assert found is not None
        assert found.id == person.id
        assert queries.person(db, person.id) is found
