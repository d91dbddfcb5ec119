"""An order's story, and what staff do about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from payments.gateway.base import EventFacts
from payments.inbox import actions as inbox
from payments.ledger import actions as ledger
from payments.money import Money
from portal.accounts.models import Person, StaffRole
from portal.audit.models import AuditNote
from portal.checkout import flows
from portal.documents import actions as documents
from portal.kit import i18n, mail
from portal.kit.db import reading, transaction
from portal.orders import actions as orders
from portal.orders import queries as order_queries
from portal.orders.models import CancelledBy, OrderState
from tests import factories
from tests.conftest import NOW
from tests.fakes.gateway import FakeGateway
from tests.portal.finance import make
from tests.portal.surveys.scene import csat
from tests.web import post_form

SELLER = {"name": "Tidewell", "address": "1 Harbour Road", "tax_id": "", "zone": "Asia/Shanghai", "email": ""}


@pytest.fixture
def gateway(app: Flask) -> Iterator[FakeGateway]:
    before, fake = app.extensions.get("gateway"), FakeGateway()
    app.extensions["gateway"] = fake
    yield fake
    app.extensions["gateway"] = before


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> FlaskClient:
    """Customer success's browser, and a price book."""
    with transaction() as db:
        factories.book(db)
        who = factories.staff(db, StaffRole.CS)
    factories.sign_in(client, who)
    return client


def page(desk: FlaskClient, number: str) -> str:
    response = desk.get(f"/desk/orders/{number}")
    assert response.status_code == 200
    return response.get_data(as_text=True)


def story_of(text: str) -> list[str]:
    """The story's titles, in the page's order."""
    timeline = text.split('<ol class="story">')[1].split("</ol>", maxsplit=1)[0]
    return re.findall(r"<li>\s*<div class=\"row-start\">\s*<strong>(.*?)</strong>", timeline)


def state_of(number: str) -> OrderState:
    with reading() as db:
        found = order_queries.by_number(db, number)
        assert found is not None
        return found.state


def test_the_story_tells_everything_in_order(desk: FlaskClient) -> None:
    """Built by hand a minute apart, so that each element has its place."""
    with transaction() as db:
        order = make.placed(db, months=24, po_number="PO-77", at=NOW)
        person = db.scalar(select(Person).where(Person.email == order.placed_email))
        assert person is not None
        orders.note_failure(db, order, "insufficient_funds", NOW + timedelta(minutes=1))
        attempt = make.captured(db, order, NOW + timedelta(minutes=2))
        event = EventFacts("evt_1", "checkout.session.completed", attempt.session_id or "", False, NOW)
        inbox.keep(db, event, "stripe", NOW + timedelta(minutes=3))
        at = NOW + timedelta(minutes=4)
        ledger.sale(db, order.subject, order.quote.net, order.quote.tax, at, at)
        source = f"stripe:{attempt.charge_id}"
        ledger.charge(db, source, order.subject, order.total, at, at + timedelta(seconds=1))
        orders.mark_paid(db, order, "card visa 4242", at + timedelta(seconds=2))
        receipt = documents.issue(db, order, SELLER, at + timedelta(seconds=3))
        make.told(db, attempt.charge_id or "", order.total, 68_000, at + timedelta(minutes=1), order.subject)
        letter = mail.Letter(title="Paid and active", heading="Paid", paragraphs=["Thanks."])
        with i18n.speaking("en"):
            mail.queue(
                db, "order.paid", order.subject, "lin@aurora.example", "en", letter, NOW + timedelta(minutes=6)
            )
        csat(db, order, person.id, 4, "Quick & easy", NOW + timedelta(minutes=7))
    text = page(desk, order.number)
    told = story_of(text)
    assert told == [
        "Price sealed", "Order placed", "Payment failed", "Payment started", "Payment captured", "Stripe reported",
        "Booked the sale", "Booked the payment", "Order paid", "Receipt issued", "Booked Stripe’s fee",
        "Mail: Paid and active", "Survey answered: 4 of 5",
    ]  # fmt: skip
    for shown in (
        order.quote_id, "Price per seat and year, list", "Terms of sale 2026-03 accepted by", order.placed_email,
        "PO-77", "Declined: not enough funds",
        attempt.session_id, attempt.intent_id, attempt.charge_id, "Captured", "evt_1",
        "checkout.session.completed", "Not handled yet", "Debit receivable", "Credit output tax",
        "Debit Stripe clearing", "Debit Stripe fees 680.00 CNY", source, receipt.number, "order.paid",
        "To lin@aurora.example.",
        "Waiting to be sent", "Quick &amp; easy", "22 Nov 2026, 14:30:00", "by Visa ending 4242",
    ):  # fmt: skip
        assert shown, shown
        assert shown in text, shown


