from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select

from payments.charges.models import AttemptState
from payments.ledger.models import Account
from portal.checkout import flows, queries
from portal.documents import queries as documents
from portal.kit.db import reading
from portal.kit.mail import Mail
from portal.orders.models import OrderState
from tests.conftest import NOW
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import (
    attempts_of,
    balances,
    broken,
    kinds,
    mails,
    open_page,
    order_of,
    renewal,
    run_jobs,
    settle,
    terms_of,
)


@pytest.mark.parametrize(
    ("currency", "country_tax"), [("CNY", True), ("JPY", True), ("USD", False), ("KWD", False)]
)
def test_t13_zero_two_and_three_decimals_from_quote_to_ledger(
    gateway: FakeGateway, currency: str, country_tax: bool
) -> None:
    """T13 (Paymenter #1258, InvoicePlane #1677): no amount grows or shrinks by its currency's decimals."""
    made = renewal(currency=currency)
    session = open_page(made)
    quote = order_of(made.number).quote
    assert gateway.newest.amount == quote.total_minor == quote.net_minor + quote.tax_minor
    gateway.pay(session)
    assert settle(made) is AttemptState.SUCCEEDED
    fee = quote.total_minor * 340 // 10_000
    expected = {
        (Account.STRIPE_CLEARING, currency): quote.total_minor - fee,
        (Account.STRIPE_FEES, currency): fee,
        (Account.DEFERRED_REVENUE, currency): -quote.net_minor,
    }
    if country_tax:
        expected[Account.OUTPUT_TAX, currency] = -quote.tax_minor
    assert balances() == expected
    assert broken() == []


def test_settling_does_all_of_it_once(gateway: FakeGateway) -> None:
    made = renewal()
    gateway.pay(open_page(made))
    for _again in range(3):
        assert settle(made) is AttemptState.SUCCEEDED
    order = order_of(made.number)
    assert (order.state, order.paid_with, order.paid_at) == (OrderState.PAID, "card visa 4242", NOW)
    terms = terms_of(made.contract_id)
    assert [(term.starts_on, term.ends_on) for term in terms[1:]] == [(date(2026, 12, 13), date(2028, 12, 12))]
    assert terms[1].order_number == made.number
    with reading() as db:
        receipt = documents.for_order(db, order.id)
        assert receipt is not None
        assert receipt.particulars["seller"]["name"] == "Tidewell"
    assert kinds(made.number) == ["sale", "charge", "fee"]
    assert broken() == []


def test_the_paid_mail_names_receipt_and_new_end(gateway: FakeGateway) -> None:
    made = renewal()
    gateway.pay(open_page(made))
    settle(made)
    run_jobs()
    with reading() as db:
        from portal.kit.mail import Mail  # noqa: PLC0415

        letters = {mail.kind: mail for mail in db.scalars(select(Mail))}
    paid = letters["order.paid"]
    assert "Renewed until 12 December 2028" in paid.text
    assert "Paid and active. Your receipt is ready." in paid.text
    assert "R-2026-000001" in paid.text
    assert f"/orders/{made.number}" in paid.text
    # It was paid before the mail about placing it went out: that one would only confuse.
    assert "order.placed" not in letters


def test_nothing_happens_while_the_customer_is_still_on_the_page(gateway: FakeGateway) -> None:
    made = renewal()
    open_page(made)
    assert settle(made) is AttemptState.OPEN
    assert order_of(made.number).state is OrderState.AWAITING_PAYMENT
    assert attempts_of(made.number)[0].checked_at == NOW


def test_a_declined_card_is_told_once_and_the_order_stays_payable(gateway: FakeGateway) -> None:
    made = renewal()
    session = open_page(made)
    gateway.decline(session, "insufficient_funds")
    for _look in range(3):
        settle(made)
    order = order_of(made.number)
    assert (order.state, order.last_failure) == (OrderState.AWAITING_PAYMENT, "insufficient_funds")
    run_jobs()
    run_jobs()
    assert [kind for kind, _title in mails()] == ["order.placed", "order.payment_failed"]
    gateway.decline(session, "insufficient_funds")  # the same card once more is another failure
    settle(made)
    run_jobs()
    assert [kind for kind, _title in mails()].count("order.payment_failed") == 1  # one an hour is enough
    gateway.decline(session, "expired_card")
    with time_machine.travel(NOW + timedelta(minutes=61), tick=False):
        settle(made)
        run_jobs()
        run_jobs()
    assert [kind for kind, _title in mails()].count("order.payment_failed") == 2
    gateway.pay(session)
    settle(made)
    assert order_of(made.number).last_failure is None
    assert broken() == []


def test_a_decline_that_was_overcome_is_not_mailed(gateway: FakeGateway) -> None:
    made = renewal()
    session = open_page(made)
    gateway.decline(session)
    settle(made)
    gateway.pay(session)
    settle(made)
    run_jobs()
    assert [kind for kind, _title in mails()] == ["order.paid"]


def test_a_delayed_payment_waits_and_then_renews(gateway: FakeGateway) -> None:
    made = renewal()
    session = open_page(made)
    gateway.complete_unpaid(session)
    assert settle(made) is AttemptState.PROCESSING
    assert settle(made) is AttemptState.PROCESSING
    assert order_of(made.number).state is OrderState.PROCESSING
    gateway.pay(session, "us_bank_account")
    settle(made)
    assert order_of(made.number).state is OrderState.PAID
    assert broken() == []


