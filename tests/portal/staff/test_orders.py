"""The desk's list of orders: what it finds, in which order, for whom."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import StaffRole
from portal.kit import search
from portal.kit.db import transaction
from portal.orders import actions as orders
from portal.orders.models import CancelledBy, Order
from tests import factories
from tests.conftest import NOW
from tests.portal.finance import make


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> FlaskClient:
    """Customer success's browser, and a price book."""
    with transaction() as db:
        factories.book(db)
        who = factories.staff(db, StaffRole.CS)
    factories.sign_in(client, who)
    return client


def page(desk: FlaskClient, query: str = "") -> str:
    response = desk.get(f"/desk/orders{query}")
    assert response.status_code == 200
    return response.get_data(as_text=True)


def numbers_of(text: str) -> list[str]:
    return re.findall(r'data-row="order:([^"]+)"', text)


def links(text: str, part: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', text) if part in link]


def made(db: Session, count: int, **changes: object) -> list[Order]:
    """Orders a minute apart, the newest first."""
    return [make.placed(db, at=NOW - timedelta(minutes=n), **changes) for n in range(count)]  # type: ignore[arg-type]


def numbers(rows: Sequence[Order]) -> list[str]:
    return [row.number for row in rows]


def test_the_front_door_leads_to_the_orders(desk: FlaskClient) -> None:
    response = desk.get("/desk")
    assert (response.status_code, response.location) == (302, "/desk/orders")


def test_no_orders_yet(desk: FlaskClient) -> None:
    assert "No orders yet" in page(desk)


def test_a_row_tells_the_order_in_a_line(desk: FlaskClient) -> None:
    with transaction() as db:
        order = make.placed(db, factories.company(db, "Marlow & Finch"), currency="JPY", seats=3, months=24)
    text = page(desk)
    assert numbers_of(text) == [order.number]
    for shown in ("Marlow &amp; Finch", "Insight Analytics, Business, 24 mo", "110,400", "JPY",
                  "Awaiting payment", "11-22 14:30", f"/desk/orders/{order.number}"):  # fmt: skip
        assert shown in text, shown


def test_what_is_wrong_is_said_in_words(desk: FlaskClient) -> None:
    with transaction() as db:
        held, failed, cancelled = made(db, 3)
        orders.hold(db, held, "amount", NOW)
        orders.note_failure(db, failed, "insufficient_funds", NOW)
        orders.cancel(db, cancelled, "person:1", CancelledBy.CUSTOMER, NOW)
    text = page(desk)
    for shown in ("Held", "The amount paid differs from the quote.", "Payment failed",
                  "Declined: not enough funds", "Cancelled", "By the customer"):  # fmt: skip
        assert shown in text, shown


def test_unknown_codes_stand_in_the_title_alone(desk: FlaskClient) -> None:
    with transaction() as db:
        held, failed = made(db, 2)
        orders.hold(db, held, "moon_phase", NOW)
        orders.note_failure(db, failed, "brand_new_code", NOW)
    text = page(desk)
    assert 'title="moon_phase">The payment does not fit the order.' in text
    assert 'title="brand_new_code">Declined by the bank<' in text
    assert "brand new code" not in text


def test_saved_views(desk: FlaskClient) -> None:
    with transaction() as db:
        held, failed, waiting, processing, paid, cancelled = made(db, 6)
        orders.hold(db, held, "amount", NOW)
        orders.note_failure(db, failed, "card_declined", NOW)
        orders.mark_processing(db, processing, NOW)
        make.paid(db, paid)
        orders.note_failure(db, cancelled, "card_declined", NOW)
        orders.cancel(db, cancelled, "person:1", CancelledBy.STAFF, NOW)
    views = {
        "": [held, failed, waiting, processing, paid, cancelled],
        "?view=needs_look": [held, failed],
        "?view=awaiting": [failed, waiting, processing],
        "?view=paid": [paid],
    }
    for query, rows in views.items():
        assert numbers_of(page(desk, query)) == numbers(rows), query


def test_an_empty_view_says_what_belongs_there(desk: FlaskClient) -> None:
    assert "Nothing needs a look" in page(desk, "?view=needs_look")
    assert "No order in this view" in page(desk, "?view=paid")


@pytest.mark.parametrize("typed", ["number", "serial", "badly typed", "company",
                                   "placer", "member", "beginning of a mail"])  # fmt: skip
def test_an_order_is_found_by_what_the_customer_says(desk: FlaskClient, typed: str) -> None:
    with transaction() as db:
        company = factories.company(db, "Kestrel Aviation 红隼航空")
        order = make.placed(db, company, email="Ada@kestrel.example")
        factories.member(db, company, email="sales.team@kestrel.example")
        make.placed(db, factories.company(db, "Heron Education"))
    sought = {
        "number": order.number, "serial": order.number[-6:].lstrip("0"),
        "badly typed": order.number.replace("-", " "),
        "company": "红隼", "placer": "ADA@Kestrel.example", "member": "sales.team@kestrel.example",
        "beginning of a mail": "sales.team@k",
    }[typed]  # fmt: skip
    found = numbers_of(desk.get("/desk/orders", query_string={"q": sought}).get_data(as_text=True))
    assert found == [order.number]


def test_orders_are_found_by_the_beginning_of_their_number(desk: FlaskClient) -> None:
    with transaction() as db:
        rows = made(db, 2)
    assert numbers_of(page(desk, "?q=rnw-2026-0000")) == numbers(rows)
    assert numbers_of(page(desk, "?q=rnw-2026-0001")) == []


def test_a_search_that_finds_too_much_says_so(desk: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST", 2)
    with transaction() as db:
        rows = made(db, 3)
    text = page(desk, "?q=rnw")
    assert sorted(numbers_of(text)) == sorted(numbers(rows))[1:]  # the highest numbers are the newest
    assert "More than 2 things match “rnw”" in text


def test_people_who_left_find_nothing(desk: FlaskClient) -> None:
    with transaction() as db:
        order = make.placed(db)
        gone = factories.member(db, order.company, email="gone@elsewhere.example")
        db.connection().exec_driver_sql(f"UPDATE memberships SET state = 'left' WHERE person_id = {gone.id}")
    assert numbers_of(page(desk, "?q=gone@elsewhere.example")) == []


def test_signs_of_the_database_are_searched_as_they_are(desk: FlaskClient) -> None:
    with transaction() as db:
        make.placed(db)
        odd = make.placed(db, factories.company(db, "100% _Cotton"))
    assert numbers_of(page(desk, "?q=%25")) == []
    assert numbers_of(page(desk, "?q=100%25 _cot")) == [odd.number]
    assert "No order matches" in page(desk, "?q=__________")


def test_filters_narrow_each_other(desk: FlaskClient) -> None:
    with transaction() as db:
        cny = make.placed(db)
        usd = make.placed(db, currency="USD")
        make.paid(db, make.placed(db, currency="USD"))
    assert numbers_of(page(desk, "?currency=CNY")) == [cny.number]
    assert numbers_of(page(desk, "?currency=USD&state=awaiting_payment")) == [usd.number]
    assert numbers_of(page(desk, "?currency=USD&state=awaiting_payment&q=rnw")) == [usd.number]


def test_days_are_the_sellers(desk: FlaskClient) -> None:
    """A second before midnight in Shanghai, and midnight."""
    midnight = NOW.replace(hour=16, minute=0)
    with transaction() as db:
        before = make.placed(db, at=midnight - timedelta(seconds=1))
        after = make.placed(db, at=midnight)
    assert numbers_of(page(desk, "?to=2026-11-22")) == [before.number]
    assert numbers_of(page(desk, "?from=2026-11-23")) == [after.number]
    assert numbers_of(page(desk, "?from=2026-11-22&to=2026-11-23")) == [after.number, before.number]


def test_a_filter_that_is_gone_is_left_out_with_a_note(desk: FlaskClient) -> None:
    with transaction() as db:
        order = make.placed(db)
    text = page(desk, "?view=overdue&state=lost&currency=DEM&from=soon&segment=big&older=x")
    assert numbers_of(text) == [order.number]
    for told in ("overdue", "lost", "DEM", "soon", "segment", "this is the first one"):
        assert told in text, told


def test_a_state_outside_the_view_is_left_out_with_a_note(desk: FlaskClient) -> None:
    with transaction() as db:
        order = make.placed(db)
        make.paid(db, order)
    text = page(desk, "?view=paid&state=held")
    assert numbers_of(text) == [order.number]
    assert "does not exist any more" in text
    assert 'value="held"' not in text


def test_pages_by_keyset_keep_order_though_instants_tie(desk: FlaskClient) -> None:
    with transaction() as db:
        company = factories.company(db)
        rows = [make.placed(db, company, at=NOW - timedelta(minutes=n // 30)) for n in range(120)]
    expected = numbers(sorted(rows, key=lambda row: (row.placed_at, row.id), reverse=True))
    seen, address, texts = [], "/desk/orders?currency=CNY", []
    while address:
        texts.append(desk.get(address).get_data(as_text=True))
        seen += numbers_of(texts[-1])
        address = next(iter(links(texts[-1], "older=")), "")
        assert not address or "currency=CNY" in address
    assert seen == expected
    assert len(texts) == 3
    back = desk.get(next(iter(links(texts[2], "newer=")))).get_data(as_text=True)
    assert numbers_of(back) == expected[50:100]
    first = desk.get(next(link for link in links(back, "newer=") if link.startswith("/desk/orders?")))
    assert (first.status_code, first.location) == (302, "/desk/orders?currency=CNY")


def test_the_pager_tells_its_span(desk: FlaskClient) -> None:
    with transaction() as db:
        made(db, 3)
    text = page(desk)
    assert "placed 22 Nov 2026, 14:30 back to 22 Nov 2026, 14:28" in text
    assert "China" in text


def test_filters_survive_a_visit_to_an_order(desk: FlaskClient) -> None:
    with transaction() as db:
        order = make.placed(db)
    [to_order] = links(page(desk, "?q=RNW&view=awaiting"), order.number)
    story = desk.get(to_order).get_data(as_text=True)
    assert links(story, "/desk/orders?") == ["/desk/orders?view=awaiting&q=RNW"]


def test_the_way_back_stays_in_the_list(desk: FlaskClient) -> None:
    with transaction() as db:
        order = make.placed(db)
    text = desk.get(f"/desk/orders/{order.number}?list=//evil.example?q=1%26next=http://evil").get_data(
        as_text=True
    )
    assert "evil" not in text.replace("list=", "").split("<main")[1]


def test_few_statements_and_no_counting(desk: FlaskClient, statements: Callable[[], list[str]]) -> None:
    with transaction() as db:
        made(db, 60)
    for query in ("", "?q=RNW-2026&state=awaiting_payment&currency=CNY&from=2026-11-01&to=2026-11-30"):
        statements()
        text = page(desk, query)
        seen = statements()
        assert len(numbers_of(text)) == 50
        assert len(seen) <= 4, seen
        assert not any("count(" in one.lower() for one in seen)


@pytest.mark.parametrize("role", list(StaffRole))
def test_all_staff_read_orders_but_prices_are_for_some(app: Flask, client: FlaskClient, role: StaffRole) -> None:
    with transaction() as db:
        factories.book(db)
        who = factories.staff(db, role)
        make.paid(db, make.placed(db, seats=7))
    factories.sign_in(client, who)
    text = page(client)
    assert len(numbers_of(text)) == 1
    assert ("Visa ending 4242" in text) == (role not in (StaffRole.DATA, StaffRole.ADMIN))
    assert ("7,000.00" in text) == (role is not StaffRole.DATA)


def test_customers_and_strangers_stay_out(app: Flask, client: FlaskClient) -> None:
    assert client.get("/desk/orders").status_code == 302
    with transaction() as db:
        who = factories.member(db, factories.company(db))
    factories.sign_in(client, who)
    assert client.get("/desk/orders").status_code == 403
    assert client.get("/desk").status_code == 403