def test_what_stands_beside_the_story(desk: FlaskClient) -> None:
    with transaction() as db:
        company = factories.company(db, "Kestrel Aviation")
        owner = factories.staff(db, StaffRole.SALES)
        order = make.placed(db, company)
        db.execute(type(order.contract).__table__.update().values(owner_id=owner.id))  # type: ignore[attr-defined]
    text = page(desk, order.number)
    for shown in ("Kestrel Aviation", order.contract.number, "Due soon", "Staff sales", order.quote_id, "Owner",
                  order.placed_email, "13 Dec 2026"):  # fmt: skip
        assert shown in text, shown
    assert f'data-fact="order-number" data-value="{order.number}"' in text
    assert 'data-fact="order-state" data-value="awaiting_payment"' in text
    assert f'data-minor="{order.total_minor}"' in text


def test_a_held_order_says_what_was_paid_and_what_was_expected(desk: FlaskClient, gateway: FakeGateway) -> None:
    with transaction() as db:
        order = make.placed(db)
    flows.pay(order.number, order.placed_by, NOW)
    gateway.newest.amount = 12_345
    gateway.pay(gateway.newest.id)
    assert flows.settle_order(order.number)
    text = page(desk, order.number)
    for shown in ("Held", "The amount paid differs from the quote.", "Our turn: finance decides",
                  "Amount paid: CN¥123.45", "Expected: CN¥20,000.00", "Put the money in suspense"):  # fmt: skip
        assert shown in text, shown


def test_the_contracts_new_term_is_part_of_the_story(desk: FlaskClient, gateway: FakeGateway) -> None:
    with transaction() as db:
        order = make.placed(db)
    flows.pay(order.number, order.placed_by, NOW)
    gateway.pay(gateway.newest.id)
    assert flows.settle_order(order.number)
    text = page(desk, order.number)
    assert "Contract extended" in story_of(text)
    assert "Until 12 December 2027." in text
    assert "Cancel for the customer" not in text
    assert "Check with Stripe now" not in text


def test_markup_that_people_typed_stays_text(desk: FlaskClient) -> None:
    with transaction() as db:
        order = make.placed(db, factories.company(db, "<script>alert(1)</script>"), po_number="<b>x</b>")
    text = page(desk, order.number)
    assert "<script>alert" not in text
    assert "<b>x</b>" not in text


def test_an_order_that_is_not_there(desk: FlaskClient) -> None:
    for address in ("/desk/orders/RNW-2026-999999", "/desk/orders/RNW-2026-999999/cancel"):
        assert desk.get(address).status_code == 404
    assert post_form(desk, "/desk/orders/RNW-2026-999999/cancel").status_code == 404
    assert post_form(desk, "/desk/orders/RNW-2026-999999/check").status_code == 404


def test_the_story_takes_few_statements(desk: FlaskClient, statements: Callable[[], list[str]]) -> None:
    with transaction() as db:
        order = make.placed(db)
        make.paid(db, order)
    statements()
    page(desk, order.number)
    seen = statements()
    assert len(seen) <= 20, "\n".join(seen)


