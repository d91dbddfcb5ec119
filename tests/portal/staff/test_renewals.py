"""What staff's pages of contracts and prices show of orders, and the receipt."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import StaffRole
from portal.documents import actions as documents
from portal.documents.models import Receipt
from portal.kit.db import reading, transaction
from portal.orders import actions as orders
from portal.orders.models import CancelledBy, Order
from portal.pricing import actions as pricing
from portal.pricing import queries as quotes
from tests import factories
from tests.conftest import NOW
from tests.portal.finance import make
from tests.web import post_form

SELLER = {"name": "Tidewell", "address": "1 Harbour Road", "tax_id": "T-9", "zone": "Asia/Shanghai", "email": ""}


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> FlaskClient:
    """Customer success's browser, and a price book."""
    with transaction() as db:
        factories.book(db)
        who = factories.staff(db, StaffRole.CS)
    factories.sign_in(client, who)
    return client


def placed(db: Session, **changes: Any) -> Order:
    """An order whose contract can be read after the transaction."""
    order = make.placed(db, **changes)
    assert order.contract.number
    return order


def receipted(**changes: Any) -> tuple[Order, Receipt]:
    with transaction() as db:
        order = placed(db, **changes)
        make.paid(db, order)
        return order, documents.issue(db, order, SELLER, NOW)


def found(desk: FlaskClient, q: str) -> list[str]:
    text = desk.get("/desk/orders", query_string={"q": q}).text
    return re.findall(r'data-row="order:([^"]+)"', text)


def test_orders_are_found_by_every_number_a_caller_may_have(desk: FlaskClient) -> None:
    order, receipt = receipted(po_number="PO-4711")
    with transaction() as db:
        make.placed(db)
        session, charge = f"cs_test_{'a' * 58}", f"ch_{'b' * 24}"
        make.attempt(db, order.subject, order.total, session_id=session, intent_id="pi_short", charge_id=charge,
                     state="failed")  # fmt: skip
    known = (order.contract.number, order.contract.number.lower(), receipt.number, "po-4711", "PO-47",
             session, charge, "pi_short")  # fmt: skip
    for q in known:
        assert found(desk, q) == [order.number], q
    for q in ("R-2026", "cs_other", f"ch_{'c' * 24}", "pi_a", "PO-4712"):
        assert found(desk, q) == [], q


def test_a_contract_shows_its_orders_and_quotes(desk: FlaskClient) -> None:
    with transaction() as db:
        order = placed(db)
        orders.cancel(db, order, "person:1", CancelledBy.STAFF, NOW)
        second = pricing.seal(db, order.contract, 24, None, order.placed_by, NOW)
        given: dict[str, Any] = {
            "by": order.placed_by,
            "email": order.placed_email,
            "po_number": None,
            "terms_version": "1",
        }
        waiting = orders.place(db, second, at=NOW, **given)
        third = pricing.seal(db, order.contract, 36, None, order.placed_by, NOW)
    text = desk.get(f"/desk/contracts/{order.contract.number}").text
    assert re.findall(r'data-row="order:([^"]+)"', text) == [waiting.number, order.number]
    assert re.findall(r'data-row="quote:([^"]+)"', text) == [third.id, second.id, order.quote_id]
    for shown in ("Awaiting payment", "Ordered", "Price held", f"/desk/quotes/{third.id}"):
        assert shown in text, shown


def test_who_sees_no_prices_sees_no_quotes(app: Flask, client: FlaskClient) -> None:
    with transaction() as db:
        factories.book(db)
        order, who = placed(db), factories.staff(db, StaffRole.DATA)
    factories.sign_in(client, who)
    text = client.get(f"/desk/contracts/{order.contract.number}").text
    assert order.number in text
    assert order.quote_id not in text
    assert "20,000.00" not in text


def test_no_price_is_sealed_beside_an_open_order(desk: FlaskClient) -> None:
    with transaction() as db:
        order = placed(db)
    address = f"/desk/contracts/{order.contract.number}/quote"
    text = desk.get(address).text
    assert f'href="/desk/orders/{order.number}"' in text
    assert "Cancel it first, or let the customer go on with it." in text
    assert "Seal this price" not in text
    answer = post_form(desk, address, term_months="24", seats="20", do="quote")
    assert answer.status_code == 422
    assert "has an open order, so nothing was changed." in answer.text
    with reading() as db:
        assert [quote.id for quote in quotes.latest_quotes(db, order.contract_id)] == [order.quote_id]


def test_a_quote_that_an_order_used_is_not_called_taken_back(desk: FlaskClient) -> None:
    order, _receipt = receipted()
    with transaction() as db:
        contract = db.get_one(type(order.contract), order.contract_id)
        contract.rev += 1
        pricing.void_for_contract(db, order.contract_id, NOW)
    text = desk.get(f"/desk/quotes/{order.quote_id}").text
    assert f"Used by {order.number}" in text
    for hidden in ("Held until", "Send to the customer", "Make a new quote"):
        assert hidden not in text, hidden
    story = desk.get(f"/desk/orders/{order.number}").text
    assert "Quote voided" not in story
    assert "contract_changed" not in story


def test_staff_read_the_receipt(desk: FlaskClient) -> None:
    order, receipt = receipted(po_number="PO-9")
    address = f"/desk/orders/{order.number}/receipt"
    assert address in desk.get(f"/desk/orders/{order.number}").text
    text = desk.get(address).text
    for shown in (receipt.number, "Tidewell", "Tax number T-9", "PO number PO-9", "Insight Analytics, Business",
                  "20,000.00", "18,867.92", "1,132.08", "Visa ending 4242", order.contract.number):  # fmt: skip
        assert shown in text, shown


def test_there_is_no_receipt_before_the_money(desk: FlaskClient) -> None:
    with transaction() as db:
        order = placed(db)
    assert desk.get(f"/desk/orders/{order.number}/receipt").status_code == 404
    assert desk.get("/desk/orders/RNW-2026-999999/receipt").status_code == 404


def test_a_held_order_says_what_came_and_what_was_due(desk: FlaskClient) -> None:
    with transaction() as db:
        order = placed(db)
        orders.hold(db, order, "amount", NOW, expected_minor=2_000_000, expected_currency="CNY",
                    got_minor=1_990_000, got_currency="CNY")  # fmt: skip
    text = desk.get(f"/desk/orders/{order.number}").text
    assert "Received: CN¥19,900.00. Expected: CN¥20,000.00." in text
    assert "the order stays held until then" in text


def test_cancelling_wants_a_reason_and_keeps_it(desk: FlaskClient) -> None:
    with transaction() as db:
        order = placed(db)
    address = f"/desk/orders/{order.number}/cancel"
    answer = post_form(desk, address, reason="  ")
    assert answer.status_code == 422
    assert "Say who asked for it, and why." in answer.text
    post_form(desk, address, reason="Lin Mei rang")
    text = desk.get(f"/desk/orders/{order.number}").text
    assert "Lin Mei rang" in text
    assert "Cancelling asked for by staff" in text
