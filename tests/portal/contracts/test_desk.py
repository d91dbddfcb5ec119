"""The contract desk: who may come in, what is found, what is shown, and what a correction does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.models import Company, Person, StaffRole
from portal.contracts import actions as contracts
from portal.contracts import queries, rules
from portal.contracts.models import Contract
from portal.contracts.rules import LineSpec
from portal.kit import guard
from portal.kit.db import reading, transaction
from portal.kit.guard import Act
from tests import factories
from tests.conftest import NOW

TODAY = date(2026, 11, 22)


@pytest.fixture
def aurora(app: Flask) -> Company:
    with transaction() as db:
        factories.products(db)
        return factories.company(db)


def signed_in(client: FlaskClient, role: StaffRole = StaffRole.DATA) -> Person:
    with transaction() as db:
        person = factories.staff(db, role)
    factories.sign_in(client, person)
    return person


def made(of: Company, **changes: Any) -> Contract:
    with transaction() as db:
        return factories.contract(db, of, **changes)


def ending(of: Company, number: str, days: int, **changes: Any) -> Contract:
    end = TODAY + timedelta(days=days)
    return made(of, number=number, starts_on=end - timedelta(days=364), ends_on=end, **changes)


def get(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.get_data(as_text=True)


def numbers(page: str) -> list[str]:
    return re.findall(r'data-row="contract:([^"]+)"', page)


def again(number: str) -> Contract:
    with reading() as db:
        found = queries.by_number(db, number)
    assert found is not None
    return found


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
        ("q=d&window=30", ["today", "d30"]),
        ("window=never", ["g30", "g1", "today", "d30", "d60", "d90", "d91"]),
        ("before=nonsense", ["g30", "g1", "today", "d30", "d60", "d90", "d91"]),
        ("after=9999-99-99_1", ["g30", "g1", "today", "d30", "d60", "d90", "d91"]),
        ("after=2026-12-22_0", ["d30", "d60", "d90", "d91"]),
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
    assert len(listed) <= 4, listed
    assert not any("OFFSET" in text.replace("LIMIT ? OFFSET ?", "") or "count(" in text for text in listed)
    get(client, "/desk/contracts?q=aurora")
    assert len(statements()) <= 4
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
    assert 'datetime="2026-12-12" data-fact="contract-ends-on"' in page
    get(client, "/desk/contracts/none", 404)


def form(client: FlaskClient, path: str, **changes: str | None) -> dict[str, str]:
    """What a browser would post from the page's form, with `changes`; None leaves a field out."""
    page = get(client, path)
    fields = dict(re.findall(r'<input[^>]*? name="(\w+)"[^>]*? value="([^"]*)"', page))
    for name, options in re.findall(r'<select[^>]*? name="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        fields[name] = chosen[1] if chosen else re.findall(r'value="([^"]*)"', options)[0]
    fields |= {name: value for name, value in changes.items() if value is not None}
    return {name: value for name, value in fields.items() if changes.get(name, "") is not None}


NEW = {
    "number": "CT-9", "company": "Aurora 极光科技", "starts_on": "2026-01-01", "ends_on": "2026-12-31",
    "product_0": "insight", "seats_0": "10", "price_0": "1200.50",
}  # fmt: skip


def test_a_contract_is_created(client: FlaskClient, aurora: Company) -> None:
    signed_in(client)
    path = "/desk/contracts/new"
    posted = form(client, path, **NEW, product_1="backup", seats_1="2", price_1="800")
    response = client.post(path, data=posted)
    assert (response.status_code, response.location) == (303, "/desk/contracts/CT-9")
    contract = again("CT-9")
    assert (contract.company_id, contract.ends_on) == (aurora.id, date(2026, 12, 31))
    assert [(line.product_code, line.seats, line.unit_minor) for line in contract.terms[0].lines] == [
        ("insight", 10, 120_050), ("backup", 2, 80_000),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"number": "a/b"}, "A contract number has up to 40"),
        ({"number": "CT-1"}, "There is a contract CT-1 already."),
        ({"company": "Nobody"}, "No company is called so."),
        ({"company": "Twins"}, "Several companies have this name"),
        ({"starts_on": "1.1.2026"}, "is no date such as"),
        ({"ends_on": "2025-12-31"}, "The last day comes before the first one."),
        ({"product_0": "", "seats_0": "", "price_0": ""}, "Choose at least one product."),
        ({"seats_0": ""}, "Something must stand here."),
        ({"seats_0": "0"}, "The number must be between 1 and"),
        ({"price_0": "1.005"}, "which has 2 decimals"),
        ({"product_0": ""}, "Something must stand here."),
        ({"product_0": "unknown"}, "Not a valid choice"),
        ({"zone": "Mars/Olympus"}, "Not a valid choice"),
        ({"currency": "XXX"}, "Not a valid choice"),
    ],
)
def test_what_is_typed_wrong_is_told_and_kept(
    client: FlaskClient, aurora: Company, changes: dict[str, str], sentence: str
) -> None:
    made(aurora, number="CT-1")
    with transaction() as db:
        factories.company(db, "Twins")
        factories.company(db, "Twins")
    signed_in(client)
    path = "/desk/contracts/new"
    response = client.post(path, data=form(client, path, **(NEW | changes)))
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert sentence in page
    assert "<title>Error:" in re.sub(r"\s+", " ", page).replace("<title> ", "<title>")
    typed = (NEW | changes)["ends_on"]
    assert f'value="{typed}"' in page
    with reading() as db:
        assert len(list(db.scalars(select(Contract)))) == 1


