from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from portal.accounts.models import CompanyRole
from portal.kit import clock
from portal.kit.db import reading, transaction
from portal.kit.listing import Cursor
from portal.orders import actions, queries
from portal.orders.models import CancelledBy, OrderState
from portal.orders.queries import Filters
from portal.pricing import actions as pricing
from tests import factories
from tests.conftest import NOW

COMPANIES = ("Aurora 极光科技", "Harbor Freight Systems", "100% Wool_Co")


@pytest.fixture
def orders(app: Flask) -> list[str]:
    """Sixty orders, a minute apart, of three companies in two currencies; every fifth is cancelled."""
    numbers = []
    with transaction() as db:
        factories.book(db)
        companies = [factories.company(db, name) for name in COMPANIES]
        for company in companies:
            factories.member(db, company, CompanyRole.OWNER)
    for index in range(60):
        with time_machine.travel(NOW + timedelta(minutes=index), tick=False), transaction() as db:
            currency = "CNY" if index % 2 else "USD"
            contract = factories.contract(db, companies[index % 3], currency=currency)
            quote = pricing.seal(db, contract, 12, None, "person:1", clock.now())
            email = f"payer{index % 4}@aurora.example"
            order = actions.place(db, quote, "person:1", email, None, "2026-01", clock.now())
            if index % 5 == 0:
                actions.cancel(db, order, "person:1", CancelledBy.STAFF, clock.now())
            numbers.append(order.number)
    return numbers


def found(filters: Filters, after: Cursor | None = None, limit: int = 50) -> list[str]:
    with reading() as db:
        return [order.number for order in queries.search(db, filters, after, limit)]


def test_fifty_rows_take_at_most_two_statements(orders: list[str], statements: Callable[[], list[str]]) -> None:
    with reading() as db:
        statements()
        rows = queries.search(db, Filters(), None, 50)
        for order in rows:
            assert order.company.name
            assert order.contract.number
            assert order.quote.months == 12
        assert len(statements()) <= 2
    assert [row.number for row in rows] == orders[:9:-1]


def test_pages_meet_without_gap_or_overlap(orders: list[str]) -> None:
    with reading() as db:
        first = queries.search(db, Filters(), None, 25)
        second = queries.search(db, Filters(), Cursor(first[-1].placed_at, first[-1].id), 25)
        back = queries.search(db, Filters(), Cursor(second[0].placed_at, second[0].id, backwards=True), 25)
    assert [row.number for row in [*first, *second]] == orders[:9:-1]
    assert sorted(row.number for row in back) == sorted(row.number for row in first)


CASES = [
    (Filters(text="RNW-2026-000007"), 1),
    (Filters(text=" rnw-2026-000007 "), 1),
    (Filters(text="00007"), 1),
    (Filters(text="PAYER1@aurora.example"), 15),
    (Filters(text="payer1@"), 0),
    (Filters(text="harbor"), 20),
    (Filters(text="极光"), 20),
    (Filters(text="100%"), 20),
    (Filters(text="%"), 20),
    (Filters(text="l_C"), 20),
    (Filters(text="nobody"), 0),
    (Filters(states=(OrderState.CANCELLED,)), 12),
    (Filters(states=(OrderState.CANCELLED, OrderState.AWAITING_PAYMENT)), 60),
    (Filters(currency="USD"), 30),
    (Filters(text="harbor", currency="USD", states=(OrderState.AWAITING_PAYMENT,)), 8),
    (Filters(since=NOW + timedelta(minutes=50)), 10),
    (Filters(before=NOW + timedelta(minutes=50)), 50),
    (Filters(since=NOW + timedelta(minutes=10), before=NOW + timedelta(minutes=12)), 2),
]


def test_filters(orders: list[str]) -> None:
    for filters, count in CASES:
        assert len(found(filters, limit=100)) == count, filters


def test_finding_single_orders(orders: list[str], statements: Callable[[], list[str]]) -> None:
    with reading() as db:
        order = queries.by_number(db, orders[7])
        assert order is not None
        statements()
        assert order.company.name
        assert order.contract.currency
        assert order.quote.total == order.total
        assert statements() == []
        assert queries.by_number(db, "RNW-2026-999999") is None
        assert queries.open_for(db, order.contract_id) is order
        assert queries.with_open(db, [order.contract_id, 9_999]) == {order.contract_id}
        assert queries.of_contract(db, order.contract_id) == [order]
        assert queries.latest_for(db, [order.contract_id, 9_999]) == {order.contract_id: order}
        assert queries.latest_for(db, []) == {}
        cancelled = queries.by_number(db, orders[5])
        assert cancelled is not None
        assert queries.open_for(db, cancelled.contract_id) is None
        company = Filters(company_id=order.company_id)
        assert len(queries.search(db, company, None, 100)) == 20


def test_overdue_orders_are_the_unpaid_ones(orders: list[str]) -> None:
    with reading() as db:
        assert queries.overdue(db, NOW) == []
        late = queries.overdue(db, NOW + timedelta(days=400), 100)
    assert len(late) == 48
