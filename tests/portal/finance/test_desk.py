"""Finance's page of payments: what it shows, finds, adds up and exports, and who may see it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from payments.charges.models import PaymentAttempt
from payments.ledger import actions as ledger
from payments.money import Money
from portal.accounts.models import StaffRole
from portal.finance import queries
from portal.finance.queries import Filters
from portal.kit.db import database, reading, transaction
from portal.orders import actions as orders
from tests import factories
from tests.conftest import NOW
from tests.portal.finance import make

ZONE = "Asia/Shanghai"


def rows_of(page: str) -> list[str]:
    return re.findall(r'data-row="payment:([^"]+)"', page)


def page(desk: FlaskClient, query: str = "") -> str:
    response = desk.get(f"/finance/payments{query}")
    assert response.status_code == 200
    return " ".join(response.text.split())  # how the template breaks its lines is nobody's matter


def totals_page(desk: FlaskClient, query: str = "") -> str:
    response = desk.get(f"/finance/payments/totals{query}")
    assert response.status_code == 200
    return " ".join(response.text.split())


def test_the_front_door_leads_to_the_payments(desk: FlaskClient) -> None:
    response = desk.get("/finance")
    assert (response.status_code, response.location) == (302, "/finance/payments")


def test_no_payments_yet(desk: FlaskClient) -> None:
    assert "No payments yet" in page(desk)


def test_a_payment_shows_its_money_ids_and_order(desk: FlaskClient) -> None:
    with transaction() as db:
        order = make.placed(db, factories.company(db, "Kestrel & Söhne"))
        charge = make.paid(db, order, fee=68_000)
    text = page(desk)
    assert rows_of(text) == [charge]
    for shown in (order.number, "Kestrel &amp; Söhne", "20,000.00", "680.00", "19,320.00", f"txn_{charge}",
                  "Visa ending 4242", "11-22 14:30", "Booked", f"/desk/orders/{order.number}"):  # fmt: skip
        assert shown in text


def test_a_fee_that_is_not_told_yet_is_pending(desk: FlaskClient) -> None:
    with transaction() as db:
        make.paid(db, make.placed(db), fee=None)
    text = totals_page(desk)
    assert "Fee pending" in page(desk)
    assert 'data-fact="pending" data-value="2000000"' in text
    assert 'data-fact="net" data-value="0"' in text
    assert "differs by" not in text


def test_a_payment_settled_in_another_currency_shows_both(desk: FlaskClient) -> None:
    with transaction() as db:
        order = make.placed(db)
        charge = make.paid(db, order, fee=None)
        make.told(db, charge, Money(277_800, "USD"), 9_445)
    text = page(desk)
    assert "settled as 2,778.00" in text
    assert "2,683.55" in text
    text = totals_page(desk)
    assert 'data-row="total:CNY"' in text
    assert 'data-row="total:USD"' in text
    assert "in another currency" in text
    assert "differs by" not in text


@pytest.mark.parametrize(("order_is", "reason", "what_to_do"), [
    ("stranger", "No order belongs to this money", "under Exceptions"),
    ("paid", "this is a second payment", "Nothing is renewed by it"),
    ("amount", "The amount differs", "under Exceptions"),
    ("closed", "after the order was closed", "under Exceptions"),
])  # fmt: skip
def test_money_in_suspense_says_why_and_what_to_do(
    desk: FlaskClient, order_is: str, reason: str, what_to_do: str
) -> None:
    with transaction() as db:
        charge = make.suspended(db, _subject(db, order_is), Money(500, "CNY"))
    text = page(desk, "?unmatched=1")
    assert rows_of(text) == [charge]
    assert "In suspense" in text
    assert reason in text
    assert what_to_do in text


def _subject(db: Session, order_is: str) -> str:
    if order_is == "stranger":
        return "session:cs_unknown"
    order = make.placed(db)
    if order_is == "paid":
        make.paid(db, order)
    else:
        orders.hold(db, order, order_is, NOW)
    return order.subject


def test_money_taken_out_of_suspense_is_booked(desk: FlaskClient) -> None:
    with transaction() as db:
        order = make.placed(db)
        charge = make.suspended(db, order.subject, order.total)
        ledger.sale(db, order.subject, order.quote.net, order.quote.tax, NOW, NOW)
        ledger.apply(db, f"stripe:{charge}", order.subject, order.total, NOW, NOW)
    assert rows_of(page(desk)) == [charge]
    assert "In suspense" not in page(desk)
    assert rows_of(page(desk, "?unmatched=1")) == []


@pytest.mark.parametrize("by", ["number", "typed badly", "charge", "intent", "session", "transaction"])
def test_a_payment_is_found_by_any_of_its_numbers(desk: FlaskClient, by: str) -> None:
    with transaction() as db:
        order = make.placed(db)
        charge = make.paid(db, order)
        make.paid(db, make.placed(db))
        attempt = db.query(PaymentAttempt).filter_by(charge_id=charge).one()
    sought = {
        "number": order.number, "typed badly": order.number.replace("-", "").lower(), "charge": charge,
        "intent": attempt.intent_id, "session": attempt.session_id, "transaction": f"txn_{charge}",
    }[by]  # fmt: skip
    assert rows_of(page(desk, f"?q={sought}")) == [charge]


def test_signs_of_the_database_are_searched_as_they_are(desk: FlaskClient) -> None:
    with transaction() as db:
        make.paid(db, make.placed(db))
    assert rows_of(page(desk, "?q=%25")) == []
    assert "No payment matches" in page(desk, "?q=%25")


def test_days_are_the_sellers(desk: FlaskClient) -> None:
    """A second before midnight in Shanghai, and midnight."""
    midnight = NOW.replace(hour=16, minute=0, second=0)
    with transaction() as db:
        before = make.paid(
            db, make.placed(db, at=midnight - timedelta(seconds=1)), midnight - timedelta(seconds=1)
        )
        after = make.paid(db, make.placed(db, at=midnight), midnight)
    assert rows_of(page(desk, "?to=2026-11-22")) == [before]
    assert rows_of(page(desk, "?from=2026-11-23")) == [after]
    assert rows_of(page(desk, "?from=2026-11-22&to=2026-11-23")) == [after, before]


def test_totals_equal_the_sums_of_the_rows_by_currency(desk: FlaskClient) -> None:
    with transaction() as db:
        for number, currency in enumerate(("CNY", "CNY", "USD", "JPY", "JPY", "JPY")):
            fee = None if number == 4 else 100 + number
            make.paid(db, make.placed(db, currency=currency, seats=number + 1), fee=fee)
        converted = make.paid(db, make.placed(db), fee=None)
        make.told(db, converted, Money(277_800, "USD"), 9_445)
        make.suspended(db, "order:RNW-2099-000001", Money(77, "USD"))
    for filters in (Filters(ZONE), Filters(ZONE, currency="USD"), Filters(ZONE, unmatched=True)):
        with reading() as db:
            rows = queries.payments(db, filters, None, None, 100)
            totals = queries.sums(db, filters, None)
        assert rows
        for total in totals:
            mine = [row for row in rows if row.gross.currency == total.currency]
            assert total.count == len(mine)
            assert total.gross.minor == sum(row.gross.minor for row in mine)
            assert total.pending.minor == sum(row.gross.minor for row in mine if row.fee is None)
            fees = [row.fee.minor for row in rows if row.fee and row.fee.currency == total.currency]
            assert total.fees.minor == sum(fees)
            nets = [row.net.minor for row in rows if row.net and row.net.currency == total.currency]
            assert total.net.minor == sum(nets)
        assert {row.gross.currency for row in rows} <= {total.currency for total in totals}


def test_the_books_agree_while_all_is_booked(desk: FlaskClient) -> None:
    with transaction() as db:
        make.paid(db, make.placed(db))
        make.paid(db, make.placed(db, currency="USD"), fee=None)
        make.suspended(db, "order:RNW-2099-000001", Money(500, "JPY"))
        order = make.placed(db)
        make.suspended(db, order.subject, order.total, charge=make.captured(db, order).charge_id)
    text = totals_page(desk)
    assert text.count('data-value="agrees"') == 3
    assert 'data-value="differs"' not in text


def test_a_captured_payment_that_was_not_booked_is_flagged(desk: FlaskClient) -> None:
    with transaction() as db:
        make.paid(db, make.placed(db))
        make.captured(db, make.placed(db))
    text = totals_page(desk)
    assert 'data-value="differs"' in text
    assert "CNY differs by −20,000.00" in text


def test_pages_by_keyset_keep_order_though_instants_tie(desk: FlaskClient) -> None:
    with transaction() as db:
        charges = [make.suspended(db, "order:RNW-2099-000001", Money(1, "CNY")) for _ in range(120)]
    seen, address = [], "/finance/payments?currency=CNY"
    while address:
        text = desk.get(address).get_data(as_text=True)
        seen += rows_of(text)
        older = re.search(r'href="([^"]+older=[^"]+)"', text)
        address = older[1].replace("&amp;", "&") if older else ""
    assert seen == list(reversed(charges))
    newer = re.search(r'href="([^"]+newer=[^"]+)"', text)
    assert newer is not None
    assert "currency=CNY" in newer[1]
    back = desk.get(newer[1].replace("&amp;", "&")).get_data(as_text=True)
    assert rows_of(back) == list(reversed(charges))[50:100]
    newest = re.search(r'href="([^"]+newer=[^"]+)"', back)
    assert newest is not None
    response = desk.get(newest[1].replace("&amp;", "&"))
    assert (response.status_code, response.location) == (302, "/finance/payments?currency=CNY")


def test_a_filter_that_is_gone_is_left_out_with_a_note(desk: FlaskClient) -> None:
    with transaction() as db:
        charge = make.paid(db, make.placed(db))
    text = page(desk, "?currency=DEM&segment=big&older=nowhere")
    assert rows_of(text) == [charge]
    assert "DEM" in text
    assert "segment" in text
    assert "This list has no filter" in text


def test_few_statements(desk: FlaskClient, statements: Callable[[], list[str]]) -> None:
    with transaction() as db:
        for _ in range(5):
            make.paid(db, make.placed(db))
    statements()
    page(desk, "?q=RNW&currency=CNY&from=2026-11-01")
    seen = statements()
    assert len(seen) <= 4, seen


@pytest.mark.parametrize("role", list(StaffRole))
def test_only_roles_that_see_payments_come_in(app: Flask, client: FlaskClient, role: StaffRole) -> None:
    with transaction() as db:
        who = factories.staff(db, role)
    factories.sign_in(client, who)
    expected = 403 if role in (StaffRole.DATA, StaffRole.ADMIN) else 200
    assert client.get("/finance/payments").status_code == expected
    assert client.get("/finance/payments.csv").status_code == expected


def test_customers_and_strangers_stay_out(app: Flask, client: FlaskClient) -> None:
    assert client.get("/finance/payments").status_code == 302
    with transaction() as db:
        who = factories.member(db, factories.company(db))
    factories.sign_in(client, who)
    assert client.get("/finance/payments").status_code == 403
    assert client.get("/finance/payments.csv").status_code == 403


def test_the_days_filter_reads_iso(desk: FlaskClient) -> None:
    with transaction() as db:
        make.paid(db, make.placed(db))
    assert queries.payments(database.session, Filters(ZONE, first=date(2026, 11, 23)), None, None, 5) == []
    assert 'value="2026-11-01"' in page(desk, "?from=2026-11-01")
