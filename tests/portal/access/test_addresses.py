"""Who neither writes to customers nor keeps their records sees none of their addresses, on a page or in a file."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts import rules
from portal.accounts.models import Person, StaffRole
from portal.kit.addresses import masked
from portal.kit.db import reading, transaction
from portal.kit.guard import Act
from tests import factories
from tests.portal.access import table
from tests.portal.access.test_every_cell import cells
from tests.portal.access.world import OWN, World, signed
from tests.portal.finance import make

# The practice copy's letters, which everybody may read there.
PRACTICE = "/demo/"


def customers_addresses() -> list[str]:
    with reading() as db:
        return list(db.scalars(select(Person.email).where(Person.staff_role.is_(None))))


def pages(app: Flask, world: World, role: StaffRole) -> dict[str, str]:
    """Every page and file that the role may open, by address."""
    client, found = signed(app, world.staff[role]), {}
    for cell in cells(app, world):
        reads = cell.role is role and cell.method == "GET" and cell.whose == OWN
        if reads and table.expected(cell) in {"open", "any"} and not cell.path.startswith(PRACTICE):
            found[cell.path] = client.get(cell.path).get_data().decode("utf-8", "ignore")
    return found


@pytest.mark.pages_alone
@pytest.mark.parametrize("role", list(StaffRole))
def test_addresses_are_for_those_who_need_them(app: Flask, world: World, role: StaffRole) -> None:
    addresses = customers_addresses()
    told = {path for path, text in pages(app, world, role).items() if any(each in text for each in addresses)}
    if Act.SEE_ADDRESSES in rules.staff_acts_of(role):
        assert len(told) >= 2
    else:
        assert told == set()


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("wei@aurora.example", "w•••@aurora.example"),
        ("To first.last+renewals@mail.aurora.co.uk.", "To f•••@mail.aurora.co.uk."),
        ("a@b.example, c@d.example", "a•••@b.example, c•••@d.example"),
        ("王伟@例子.中国", "王•••@例子.中国"),
        ("no address", "no address"),
    ],
)
def test_what_is_left_of_an_address(text: str, seen: str) -> None:
    assert masked(text) == seen


@pytest.mark.parametrize("page", ["/desk/companies", "/desk/contracts", "/desk/orders"])
def test_a_search_does_not_spell_addresses_out(app: Flask, page: str) -> None:
    """Beginnings find nothing for who sees none of it; the whole address does, for who has it from elsewhere."""
    email = "wei.zhang@aurora.example"
    with transaction() as db:
        factories.book(db)
        company = factories.company(db, "Borealis")
        factories.member(db, company, email=email)
        make.placed(db, company, email=email)
    answers = {}
    for role in (StaffRole.FINANCE, StaffRole.CS):
        with transaction() as db:
            staff = factories.staff(db, role)
        browser = signed(app, staff)
        answers[role] = ["Borealis" in browser.get(f"{page}?q={typed}").text for typed in ("wei.z", email.upper())]
    assert answers == {StaffRole.FINANCE: [False, True], StaffRole.CS: [True, True]}


@pytest.mark.parametrize(
    "text",
    [
        "sales&finance@aurora.example",
        "first!last@aurora.example",
        "wei·zhang@aurora.example",
        "wei＠aurora.example",
    ],
)
def test_no_spelling_slips_through(text: str) -> None:
    assert masked(text) in {f"{text[0]}•••@aurora.example"}