def test_a_delayed_payment_that_fails_reopens_the_order_for_a_day(gateway: FakeGateway) -> None:
    made = renewal()
    session = open_page(made)
    gateway.complete_unpaid(session)
    settle(made)
    late = order_of(made.number).expires_at + timedelta(hours=1)
    with time_machine.travel(late, tick=False):
        gateway.fail_later(session, "payment_failed")
        assert settle(made) is AttemptState.FAILED
        order = order_of(made.number)
        assert (order.state, order.last_failure) == (OrderState.AWAITING_PAYMENT, "payment_failed")
        assert order.expires_at == late + timedelta(days=1)
        run_jobs()
        with reading() as db:
            (letter,) = db.query(Mail).filter(Mail.kind == "order.payment_failed")
        assert "Your bank did not send the money. No money was taken; try again" in letter.text
        assert open_page(made) != session
    assert broken() == []


def test_a_failure_seen_before_its_processing_is_told_too(gateway: FakeGateway) -> None:
    made = renewal()
    session = open_page(made)
    gateway.complete_unpaid(session)
    gateway.fail_later(session)
    assert settle(made) is AttemptState.FAILED
    assert order_of(made.number).last_failure == "payment_failed"
    assert order_of(made.number).state is OrderState.AWAITING_PAYMENT


def test_a_lapsed_contract_starts_on_the_day_of_the_money_in_its_zone(gateway: FakeGateway) -> None:
    made = renewal(ends_on=date(2026, 10, 1))
    session = open_page(made)
    # 23:59:59 on 24 November in Shanghai: a second before midnight there.
    with time_machine.travel(NOW.replace(day=24, hour=15, minute=59, second=59), tick=False):
        gateway.pay(session)
        settle(made)
    term = terms_of(made.contract_id)[-1]
    assert (term.starts_on, term.ends_on) == (date(2026, 11, 24), date(2028, 11, 23))
    assert broken() == []


def test_the_return_page_knows_when_the_provider_is_away(gateway: FakeGateway) -> None:
    made = renewal()
    session = open_page(made)
    gateway.pay(session)
    gateway.go_down()
    assert flows.settle_order(made.number) is False
    assert order_of(made.number).state is OrderState.AWAITING_PAYMENT
    assert flows.settle_order(made.number) is True
    assert order_of(made.number).state is OrderState.PAID


def test_a_page_that_the_provider_lost_is_closed_but_still_settles_if_it_comes_back(gateway: FakeGateway) -> None:
    made = renewal()
    session = open_page(made)
    kept = gateway.sessions.pop(session)
    assert settle(made) is AttemptState.FAILED
    gateway.sessions[session] = kept
    gateway.pay(session)
    settle(made)
    assert order_of(made.number).state is OrderState.PAID


def test_money_on_its_way_at_a_lost_page_is_left_to_people(gateway: FakeGateway) -> None:
    made = renewal()
    session = open_page(made)
    gateway.complete_unpaid(session)
    settle(made)
    del gateway.sessions[session]
    assert settle(made) is AttemptState.PROCESSING
    assert order_of(made.number).state is OrderState.PROCESSING


def test_an_attempt_without_a_page_has_nothing_to_settle(gateway: FakeGateway) -> None:
    made = renewal()
    gateway.after = lambda call: gateway.go_down() if call == "create_customer" else None
    with pytest.raises(Exception, match="PaymentUnavailable"):
        open_page(made)
    gateway.calls.clear()
    assert settle(made) is AttemptState.CREATED
    assert gateway.calls == []


def test_settling_waits_for_a_racing_writer_and_tries_again(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.orm.exc import StaleDataError  # noqa: PLC0415

    from portal.checkout.actions import captures as actions  # noqa: PLC0415

    made = renewal()
    gateway.pay(open_page(made))
    real, failures = actions.conclude, [1, 1]

    def racing(*args: object) -> AttemptState:
        if failures:
            failures.pop()
            raise StaleDataError
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(actions, "conclude", racing)
    assert settle(made) is AttemptState.SUCCEEDED
    failures += [1, 1, 1]
    made = renewal()
    gateway.pay(open_page(made))
    with pytest.raises(StaleDataError):
        settle(made)


def test_fee_pending_until_the_provider_has_booked_the_charge(gateway: FakeGateway) -> None:
    gateway.books_at_once = False
    made = renewal()
    session = open_page(made)
    gateway.pay(session)
    settle(made)
    with reading() as db:
        assert [fact.fee_pending for fact in queries.payment_facts(db, made.number)] == [True]
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        flows.sweep()
        assert kinds(made.number) == ["sale", "charge"]
    gateway.book(session)
    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        flows.sweep()
    assert kinds(made.number) == ["sale", "charge", "fee"]
    with reading() as db:
        (fact,) = queries.payment_facts(db, made.number)
    assert fact.fee is not None
    assert fact.net is not None
    assert fact.captured == fact.fee + fact.net
    assert broken() == []


def test_attempt_and_event_lists_take_one_statement_each(gateway: FakeGateway, statements) -> None:  # type: ignore[no-untyped-def]
    made = renewal()
    gateway.pay(open_page(made))
    settle(made)
    with reading() as db:
        statements()
        assert len(queries.attempts(db, made.number)) == 1
        assert len(statements()) == 1
        assert queries.events(db, made.number) == []
        assert len(statements()) == 1
        assert len(queries.payment_facts(db, made.number)) == 1
        assert len(statements()) == 2
        assert queries.payment_facts(db, "RNW-2026-777777") == []