class TestCancelling:
    def test_it_asks_first_with_name_and_amount(self, desk: FlaskClient) -> None:
        with transaction() as db:
            order = make.placed(db)
        text = desk.get(f"/desk/orders/{order.number}/cancel").get_data(as_text=True)
        company = 'Aurora <span lang="zh-Hans">极光科技</span>'
        assert f'<span class="ref">{order.number}</span> of {company} over CN¥20,000.00?' in text
        assert "Keep the order" in text
        assert state_of(order.number) is OrderState.AWAITING_PAYMENT

    def test_the_page_is_closed_at_stripe_and_the_order_called_off(
        self, desk: FlaskClient, gateway: FakeGateway
    ) -> None:
        with transaction() as db:
            order = make.placed(db)
        flows.pay(order.number, order.placed_by, NOW)
        response = post_form(desk, f"/desk/orders/{order.number}/cancel?list=q%3DRNW", reason="They asked")
        assert (response.status_code, response.location) == (303, f"/desk/orders/{order.number}?list=q%3DRNW")
        assert "expire_session" in gateway.calls
        text = page(desk, order.number)
        assert "The order is cancelled. No money was taken" in text
        assert "By staff" in text
        with reading() as db:
            note = db.scalar(select(AuditNote).where(AuditNote.action == "order.cancelled"))
            found = order_queries.by_number(db, order.number)
            staff = db.scalar(select(Person).where(Person.staff_role == StaffRole.CS))
        assert note is not None
        assert found is not None
        assert staff is not None
        assert (note.actor, found.cancelled_by) == (f"person:{staff.id}", CancelledBy.STAFF)

    def test_who_paid_meanwhile_keeps_the_renewal(self, desk: FlaskClient, gateway: FakeGateway) -> None:
        with transaction() as db:
            order = make.placed(db)
        flows.pay(order.number, order.placed_by, NOW)
        gateway.pay(gateway.newest.id)
        post_form(desk, f"/desk/orders/{order.number}/cancel", reason="They asked")
        assert "The customer has paid meanwhile" in page(desk, order.number)
        assert state_of(order.number) is OrderState.PAID

    def test_without_an_answer_nothing_changes(self, desk: FlaskClient, gateway: FakeGateway) -> None:
        with transaction() as db:
            order = make.placed(db)
        flows.pay(order.number, order.placed_by, NOW)
        gateway.go_down(9)
        post_form(desk, f"/desk/orders/{order.number}/cancel", reason="They asked")
        assert "Stripe gave no answer" in page(desk, order.number)
        assert state_of(order.number) is OrderState.AWAITING_PAYMENT

    def test_a_closed_order_is_not_cancelled_again(self, desk: FlaskClient, gateway: FakeGateway) -> None:
        with transaction() as db:
            order = make.placed(db)
            orders.expire(db, order, NOW)
        address = f"/desk/orders/{order.number}/cancel"
        for answer in (desk.get(address), post_form(desk, address)):
            assert answer.status_code == 303
        assert "This order cannot be cancelled any more. Its state: Expired." in page(desk, order.number)


class TestCheckingWithStripe:
    def test_it_settles_what_was_paid(self, desk: FlaskClient, gateway: FakeGateway) -> None:
        with transaction() as db:
            order = make.placed(db)
        flows.pay(order.number, order.placed_by, NOW)
        gateway.pay(gateway.newest.id)
        response = post_form(desk, f"/desk/orders/{order.number}/check")
        assert response.status_code == 303
        text = page(desk, order.number)
        assert "We asked Stripe" in text
        assert "Checked with Stripe by hand" in text
        assert "Stripe answered: yes" in text
        assert state_of(order.number) is OrderState.PAID

    @pytest.mark.parametrize("fault", ["unreachable", "refused"])
    def test_without_an_answer_it_says_so(self, desk: FlaskClient, gateway: FakeGateway, fault: str) -> None:
        with transaction() as db:
            order = make.placed(db)
        flows.pay(order.number, order.placed_by, NOW)
        if fault == "refused":
            gateway.refuse("odd")
        else:
            gateway.go_down()
        post_form(desk, f"/desk/orders/{order.number}/check")
        assert "Stripe gave no answer. Nothing was changed" in page(desk, order.number)
        assert state_of(order.number) is OrderState.AWAITING_PAYMENT


@pytest.mark.parametrize("role", list(StaffRole))
def test_roles(app: Flask, client: FlaskClient, gateway: FakeGateway, role: StaffRole) -> None:
    acting = role in (StaffRole.CS, StaffRole.SALES)
    paying = role not in (StaffRole.DATA, StaffRole.ADMIN)
    with transaction() as db:
        factories.book(db)
        who = factories.staff(db, role)
        order = make.placed(db, seats=7)
        make.attempt(db, order.subject, Money(1, "CNY"), session_id="cs_secret")
    factories.sign_in(client, who)
    text = page(client, order.number)
    assert ("Cancel for the customer" in text) == acting
    assert ("Check with Stripe now" in text) == acting
    assert ("cs_secret" in text) == paying
    assert ("7,000.00" in text) == (role is not StaffRole.DATA)
    expected = 200 if acting else 403
    assert client.get(f"/desk/orders/{order.number}/cancel").status_code == expected
    for address in ("cancel", "check"):
        answer = post_form(client, f"/desk/orders/{order.number}/{address}").status_code
        assert (answer == 403) == (not acting), address


def test_customers_stay_out(app: Flask, client: FlaskClient) -> None:
    with transaction() as db:
        factories.book(db)
        order = make.placed(db)
        who = db.scalar(select(Person).where(Person.email == order.placed_email))
        assert who is not None
    factories.sign_in(client, who)
    assert client.get(f"/desk/orders/{order.number}").status_code == 403
    assert post_form(client, f"/desk/orders/{order.number}/cancel").status_code == 403
