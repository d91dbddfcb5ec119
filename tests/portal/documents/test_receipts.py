"""Receipts: one for each paid order, numbered without gaps, saying what was true on the day."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.accounts.models import Company
from portal.documents import actions, queries, rules
from portal.documents.errors import ReceiptNotDue
from portal.documents.models import Receipt
from portal.kit.db import reading, transaction
from portal.orders import queries as orders
from portal.orders.models import Order
from tests import factories
from tests.conftest import NOW
from tests.portal.pricing.scene import Scene, ordered, staged

pytestmark = pytest.mark.usefixtures("app")
SELLER = {
    "name": "Tidewell", "address": "1 Harbour Road", "tax_id": "91110000600037341L", "zone": "Asia/Shanghai",
    "email": "not printed",
}  # fmt: skip


def issue(order: Order, at: datetime = NOW) -> Receipt:
    with transaction() as db:
        return actions.issue(db, orders.lock(db, order.number), SELLER, at)


def several(count: int) -> list[Order]:
    """Paid orders of several contracts of one company."""
    first = staged()
    found = [ordered(first)]
    for _ in range(count - 1):
        with transaction() as db:
            contract = factories.contract(db, first.company)
        found.append(ordered(Scene(first.company, contract, first.owner, first.cs)))
    return found


def test_a_receipt_says_who_sold_what_to_whom() -> None:
    scene = staged()
    details = {"title": "极光科技（上海）有限公司", "tax_id": "91110000600037341L", "address": "2 West Road"}
    with transaction() as db:
        db.execute(update(Company).values(invoice_details=details))
    receipt = issue(ordered(scene))
    assert receipt.number == "R-2026-000001"
    assert receipt.particulars == {
        "seller": {"name": "Tidewell", "address": "1 Harbour Road", "tax_id": "91110000600037341L"},
        "buyer": {"name": "Aurora 极光科技", "po_number": "PO-7", **details},
    }


def test_particulars_stand_as_they_were() -> None:
    order = ordered(staged())
    number = issue(order).number
    with transaction() as db:
        db.execute(update(Company).values(name="Renamed"))
    with reading() as db:
        found = queries.for_order(db, order.id)
        assert found is not None
        assert found.particulars["buyer"]["name"] == "Aurora 极光科技"
        assert (found.number, found.order.quote.total_minor) == (number, 3_680_000)
        assert queries.for_order(db, order.id + 1) is None


def test_without_invoice_details_the_company_is_the_title() -> None:
    buyer = rules.particulars({"name": "T"}, "Aurora", {}, None)["buyer"]
    assert buyer == {"name": "Aurora", "title": "Aurora", "tax_id": "", "address": "", "po_number": ""}


def test_an_unpaid_order_gets_none() -> None:
    order = ordered(staged(), paid=False)
    with pytest.raises(ReceiptNotDue) as refused:
        issue(order)
    assert refused.value.facts == {"number": order.number, "state": "awaiting_payment"}


def test_twice_is_once() -> None:
    order = ordered(staged())
    assert issue(order).number == issue(order, datetime(2027, 5, 1, tzinfo=UTC)).number


def test_the_year_is_the_sellers() -> None:
    one, two = several(2)
    assert issue(one, datetime(2026, 12, 31, 15, 59, tzinfo=UTC)).number == "R-2026-000001"
    assert issue(two, datetime(2026, 12, 31, 16, tzinfo=UTC)).number == "R-2027-000001"


def test_a_rolled_back_number_is_given_again() -> None:
    one, two = several(2)
    with pytest.raises(RuntimeError, match="later step"), transaction() as db:
        assert actions.issue(db, orders.lock(db, one.number), SELLER, NOW).number == "R-2026-000001"
        raise RuntimeError("a later step of the same transaction failed")
    assert issue(two).number == "R-2026-000001"
    assert issue(one).number == "R-2026-000002"


def test_no_gaps_and_no_doubles_when_many_pay_at_once(app: Flask) -> None:
    todo = several(8)
    start = threading.Barrier(len(todo) * 2)

    def settle(order: Order, fails: bool) -> None:
        with app.app_context():
            start.wait()
            if not fails:
                issue(order)
                return
            with pytest.raises(RuntimeError), transaction() as db:
                actions.issue(db, orders.lock(db, order.number), SELLER, NOW)
                raise RuntimeError("its transaction fails")

    threads = [threading.Thread(target=settle, args=(order, fails)) for order in todo for fails in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading() as db:
        numbers = sorted(db.scalars(select(Receipt.number)))
    assert numbers == [f"R-2026-{serial:06}" for serial in range(1, 9)]
