"""The desk's prices: listed, looked at before they are saved, saved, ended, taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.models import StaffRole
from portal.kit.db import reading, transaction
from portal.pricing.models import Price
from tests import factories
from tests.portal.pricing.scene import Scene, sealed, staged
from tests.web import hidden, post_form

TOMORROW = "2026-11-23"


@pytest.fixture
def scene(client: FlaskClient) -> Scene:
    found = staged()
    sign_in(client, StaffRole.FINANCE)
    return found


def sign_in(client: FlaskClient, role: StaffRole) -> None:
    with transaction() as db:
        who = factories.staff(db, role, email=f"{role}2@portal.example")
    factories.sign_in(client, who)


def typed(**changes: str) -> dict[str, str]:
    given = {
        "product": "insight", "whom": "segment", "segment": "standard", "contract": "", "currency": "CNY",
        "unit_price": "950.00", "valid_from": "2026-11-22", "valid_to": "", "book": "2026-11", "instead": "y",
        "do": "save",
    }  # fmt: skip
    return given | changes


def newest() -> Price:
    with reading() as db:
        return db.scalars(select(Price).order_by(Price.id.desc())).first() or pytest.fail("no price")


def test_the_list_takes_few_statements_and_says_for_whom(
    client: FlaskClient, scene: Scene, statements: Callable[[], list[str]]
) -> None:
    post_form(client, "/desk/prices/new", **typed())
    post_form(client, "/desk/prices/new", **typed(whom="contract", contract=scene.contract.number))
    client.get("/desk/prices")  # warms what is read once
    statements()
    page = client.get("/desk/prices")
    assert len(statements()) <= 5
    assert scene.contract.number in page.text
    assert "Standard" in page.text
    assert "Everybody" in page.text


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", 10),
        ("?kind=segment", 1),
        ("?kind=contract", 1),
        ("?kind=list", 8),
        ("?segment=standard", 1),
        ("?segment=small", 0),
        ("?currency=CNY", 4),
        ("?currency=JPY&product=insight", 1),
        ("?when=coming", 1),
        ("?when=past", 0),
        ("?when=now", 9),
        ("?contract=NOBODY", 0),
    ],
)
def test_filters(client: FlaskClient, scene: Scene, query: str, rows: int) -> None:
    post_form(client, "/desk/prices/new", **typed())
    number = scene.contract.number
    post_form(client, "/desk/prices/new", **typed(whom="contract", contract=number, valid_from=TOMORROW))
    page = client.get(f"/desk/prices{query}")
    assert page.text.count('data-row="price:') == rows
    assert ("No price is here" in page.text) is (rows == 0)


def test_a_bookmark_of_what_is_gone_still_opens(client: FlaskClient, scene: Scene) -> None:
    page = client.get("/desk/prices?segment=huge&colour=red&older=nonsense")
    assert page.status_code == 200
    assert page.text.count("left it out") == 2
    assert "That page of the list is gone" in page.text


def test_looking_shows_whom_it_concerns_and_saves_nothing(client: FlaskClient, scene: Scene) -> None:
    before = newest().id
    page = post_form(client, "/desk/prices/new", **typed(do="look"))
    assert page.status_code == 200
    assert "1 contract that ends within a year is concerned." in page.text
    assert scene.contract.number in page.text
    assert "−CN¥1,000.00 a year at most" in page.text  # 20 seats × 50.00 less
    assert 'value="950.00"' in page.text
    assert newest().id == before


def test_saving_changes_what_the_customer_is_quoted(client: FlaskClient, scene: Scene) -> None:
    answer = post_form(client, "/desk/prices/new", **typed())
    assert answer.status_code == 303
    assert answer.location == f"/desk/prices/{newest().id}"
    assert "950.00" in client.get(answer.location).text
    assert sealed(scene, 12).total_minor == 20 * 95_000


def test_a_list_price_takes_the_place_of_the_running_one(client: FlaskClient, scene: Scene) -> None:
    post_form(client, "/desk/prices/new", **typed(whom="list", unit_price="1100", valid_from=TOMORROW))
    with reading() as db:
        rows = db.scalars(select(Price).where(Price.product_code == "insight", Price.currency == "CNY"))
        found = {row.unit_minor: row.valid_to for row in rows}
    assert found == {100_000: date(2026, 11, 23), 110_000: None}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"unit_price": "0"}, "A price is more than nothing"),
        ({"unit_price": "-5"}, "unit_price-e"),
        ({"unit_price": "9.999"}, "unit_price-e"),
        ({"unit_price": ""}, "Please fill this in."),
        ({"currency": "XXX"}, "currency-e"),
        ({"product": "nothing"}, "product-e"),
        ({"valid_from": "22.11.2026"}, "valid_from-e"),
        ({"valid_from": "2026-11-21"}, "Today or a later day"),
        ({"valid_from": "2026-11-30", "valid_to": "2026-11-30"}, "This must be a later day"),
        ({"valid_from": "2026-11-30", "valid_to": "2026-11-01"}, "This must be a later day"),
        ({"segment": ""}, "Choose the segment"),
        ({"whom": "contract"}, "Type the number of the contract"),
        ({"whom": "contract", "contract": "CT-0"}, "We found no contract with this number."),
        ({"whom": "everyone"}, "whom-e"),
        ({"book": ""}, "book-e"),
    ],
)
def test_bad_input_is_answered_at_its_field_and_keeps_the_rest(
    client: FlaskClient, scene: Scene, changes: dict[str, str], sentence: str
) -> None:
    before = newest().id
    page = post_form(client, "/desk/prices/new", **typed(**changes))
    assert page.status_code == 422
    assert sentence in page.text
    assert "Error: " in page.text
    assert f'value="{changes.get("book", "2026-11")}"' in page.text
    assert newest().id == before


def test_overlap_and_foreign_things_are_told(client: FlaskClient, scene: Scene) -> None:
    number = scene.contract.number
    post_form(client, "/desk/prices/new", **typed())
    again = {key: value for key, value in typed(valid_from=TOMORROW).items() if key != "instead"}
    for fields, sentence in (
        (again, "Another row already holds"),
        (typed(whom="contract", contract=number, currency="USD", unit_price="9"), f"Contract {number} is in CNY"),
        (typed(whom="contract", contract=number, product="backup"), "does not have this product"),
    ):
        page = post_form(client, "/desk/prices/new", **fields)
        assert (page.status_code, sentence in page.text) == (422, True)


def test_a_price_is_ended_and_a_coming_one_taken_back(client: FlaskClient, scene: Scene) -> None:
    post_form(client, "/desk/prices/new", **typed())
    row = newest().id
    wrong = post_form(client, f"/desk/prices/{row}/end", valid_to="2026-11-22")
    assert (wrong.status_code, "Choose a day after" in wrong.text) == (422, True)
    assert post_form(client, f"/desk/prices/{row}/end", valid_to="").status_code == 422
    assert post_form(client, f"/desk/prices/{row}/end", valid_to="2026-12-01").status_code == 303
    assert newest().valid_to == date(2026, 12, 1)
    begun = post_form(client, f"/desk/prices/{row}/withdraw")
    assert (begun.status_code, "can only be ended" in begun.text or "before" in begun.text) == (422, True)
    post_form(client, "/desk/prices/new", **typed(valid_from="2026-12-01", unit_price="960"))
    assert post_form(client, f"/desk/prices/{newest().id}/withdraw").location == "/desk/prices"
    assert newest().id == row


def test_of_two_who_end_a_price_the_second_is_told(client: FlaskClient, scene: Scene) -> None:
    """R25: the page that was open too long overwrites nothing, and saving again from what it says now does."""
    post_form(client, "/desk/prices/new", **typed())
    row = newest().id
    page = client.get(f"/desk/prices/{row}")
    assert hidden(page, "seen", within="end") == ""
    post_form(client, f"/desk/prices/{row}/end", valid_to="2026-12-20", seen="")
    late = post_form(client, f"/desk/prices/{row}/end", valid_to="2026-12-01", seen="")
    assert (late.status_code, "somebody let it end on 20 December 2026 meanwhile" in late.text) == (409, True)
    assert newest().valid_to == date(2026, 12, 20)
    assert hidden(late, "valid_to", within="end") == "2026-12-01"
    again = hidden(late, "seen", within="end")
    assert post_form(client, f"/desk/prices/{row}/end", valid_to="2026-12-01", seen=again).status_code == 303
    assert newest().valid_to == date(2026, 12, 1)


def test_what_was_taken_back_meanwhile_is_gone(client: FlaskClient, scene: Scene) -> None:
    post_form(client, "/desk/prices/new", **typed(valid_from="2026-12-01", unit_price="960"))
    row = newest().id
    post_form(client, f"/desk/prices/{row}/withdraw")
    assert post_form(client, f"/desk/prices/{row}/withdraw").status_code == 404
    assert post_form(client, f"/desk/prices/{row}/end", valid_to="2026-12-20").status_code == 404


@pytest.mark.parametrize("path", ["/desk/prices/999", "/desk/offers/999"])
def test_what_is_not_there_is_404(client: FlaskClient, scene: Scene, path: str) -> None:
    assert client.get(path).status_code == 404
    assert post_form(client, f"{path}/end", valid_to=TOMORROW).status_code == 404


@pytest.mark.parametrize(
    ("role", "reads", "edits"),
    [
        (StaffRole.SALES, 200, 403),
        (StaffRole.AUDITOR, 200, 403),
        (StaffRole.DATA, 403, 403),
        (StaffRole.ADMIN, 200, 303),
    ],
)
def test_who_may(client: FlaskClient, role: StaffRole, reads: int, edits: int) -> None:
    staged()
    sign_in(client, role)
    assert client.get("/desk/prices").status_code == reads
    assert client.get("/desk/offers").status_code == reads
    assert post_form(client, "/desk/prices/new", **typed()).status_code == edits


def test_the_contracts_page_shows_its_own_prices(client: FlaskClient, scene: Scene) -> None:
    path = f"/desk/contracts/{scene.contract.number}"
    assert "None: it renews at" in client.get(path).text
    fields: dict[str, Any] = typed(whom="contract", contract=scene.contract.number, unit_price="880")
    post_form(client, "/desk/prices/new", **fields)
    page = client.get(path).text
    assert "880.00" in page
    assert f"/desk/prices/new?contract={scene.contract.number}" in page
    prefilled = client.get(f"/desk/prices/new?contract={scene.contract.number}").text
    assert f'value="{scene.contract.number}"' in prefilled


def test_a_price_that_nothing_follows_is_told(client: FlaskClient, scene: Scene) -> None:
    answer = post_form(client, "/desk/prices/new", **typed(valid_to="2026-12-31"))
    assert "From 31 December 2026 no price of this kind follows." in client.get(answer.location).text
    answer = post_form(client, "/desk/prices/new", **typed(valid_from="2026-12-31", valid_to=""))
    assert "no price of this kind follows" not in client.get(answer.location).text
