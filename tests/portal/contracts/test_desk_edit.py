"""Staff create and correct contracts by form."""

from __future__ import annotations

import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.models import Company
from portal.contracts import actions as contracts
from portal.contracts import queries, rules
from portal.contracts.models import Contract
from portal.contracts.rules import LineSpec
from portal.kit.db import reading, transaction
from portal.pricing import actions as pricing
from tests import factories
from tests.conftest import NOW
from tests.portal.contracts.desk_scene import TODAY, again, get, made, signed_in


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
        ({"seats_0": ""}, "A value is missing here."),
        ({"seats_0": "0"}, "The number must be between 1 and"),
        ({"price_0": "1.005"}, "which has 2 decimals"),
        ({"product_0": ""}, "A value is missing here."),
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
    text = response.get_data(as_text=True)
    assert "changed it meanwhile. Your text is still here; save again to replace theirs." in text
    assert "Now: Asia/Tokyo" in text
    assert text.count("Now: ") == 2, "once in the summary, once at the field"
    assert '<option selected value="Asia/Seoul">' in text
    assert f'value="{again("CT-1").version}"' in text
    assert again("CT-1").zone == "Asia/Tokyo"
    assert client.post(path, data=opened).status_code == 409, "sending it again does not slip through"
    assert client.post(path, data=opened | {"version": "x"}).status_code == 409
    assert client.post(path, data=opened | {"version": str(again("CT-1").version)}).status_code == 303
    assert again("CT-1").zone == "Asia/Seoul"


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


def test_a_correction_tells_which_sent_quote_goes(client: FlaskClient, aurora: Company) -> None:
    contract = made(aurora, number="CT-1")
    signed_in(client)
    with transaction() as db:
        factories.book(db)
        factories.member(db, aurora)
        kept = pricing.seal(db, contract, 12, None, "person:1", NOW)
        sent = pricing.seal(db, contract, 24, None, "person:1", NOW)
        pricing.send(db, sent, "person:1", NOW)
    text = get(client, "/desk/contracts/CT-1/edit")
    assert f"/desk/quotes/{sent.id}" in text
    assert "was sent to the customer and will no longer hold" in text
    assert kept.id not in text
