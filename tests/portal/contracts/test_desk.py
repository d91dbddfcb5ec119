"""The contract desk: who may come in, what is found, what is shown, and what a correction does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Company, StaffRole
from portal.contracts import actions as contracts
from portal.contracts import queries, rules
from portal.contracts.rules import LineSpec
from portal.kit import guard
from portal.kit.db import transaction
from portal.kit.guard import Act
from tests import factories
from tests.conftest import NOW
from tests.portal.contracts.desk_scene import TODAY, again, ending, get, made, numbers, signed_in


@pytest.mark.parametrize(
    ("path", "act"),
    [
        ("contracts", Act.READ_DESK),
        ("contract", Act.READ_DESK),
        ("edit", Act.CORRECT_RECORDS),
        ("correct", Act.CORRECT_RECORDS),
        ("new", Act.CREATE_RECORDS),
        ("create", Act.CREATE_RECORDS),
    ],
)
def test_what_each_page_needs(app: Flask, path: str, act: Act) -> None:
    assert guard.needed(app, f"contracts_desk.{path}") is act


@pytest.mark.parametrize(
    ("role", "edit", "create"),
    [
        (StaffRole.DATA, 200, 200),
        (StaffRole.ADMIN, 200, 200),
        (StaffRole.CS, 200, 403),
        (StaffRole.SALES, 403, 403),
        (StaffRole.FINANCE, 403, 403),
        (StaffRole.AUDITOR, 403, 403),
    ],
)
def test_roles(client: FlaskClient, aurora: Company, role: StaffRole, edit: int, create: int) -> None:
    made(aurora, number="CT-1")
    signed_in(client, role)
    page = get(client, "/desk/contracts")
    assert numbers(page) == ["CT-1"]
    detail = get(client, "/desk/contracts/CT-1")
    assert ("/desk/contracts/CT-1/edit" in detail) is (edit == 200)
    assert ("/desk/contracts/CT-1/quote" in detail) is (role in {StaffRole.CS, StaffRole.SALES})
    get(client, "/desk/contracts/CT-1/edit", edit)
    get(client, "/desk/contracts/new", create)
    token = {"csrf_token": re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]}
    assert client.post("/desk/contracts/CT-1/edit", data=token).status_code == (403 if edit == 403 else 422)
    assert client.post("/desk/contracts/new", data=token).status_code == (403 if create == 403 else 422)


def test_customers_and_strangers_stay_outside(client: FlaskClient, aurora: Company) -> None:
    assert client.get("/desk/contracts").status_code == 302
    with transaction() as db:
        owner = factories.member(db, aurora)
    factories.sign_in(client, owner)
    for path in ("/desk/contracts", "/desk/contracts/new", "/desk/contracts/CT-1", "/desk/contracts/CT-1/edit"):
        get(client, path, 403)


def test_the_list_begins_with_those_in_grace_and_lapsed_ones_lie_before(
    client: FlaskClient, aurora: Company
) -> None:
    for number, days in (("later", 90), ("today", 0), ("lapsed", -31), ("grace", -30), ("old", -400)):
        ending(aurora, number, days)
    signed_in(client)
    page = get(client, "/desk/contracts")
    assert numbers(page) == ["grace", "today", "later"]
    earlier = re.search(r'href="(/desk/contracts\?before=[^"]+)"', page)
    assert earlier
    assert numbers(get(client, earlier[1])) == ["old", "lapsed"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("window=30", ["today", "d30"]),
        ("window=60", ["today", "d30", "d60"]),
        ("window=90", ["today", "d30", "d60", "d90"]),
        ("window=grace", ["g30", "g1"]),
        ("window=lapsed", ["old", "l31"]),
        ("currency=USD", ["g1"]),
        ("owner=none", ["g30", "g1", "d30", "d60", "d90", "d91"]),
        ("q=D9", ["d90", "d91"]),
        ("q=OLD", ["old"]),
        ("q=aurora", ["old", "l31", "g30", "g1", "today", "d30", "d60", "d90", "d91"]),
        ("q=极光", ["old", "l31", "g30", "g1", "today", "d30", "d60", "d90", "d91"]),
        ("q=yue@aurora", ["old", "l31", "g30", "g1", "today", "d30", "d60", "d90", "d91"]),
        ("q=gone@aurora.example", []),
        ("q=100%25", []),
        ("q=rnw%202026%20000001", ["today"]),
        ("q=d&window=30", ["d30"]),
        ("window=never", ["g30", "g1", "today", "d30", "d60", "d90", "d91"]),
        ("before=nonsense", ["g30", "g1", "today", "d30", "d60", "d90", "d91"]),
        ("after=9999-99-99_1", ["g30", "g1", "today", "d30", "d60", "d90", "d91"]),
        ("after=20261222-0", ["d30", "d60", "d90", "d91"]),
    ],
)
def test_search_and_filters(client: FlaskClient, aurora: Company, query: str, expected: list[str]) -> None:
    with transaction() as db:
        factories.member(db, aurora, email="yue@aurora.example")
        sales = factories.staff(db, StaffRole.SALES)
    for number, days in (("today", 0), ("d30", 30), ("d60", 60), ("d90", 90), ("d91", 91), ("g1", -1),
                         ("g30", -30), ("l31", -31), ("old", -400)):  # fmt: skip
        owner = sales.id if days == 0 or days < -30 else None
        ending(aurora, number, days, currency="USD" if number == "g1" else "CNY", owner_id=owner)
    with transaction() as db:
        term = again("today").terms[0]
        db.merge(term).order_number = "RNW-2026-000001"
    signed_in(client)
    assert numbers(get(client, f"/desk/contracts?{query}")) == expected


def test_paging_meets_every_contract_once_both_ways(
    client: FlaskClient, aurora: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries.page, "__defaults__", (3,))
    wanted = [f"c{place:02}" for place in range(8)]
    for place, number in enumerate(wanted):
        ending(aurora, number, place // 2)  # two for each day
    signed_in(client)
    seen, path = [], "/desk/contracts?window=30"
    while path:
        page = get(client, path)
        seen.append(numbers(page))
        forward = re.search(r'href="([^"]+after=[^"]+)"', page)
        path = forward[1].replace("&amp;", "&") if forward else ""
    assert [number for part in seen for number in part] == wanted
    back = re.search(r'href="([^"]+before=[^"]+)"', page)
    assert back
    assert numbers(get(client, back[1].replace("&amp;", "&"))) == wanted[3:6]


def test_standings_and_days(client: FlaskClient, aurora: Company) -> None:
    for number, days in (("grace", -1), ("today", 0), ("due", 59), ("open", 60), ("running", 200)):
        ending(aurora, number, days)
    with transaction() as db:
        renewed = factories.contract(db, aurora, number="renewed", ends_on=date(2027, 12, 12))
        factories.term(db, renewed, date(2026, 12, 13), date(2027, 12, 12), 12, [("insight", 1, 1)])
        declined = factories.contract(db, aurora, number="declined", declined_at=NOW)
    assert declined.number == "declined"
    signed_in(client)
    page = get(client, "/desk/contracts")
    found = re.findall(r'data-fact="contract-standing" data-value="(\w+)">([^<]+)<', page)
    assert dict(zip(numbers(page), found, strict=True)) == {
        "grace": ("in_grace", "In grace"),
        "today": ("ends_today", "Ends today"),
        "declined": ("declined", "Not renewing"),
        "due": ("due", "Due soon"),
        "open": ("upcoming", "Offer open"),
        "running": ("upcoming", "Running"),
        "renewed": ("renewed", "Renewed"),
    }


def test_statements(client: FlaskClient, aurora: Company, statements: Callable[[], list[str]]) -> None:
    for number in range(60):
        ending(aurora, f"CT-{number}", number)
    person = signed_in(client)
    with transaction() as db:
        held = queries.lock(db, again("CT-1").id)
        contracts.correct_contract(db, held, zone="Asia/Tokyo", language=None, segment=held.segment,
                                   owner_id=person.id, by=f"person:{person.id}",
                                   at=NOW)  # fmt: skip
    statements()
    page = get(client, "/desk/contracts")
    listed = statements()
    assert len(numbers(page)) == 50
    assert len(listed) <= 5, listed
    assert not any("OFFSET" in text.replace("LIMIT ? OFFSET ?", "") or "count(" in text for text in listed)
    get(client, "/desk/contracts?q=aurora")
    assert len(statements()) <= 5
    get(client, "/desk/contracts/CT-1")
    shown = statements()
    assert len(shown) <= 6, shown


def test_a_contract_page_shows_terms_people_and_story(client: FlaskClient, aurora: Company) -> None:
    made(aurora, number="CT-1")
    signed_in(client, StaffRole.CS)
    with transaction() as db:
        held = queries.lock(db, again("CT-1").id)
        plan = rules.next_term(held.terms[0], 12, TODAY)
        contracts.extend(db, held, plan, [LineSpec("insight", 25, 100_000)], "RNW-2026-000009", "system", NOW)
    page = get(client, "/desk/contracts/CT-1")
    assert "25 seats" in page
    assert "CN¥1,000.00 per seat and year" in page
    assert "RNW-2026-000009" in page
    assert "Agreed elsewhere" in page
    assert "The next one is paid and runs until 12 December 2027." in page
    assert f"/desk/companies/{aurora.id}" in page
    assert 'data-value="renewed"' in page
    assert 'datetime="2027-12-12" data-fact="contract-ends-on"' in page
    assert "This term ends" in page
    get(client, "/desk/contracts/none", 404)
