"""What went back, and what is contested, where money is shown: the list, its proofs, an order's box."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Person, StaffRole
from portal.checkout.actions import suspense
from portal.checkout.flows.ground import seller
from portal.finance import queries
from portal.kit import clock
from portal.kit.db import reading, transaction
from tests import factories
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import (
    Renewal,
    broken,
    give_back,
    hear,
    open_page,
    order_of,
    paid,
    payment,
    renewal,
    settle,
    use,
)
from tests.portal.home.pages import Page, read


@pytest.fixture
def gateway(app: Flask) -> FakeGateway:
    return use(app)


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> FlaskClient:
    with transaction() as db:
        who = factories.staff(db, StaffRole.FINANCE)
    factories.sign_in(client, who, clock.now())
    return client


def charge(made: Renewal) -> str:
    return payment(made).partition(":")[2]


def row(desk: FlaskClient, made: Renewal) -> tuple[Page, str]:
    return read(desk.get(f"/finance/payments?q={made.number}")), f"payment:{charge(made)}"


def proofs_hold() -> bool:
    with reading() as db:
        return all(proof.holds for proof in queries.clearing_proofs(db))


@pytest.mark.parametrize(("end", "fact"), [("", "contested"), ("lost", "lost"), ("won", None)])
def test_a_dispute_shows_in_the_row_and_in_the_order(
    desk: FlaskClient, gateway: FakeGateway, end: str, fact: str | None
) -> None:
    made = paid(gateway)
    total = order_of(made.number).total_minor
    dispute = gateway.dispute(charge(made))
    hear(gateway)
    if end:
        gateway.decide(dispute, end)
        hear(gateway)
    page, place = row(desk, made)
    for name in ("contested", "lost"):
        shown = [hook.attrs["data-minor"] for hook in page.facts.get(name, []) if hook.row == place]
        assert shown == ([str(total)] if name == fact else []), name
    order = read(desk.get(f"/desk/orders/{made.number}"))
    assert order.fact("dispute-state", f"dispute:{dispute}") == (end or "open")
    assert order.fact("gone", place, "data-minor") == (str(total) if end == "lost" else "0")
    assert order.fact("refundable", place, "data-minor") == ("0" if end == "lost" else str(total))
    assert (order.action("request-refund") is not None) is (end == "won")
    assert proofs_hold()
    assert broken() == []


def test_refunds_are_told_in_row_order_and_proof(desk: FlaskClient, gateway: FakeGateway) -> None:
    made = paid(gateway)
    total = order_of(made.number).total_minor
    give_back(made, 100_000)
    page, place = row(desk, made)
    assert page.fact("returned", place, "data-minor") == "100000"
    order = read(desk.get(f"/desk/orders/{made.number}"))
    assert order.fact("gone", place, "data-minor") == "100000"
    assert order.fact("refundable", place, "data-minor") == str(total - 100_000)
    text = desk.get("/finance/payments/totals").text
    assert "gross − fees − refunds of all payments" in text
    assert "differs by" not in text


def test_held_money_that_went_back_is_neither_booked_nor_unmatched(
    desk: FlaskClient, gateway: FakeGateway
) -> None:
    made = renewal()
    page = open_page(made)
    gateway.sessions[page].amount -= 100
    gateway.pay(page)
    settle(made)
    shown, place = row(desk, made)
    assert shown.fact("payment-state", place) == "suspense"
    amount = gateway.sessions[page].amount
    give_back(made, amount // 2)
    assert row(desk, made)[0].fact("payment-state", place) == "suspense"
    give_back(made, amount - amount // 2)
    assert row(desk, made)[0].fact("payment-state", place) == "gone"
    assert read(desk.get("/finance/payments?unmatched=1")).rows == []
    assert "Went back" in desk.get("/finance/payments.csv").text
    assert proofs_hold()
    assert broken() == []


def test_money_that_was_assigned_stands_at_the_order_that_it_pays(desk: FlaskClient, gateway: FakeGateway) -> None:
    made = renewal()
    stranger = gateway.stranger(amount=order_of(made.number).total_minor)
    gateway.pay(stranger.id)
    hear(gateway)
    assert read(desk.get(f"/desk/orders/{made.number}")).facts.get("refundable") is None
    with transaction() as db:
        suspense.assign(db, f"stripe:{stranger.charge_id}", made.number, seller(), "person:1", clock.now())
    order = read(desk.get(f"/desk/orders/{made.number}"))
    assert order.fact("refundable", attr="data-minor") == str(stranger.amount)
    assert order.action("request-refund") is not None
    assert "Booked to this order" in desk.get(f"/desk/orders/{made.number}").text


@pytest.mark.parametrize(
    ("language", "heading"), [("en", "Money that waits for its place"), ("zh_Hans_CN", "待归属的款项")]
)
def test_exceptions_stand_in_groups_and_are_counted_in_the_menu(
    desk: FlaskClient, gateway: FakeGateway, language: str, heading: str
) -> None:
    made = paid(gateway)
    stranger = gateway.stranger()
    gateway.pay(stranger.id)
    gateway.warn(charge(made))
    hear(gateway)
    with transaction() as db:
        db.query(Person).filter(Person.staff_role == StaffRole.FINANCE).update({"language": language})
    text = " ".join(desk.get("/finance/exceptions").text.split())
    kinds = re.findall(r'data-fact="exception" data-value="(\w+)"', text)
    assert kinds == ["unknown_payment", "fraud_warning"]
    assert heading in text
    for path in ("/finance/payments", "/finance/refunds", "/desk/orders"):
        menu = " ".join(desk.get(path).text.split()).split('href="/finance/exceptions"')[1].split("</a>")[0]
        assert '<span class="num">2<span' in menu, path
