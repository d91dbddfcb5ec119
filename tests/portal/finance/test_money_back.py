"""Refunds, exceptions and limits at the desk: who may, what is asked, what the customer reads."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from payments.refunds.models import Refund
from portal.accounts.models import Membership, Person, StaffRole
from portal.audit.models import AuditNote
from portal.checkout.models import MoneyLimit
from portal.kit import clock
from portal.kit.db import reading, transaction
from portal.kit.mail import Mail
from portal.orders.models import OrderState
from tests import factories
from tests.conftest import NOW
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import (
    Renewal,
    ask_back,
    exceptions_of,
    give_back,
    hear,
    open_page,
    order_of,
    paid,
    refund_of,
    renewal,
    run_jobs,
    settle,
    terms_of,
    use,
)
from tests.web import post_form

R = StaffRole


@pytest.fixture
def gateway(app: Flask) -> FakeGateway:
    return use(app)


def signed_in(client: FlaskClient, role: StaffRole, email: str | None = None) -> str:
    """A member of staff at the keyboard; their reference."""
    with transaction() as db:
        who = factories.staff(db, role, email)
    factories.sign_in(client, who, clock.now())
    return f"person:{who.id}"


def owner_of(made: Renewal) -> Person:
    with reading() as db:
        wanted = select(Person).join(Membership, Membership.person_id == Person.id)
        return db.scalars(wanted.where(Membership.company_id == made.company_id)).one()


def held(gateway: FakeGateway) -> Renewal:
    """An order whose page collected too little."""
    made = renewal()
    page = open_page(made)
    gateway.sessions[page].amount -= 100
    gateway.pay(page)
    settle(made)
    return made


def exception_path(client: FlaskClient, action: str) -> str:
    text = client.get("/finance/exceptions").text
    number = text.split('data-row="exception:')[1].split('"')[0]
    return f"/finance/exceptions/{number}/{action}"


def test_cs_asks_two_of_finance_agree_and_the_customer_reads_it(client: FlaskClient, gateway: FakeGateway) -> None:
    made = paid(gateway)
    path = f"/desk/orders/{made.number}"
    signed_in(client, R.CS)
    form = client.get(f"{path}/refund").text
    assert 'name="payment"' in form
    assert "23" in form or "left of" in form
    source = f"stripe:{gateway.newest.charge_id}"
    page = post_form(client, f"{path}/refund", payment=source, amount="1,000.00", reason="seats fewer")
    assert page.status_code == 303
    assert "seats fewer" in client.get("/finance/refunds").text
    assert post_form(client, "/finance/refunds/1/agree").status_code == 403

    signed_in(client, R.FINANCE)
    refund_id = int(client.get("/finance/refunds").text.split('data-row="refund:')[1].split('"')[0])
    post_form(client, f"/finance/refunds/{refund_id}/agree")
    waiting = client.get("/finance/refunds").text
    assert "A second person must agree who neither asked nor agreed." in waiting
    assert 'data-action="approve-refund"' not in waiting
    post_form(client, f"/finance/refunds/{refund_id}/agree")  # the same person again
    assert refund_of(refund_id).state.value == "requested"

    signed_in(client, R.ADMIN)
    assert post_form(client, f"/finance/refunds/{refund_id}/agree").status_code == 303
    assert refund_of(refund_id).state.value == "succeeded"
    story = client.get(path).text
    assert "Refund with the customer" in story

    run_jobs()
    owner = owner_of(made)
    with reading() as db:
        kinds = db.scalars(select(Mail.kind).where(Mail.to_email == owner.email)).all()
    assert kinds.count("order.money_back") == 1
    factories.sign_in(client, owner)
    text = client.get(f"/orders/{made.number}").text
    assert "Part of your payment went back to you." in text
    assert "C-2026-000001" in text
    statement = client.get("/documents/statement").text
    assert f"Money back for order {made.number}" in statement
    assert "Nothing is open" in statement


@pytest.mark.parametrize("typed", ["0", "-5", "abc", "99999999", "1.005"])
def test_an_amount_that_cannot_be_is_told_at_its_field(
    client: FlaskClient, gateway: FakeGateway, typed: str
) -> None:
    made = paid(gateway)
    signed_in(client, R.SALES)
    source = f"stripe:{gateway.newest.charge_id}"
    page = post_form(
        client, f"/desk/orders/{made.number}/refund", payment=source, amount=typed, reason="a reason that stays"
    )
    assert page.status_code == 422
    assert 'id="amount-e"' in page.text
    assert "a reason that stays" in page.text
    assert exceptions_of() == {}


def test_another_orders_payment_is_not_refunded_from_here(client: FlaskClient, gateway: FakeGateway) -> None:
    other = paid(gateway)
    source = f"stripe:{gateway.newest.charge_id}"
    mine = paid(gateway)
    signed_in(client, R.CS)
    sent = {"payment": source, "amount": "1", "reason": "x"}
    assert post_form(client, f"/desk/orders/{mine.number}/refund", **sent).status_code == 422
    assert other.number != mine.number


@pytest.mark.parametrize("role", [R.DATA, R.AUDITOR, R.ADMIN])
def test_who_may_not_ask(client: FlaskClient, gateway: FakeGateway, role: StaffRole) -> None:
    made = paid(gateway)
    signed_in(client, role)
    assert client.get(f"/desk/orders/{made.number}/refund").status_code == 403
    expected = 403 if role is R.DATA else 200
    assert client.get("/finance/refunds").status_code == expected
    assert client.get("/finance/exceptions").status_code == (200 if role is R.AUDITOR else 403)


def test_whoever_asked_takes_it_back_and_nobody_else(client: FlaskClient, gateway: FakeGateway) -> None:
    made = paid(gateway)
    me = signed_in(client, R.CS)
    mine, theirs = ask_back(made, 100, by=me), ask_back(made, 200, by="person:999")
    assert post_form(client, f"/finance/refunds/{theirs}/take-back").status_code == 403
    assert post_form(client, f"/finance/refunds/{mine}/take-back").status_code == 303
    assert refund_of(mine).state.value == "refused"
    post_form(client, f"/finance/refunds/{mine}/take-back")  # twice: told, not broken
    assert "Somebody was faster" in client.get("/finance/refunds").text


def test_held_money_is_refunded_by_one_click_below_the_limit(client: FlaskClient, gateway: FakeGateway) -> None:
    made = held(gateway)
    with transaction() as db:
        db.add(
            MoneyLimit(
                currency="CNY", refund_minor=10**9, transfer_minor=0, second_payment_minor=0,
                changed_by="person:1", changed_at=NOW,
            )
        )  # fmt: skip
    signed_in(client, R.FINANCE)
    text = client.get("/finance/exceptions").text
    assert "The amount differs from the order’s total" in text
    post_form(client, exception_path(client, "refund"))
    assert order_of(made.number).state is OrderState.REFUNDED
    assert exceptions_of() == {"held": "refunded"}
    after = client.get("/finance/exceptions").text
    assert "Nothing waits" in after
    assert "The money was refunded." in after
    assert "In suspense" not in client.get("/finance/payments").text
    totals = client.get("/finance/payments/totals").text
    assert 'data-holds="no"' not in totals
    factories.sign_in(client, owner_of(made))
    page = client.get(f"/orders/{made.number}")
    assert page.status_code == 200
    assert "Your payment was refunded" in page.text


def test_of_suspended_money_what_is_left_goes_back(client: FlaskClient, gateway: FakeGateway) -> None:
    made = held(gateway)
    total = order_of(made.number).total_minor - 100
    gateway.refund_at_provider(str(gateway.newest.charge_id), 900)
    hear(gateway)
    signed_in(client, R.FINANCE)
    assert "Refund the remaining CN¥" in client.get("/finance/exceptions").text
    post_form(client, exception_path(client, "refund"))
    with reading() as db:
        asked = [row.amount_minor for row in db.scalars(select(Refund).order_by(Refund.id))]
    assert asked == [900, total - 900]
    assert "All of it went back, or is asked for already" in client.get("/finance/exceptions").text


def test_suspended_money_pays_an_order_of_its_amount_only(client: FlaskClient, gateway: FakeGateway) -> None:
    made = renewal()
    total = order_of(made.number).total_minor
    stranger = gateway.stranger(amount=total)
    gateway.pay(stranger.id)
    hear(gateway)
    small = gateway.stranger(amount=total - 1)
    gateway.pay(small.id)
    hear(gateway)
    signed_in(client, R.FINANCE)
    wrong = exception_path(client, "assign")  # the newest: the small one
    for number, sentence in (
        (made.number, "Only an order of exactly this amount"),
        ("RNW-2020-000001", "We found no order with this number."),
        ("", "Type the number of the order."),
    ):
        page = post_form(client, wrong, number=number)
        assert page.status_code == 422
        assert sentence in page.text
        assert f'href="#number-{wrong.split("/")[3]}"' in page.text  # the summary leads to the field
    right = wrong.replace(wrong.split("/")[3], str(int(wrong.split("/")[3]) - 1))
    assert post_form(client, right, number=made.number.lower()).status_code == 303
    assert order_of(made.number).state is OrderState.PAID
    assert len(terms_of(made.contract_id)) == 2
    assert post_form(client, right, number=made.number).status_code == 422  # it is gone


@pytest.mark.parametrize("keeps", [True, False])
def test_a_late_return_ends_the_term_or_keeps_it(client: FlaskClient, gateway: FakeGateway, keeps: bool) -> None:
    made = paid(gateway)
    with time_machine.travel(NOW + timedelta(days=31), tick=False):
        give_back(made, order_of(made.number).total_minor)
        signed_in(client, R.FINANCE)
        if keeps:
            post_form(client, exception_path(client, "keep"))
        else:
            bad = post_form(client, exception_path(client, "end"), on="2030-01-01")
            assert bad.status_code == 422
            assert "Choose a day from" in bad.text
            post_form(client, exception_path(client, "end"), on="2027-02-28")
        last = terms_of(made.contract_id)[-1]
        assert (last.order_number == made.number) is keeps
        assert keeps or last.ends_on.isoformat() == "2027-02-28"
        assert client.get("/finance/exceptions").text.count('data-action="keep-term"') == 0


def test_an_exception_is_closed_in_ones_own_words_but_money_and_alarms_are_not(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    made = paid(gateway)
    gateway.warn(str(gateway.newest.charge_id))
    hear(gateway)
    signed_in(client, R.FINANCE)
    path = exception_path(client, "close")
    assert "Write down what was decided." in post_form(client, path, resolution=" ").text
    post_form(client, path, resolution="Called <b>Mr Wang</b>: he ordered it")
    assert "Called &lt;b&gt;Mr Wang&lt;/b&gt;" in client.get("/finance/exceptions").text
    assert exceptions_of(f"order:{made.number}")["fraud_warning"] is not None
    held(gateway)
    assert post_form(client, exception_path(client, "close"), resolution="never mind").status_code == 403
    assert post_form(client, "/finance/exceptions/999999/close", resolution="x").status_code == 404


def test_limits_are_the_administrators_and_leave_a_note(client: FlaskClient, gateway: FakeGateway) -> None:
    renewal()
    signed_in(client, R.FINANCE)
    assert "CNY" in client.get("/finance/limits").text
    assert post_form(client, "/finance/limits/CNY").status_code == 403
    signed_in(client, R.ADMIN)
    bad = post_form(
        client, "/finance/limits/CNY",
        **{"CNY-refund": "12.345", "CNY-transfer": "0", "CNY-second": "-1"},
    )  # fmt: skip
    assert bad.status_code == 422
    assert bad.text.count("Type an amount such as 5000") >= 2
    good = {"CNY-refund": "5,000", "CNY-transfer": "1000.50", "CNY-second": ""}
    assert post_form(client, "/finance/limits/CNY", **good).status_code == 303
    with reading() as db:
        row = db.get_one(MoneyLimit, "CNY")
        note = db.scalars(select(AuditNote).where(AuditNote.action == "limits.set")).one()
    assert (row.refund_minor, row.transfer_minor, row.second_payment_minor) == (500_000, 100_050, 0)
    assert note.facts["after"]["refund_minor"] == 500_000
    assert post_form(client, "/finance/limits/XXX").status_code == 404
