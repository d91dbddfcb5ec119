"""Customer success and sales read all, and act in their own book, the queue, and for whom they stand in."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts import actions
from portal.accounts.errors import CoverReversed, NotYourself
from portal.accounts.models import Person, StaffCover, StaffRole
from portal.contracts.models import Contract
from portal.kit import clock
from portal.kit.db import reading, transaction
from portal.orders.models import Order
from portal.pricing import actions as pricing
from tests import factories
from tests.conftest import NOW
from tests.portal.finance import make
from tests.web import post_form


@pytest.fixture
def people(client: FlaskClient) -> tuple[Person, Person]:
    """Two of customer success: the first owns the contracts, the second is signed in."""
    with transaction() as db:
        factories.book(db)
        owner = factories.staff(db, StaffRole.CS, "owner@portal.example")
        other = factories.staff(db, StaffRole.CS, "other@portal.example")
    factories.sign_in(client, other)
    return owner, other


def placed(owner: Person | None) -> tuple[Order, Contract, str]:
    """An order and a quote on contracts in somebody's book."""
    with transaction() as db:
        order = make.placed(db)
        contract = db.get_one(Contract, order.contract_id)
        contract.owner_id = owner.id if owner else None
        second = factories.contract(db, contract.company)
        second.owner_id = contract.owner_id
        quote = pricing.seal(db, second, 12, None, "person:1", NOW)
        return order, second, quote.id


def acts(client: FlaskClient, owner: Person | None) -> set[int]:
    """The answers to everything that can be done."""
    order, contract, quote_id = placed(owner)
    return {
        client.get(f"/desk/orders/{order.number}/cancel").status_code,
        post_form(client, f"/desk/orders/{order.number}/cancel").status_code,
        client.get(f"/desk/contracts/{contract.number}/quote").status_code,
        post_form(client, f"/desk/contracts/{contract.number}/quote", term_months="12", seats="1").status_code,
        post_form(client, f"/desk/quotes/{quote_id}/send").status_code,
    }


def test_anothers_book_is_for_reading(client: FlaskClient, people: tuple[Person, Person]) -> None:
    owner, _other = people
    assert acts(client, owner) == {403}
    order, contract, quote_id = placed(owner)
    page = client.get(f"/desk/orders/{order.number}")
    assert page.status_code == 200
    assert 'data-action="cancel-order"' not in page.text
    assert client.get(f"/desk/contracts/{contract.number}").status_code == 200
    assert client.get(f"/desk/quotes/{quote_id}").status_code == 200
    assert client.get(f"/desk/orders/{order.number}/refund").status_code == 403
    assert post_form(client, f"/desk/orders/{order.number}/check").status_code == 403


def test_ones_own_book_and_the_teams_queue(client: FlaskClient, people: tuple[Person, Person]) -> None:
    _owner, other = people
    assert 403 not in acts(client, other)
    assert 403 not in acts(client, None)


def test_a_stand_in_acts_on_its_days_alone(client: FlaskClient, people: tuple[Person, Person]) -> None:
    owner, other = people
    today = clock.day(NOW, "Asia/Shanghai")
    with transaction() as db:
        row = actions.cover(db, owner.id, other.id, today, today, f"person:{owner.id}", NOW)
    assert 403 not in acts(client, owner)
    with time_machine.travel(NOW + timedelta(hours=10), tick=False):  # the next day in Shanghai
        factories.sign_in(client, other, NOW + timedelta(hours=10))
        assert acts(client, owner) == {403}
    factories.sign_in(client, other)
    with transaction() as db:
        assert actions.end_cover(db, row.id, owner.id, f"person:{owner.id}", NOW)
    assert acts(client, owner) == {403}


def test_it_stands_in_for_one_direction(client: FlaskClient, people: tuple[Person, Person]) -> None:
    owner, other = people
    today = clock.day(NOW, "Asia/Shanghai")
    with transaction() as db:
        actions.cover(db, other.id, owner.id, today, today, f"person:{other.id}", NOW)
    assert acts(client, owner) == {403}


def test_finance_is_bound_by_no_book(client: FlaskClient, people: tuple[Person, Person]) -> None:
    owner, _other = people
    with transaction() as db:
        who = factories.staff(db, StaffRole.FINANCE)
    factories.sign_in(client, who)
    order, _contract, _quote = placed(owner)
    assert client.get(f"/desk/orders/{order.number}/refund").status_code == 303  # nothing is paid yet


def test_the_page_sets_and_ends_it(client: FlaskClient, people: tuple[Person, Person]) -> None:
    owner, other = people
    assert "Nobody stands in for anybody" in client.get("/desk/cover").text
    wanted = {"person": str(owner.id), "from_on": "2026-12-24", "to_on": "2027-01-02"}
    for wrong in ({"person": str(other.id)}, {"person": "5"}, {"from_on": "junk"}, {"to_on": ""}):
        assert post_form(client, "/desk/cover", **(wanted | wrong)).status_code == 400
    assert post_form(client, "/desk/cover", **(wanted | {"to_on": "2026-12-23"})).status_code == 409
    assert post_form(client, "/desk/cover", **wanted).status_code == 303
    assert "stands in for you" in client.get("/desk/cover").text
    with reading() as db:
        row = db.scalars(select(StaffCover)).one()
    factories.sign_in(client, owner)
    assert "You stand in for" in client.get("/desk/cover").text
    assert post_form(client, f"/desk/cover/{row.id}/end").status_code == 404
    factories.sign_in(client, other)
    assert post_form(client, f"/desk/cover/{row.id}/end").status_code == 303
    assert post_form(client, f"/desk/cover/{row.id}/end").status_code == 404


def test_nobody_stands_in_for_themselves(people: tuple[Person, Person]) -> None:
    owner, other = people
    today = clock.day(NOW, "Asia/Shanghai")
    with transaction() as db, pytest.raises(NotYourself):
        actions.cover(db, owner.id, owner.id, today, today, "person:1", NOW)
    with transaction() as db, pytest.raises(CoverReversed):
        actions.cover(db, owner.id, other.id, today, today - timedelta(days=1), "person:1", NOW)