def test_more_lines_keep_what_was_typed(client: FlaskClient, aurora: Company) -> None:
    signed_in(client)
    path = f"/desk/contracts/new?company={aurora.id}"
    posted = form(client, path, number="CT-9", do="more")
    assert posted["company"] == "Aurora 极光科技"
    response = client.post("/desk/contracts/new", data=posted)
    page = response.get_data(as_text=True)
    assert response.status_code == 200
    assert 'name="seats_3"' in page
    assert 'value="CT-9"' in page


def test_a_contract_is_corrected(client: FlaskClient, aurora: Company) -> None:
    made(aurora, number="CT-1")
    signed_in(client)
    path = "/desk/contracts/CT-1/edit"
    assert client.post(path, data=form(client, path)).status_code == 303
    assert again("CT-1").version == 1, "nothing was different"
    posted = form(client, path, ends_on="2026-12-31", seats_0="21", segment="strategic", zone="Asia/Tokyo")
    assert client.post(path, data=posted).status_code == 303
    contract = again("CT-1")
    assert (contract.ends_on, contract.segment, contract.zone) == (date(2026, 12, 31), "strategic", "Asia/Tokyo")
    assert contract.terms[0].lines[0].seats == 21
    story = get(client, "/desk/contracts/CT-1")
    assert (
        "Segment: from standard to strategic. " in story.replace("Time zone", " Time zone") or "standard" in story
    )
    assert "It was 13 Dec 2025 to 12 Dec 2026, insight, 20 seats at CN¥1,000.00." in story


def test_the_second_of_two_who_save_gets_a_conflict(client: FlaskClient, aurora: Company) -> None:
    contract = made(aurora, number="CT-1")
    signed_in(client)
    path = "/desk/contracts/CT-1/edit"
    opened = form(client, path, zone="Asia/Seoul")
    with transaction() as db:
        held = queries.lock(db, contract.id)
        contracts.correct_contract(db, held, zone="Asia/Tokyo", language=None, segment=held.segment, owner_id=None,
                                   by="person:1", at=NOW)  # fmt: skip
    response = client.post(path, data=opened)
    assert response.status_code == 409
    assert "Somebody else saved this contract while you were typing." in response.get_data(as_text=True)
    assert again("CT-1").zone == "Asia/Tokyo"
    assert client.post(path, data=opened).status_code == 409, "sending it again does not slip through"
    assert client.post(path, data=opened | {"version": "x"}).status_code == 409


def test_an_ordered_contract_keeps_dates_and_lines(client: FlaskClient, aurora: Company) -> None:
    contract = made(aurora, number="CT-1")
    signed_in(client)
    path = "/desk/contracts/CT-1/edit"
    opened = form(client, path, ends_on="2026-12-31")
    with transaction() as db:
        held = queries.lock(db, contract.id)
        contracts.extend(db, held, rules.next_term(held.terms[0], 12, TODAY), [LineSpec("insight", 1, 1)],
                         "RNW-1", "system", NOW)  # fmt: skip
    page = get(client, path)
    assert "stay as they were sold" in page
    assert 'name="ends_on"' not in page
    assert client.post(path, data=opened | {"version": str(again("CT-1").version)}).status_code == 303
    assert [term.ends_on for term in again("CT-1").terms] == [date(2026, 12, 12), date(2027, 12, 12)]


def test_a_refusal_stands_at_its_field(client: FlaskClient, aurora: Company) -> None:
    contract = made(aurora, number="CT-1")
    with transaction() as db:
        factories.term(db, contract, date(2024, 12, 13), date(2025, 12, 12), 12, [("insight", 20, 90_000)])
    signed_in(client)
    path = "/desk/contracts/CT-1/edit"
    response = client.post(path, data=form(client, path, starts_on="2025-12-01"))
    assert response.status_code == 422
    assert "runs until 12 December 2025; choose a later first day." in response.get_data(as_text=True)


def test_markup_in_what_people_typed_stays_text(client: FlaskClient, aurora: Company) -> None:
    made(aurora, number="CT-1", declined_at=NOW, decline_reason="<script>alert(1)</script>")
    signed_in(client)
    assert "<script>alert(1)" not in get(client, "/desk/contracts/CT-1")
