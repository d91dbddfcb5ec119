"""The desk's prices: listed, ended, taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.models import StaffRole
from portal.contracts import queries as contracts
from portal.contracts.models import Contract, Segment
from portal.kit.db import reading, transaction
from portal.pricing import actions
from portal.pricing.models import Price
from tests.conftest import NOW
from tests.portal.pricing.scene import Scene, sign_in, staged
from tests.web import hidden, post_form

TOMORROW = "2026-11-23"


@pytest.fixture
def scene(client: FlaskClient) -> Scene:
    found = staged()
    sign_in(client, StaffRole.FINANCE)
    return found


def added(contract: Contract | None = None, **changes: Any) -> int:
    """A price of the standard segment that holds since today, or another; its id."""
    given: dict[str, Any] = {
        "product_code": "insight", "currency": "CNY", "unit_minor": 95_000, "valid_from": date(2026, 11, 22),
        "book": "2026-11", "by": "person:1", "at": NOW, "instead": True,
    }  # fmt: skip
    if contract is None and "segment" not in changes:
        given["segment"] = Segment.STANDARD
    with transaction() as db:
        own = contracts.lock(db, contract.id) if contract else None
        return actions.add_price(db, contract=own, **(given | changes)).id


def newest() -> Price:
    with reading() as db:
        return db.scalars(select(Price).order_by(Price.id.desc())).first() or pytest.fail("no price")


def test_the_list_takes_few_statements_and_says_for_whom(
    client: FlaskClient, scene: Scene, statements: Callable[[], list[str]]
) -> None:
    added()
    added(scene.contract)
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
    added()
    added(scene.contract, valid_from=date(2026, 11, 23))
    page = client.get(f"/desk/prices{query}")
    assert page.text.count('data-row="price:') == rows
    assert ("No price is here" in page.text) is (rows == 0)


def test_a_bookmark_of_what_is_gone_still_opens(client: FlaskClient, scene: Scene) -> None:
    page = client.get("/desk/prices?segment=huge&colour=red&older=nonsense")
    assert page.status_code == 200
    assert page.text.count("left it out") == 2
    assert "That page of the list is gone" in page.text


def test_a_price_is_ended_and_a_coming_one_taken_back(client: FlaskClient, scene: Scene) -> None:
    row = added()
    wrong = post_form(client, f"/desk/prices/{row}/end", valid_to="2026-11-22")
    assert (wrong.status_code, "Choose a day after" in wrong.text) == (422, True)
    assert post_form(client, f"/desk/prices/{row}/end", valid_to="").status_code == 422
    assert post_form(client, f"/desk/prices/{row}/end", valid_to="2026-12-01").status_code == 303
    assert newest().valid_to == date(2026, 12, 1)
    begun = post_form(client, f"/desk/prices/{row}/withdraw")
    assert (begun.status_code, "can only be ended" in begun.text or "before" in begun.text) == (422, True)
    added(valid_from=date(2026, 12, 1), unit_minor=96_000)
    assert post_form(client, f"/desk/prices/{newest().id}/withdraw").location == "/desk/prices"
    assert newest().id == row


def test_of_two_who_end_a_price_the_second_is_told(client: FlaskClient, scene: Scene) -> None:
    """R25: the page that was open too long overwrites nothing, and saving again from what it says now does."""
    row = added()
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
    added(valid_from=date(2026, 12, 1), unit_minor=96_000)
    row = newest().id
    post_form(client, f"/desk/prices/{row}/withdraw")
    assert post_form(client, f"/desk/prices/{row}/withdraw").status_code == 404
    assert post_form(client, f"/desk/prices/{row}/end", valid_to="2026-12-20").status_code == 404


@pytest.mark.parametrize("path", ["/desk/prices/999", "/desk/offers/999"])
def test_what_is_not_there_is_404(client: FlaskClient, scene: Scene, path: str) -> None:
    assert client.get(path).status_code == 404
    assert post_form(client, f"{path}/end", valid_to=TOMORROW).status_code == 404


def test_a_list_price_without_a_next_one_ends_only_to_leave_the_sale(client: FlaskClient, scene: Scene) -> None:
    with reading() as db:
        row = db.scalars(select(Price.id).where(Price.product_code == "insight", Price.currency == "CNY")).one()
    gap = post_form(client, f"/desk/prices/{row}/end", valid_to="2026-12-20", seen="")
    assert (gap.status_code, "From 20 December 2026 no price of insight in CNY" in gap.text) == (422, True)
    taken_off = {"valid_to": "2026-12-20", "seen": "", "off_sale": "y"}
    assert post_form(client, f"/desk/prices/{row}/end", **taken_off).status_code == 303


@pytest.mark.parametrize(
    ("role", "reads", "ends"),
    [
        (StaffRole.SALES, 200, 403),
        (StaffRole.AUDITOR, 200, 403),
        (StaffRole.DATA, 403, 403),
        (StaffRole.ADMIN, 200, 303),
    ],
)
def test_who_may(client: FlaskClient, role: StaffRole, reads: int, ends: int) -> None:
    staged()
    sign_in(client, role)
    assert client.get("/desk/prices").status_code == reads
    assert client.get("/desk/offers").status_code == reads
    assert post_form(client, f"/desk/prices/{added()}/end", valid_to="2026-12-20").status_code == ends


def test_the_contracts_page_shows_its_own_prices(client: FlaskClient, scene: Scene) -> None:
    path = f"/desk/contracts/{scene.contract.number}"
    assert "It has no price of its own" in client.get(path).text
    added(scene.contract, unit_minor=88_000)
    page = client.get(path).text
    assert "880.00" in page
    assert "/desk/versions/new" not in page  # finance publishes what others draft
