from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import Company, CompanyRole
from portal.audit import queries as audit
from portal.contracts import queries as contracts
from portal.contracts.models import Contract
from portal.kit import clock, outbox
from portal.kit.db import reading, transaction
from portal.kit.outbox import OutboxRow
from portal.orders import actions, queries
from portal.orders.actions import moves
from portal.orders.errors import ContractNotRenewable, OpenOrderExists, OrderNotOpen, QuoteNotAcceptable
from portal.orders.models import CancelledBy, Order, OrderState
from portal.pricing import actions as pricing
from portal.pricing.models import Quote, VoidReason
from portal.pricing.rules import QuoteStanding
from tests import factories
from tests.conftest import NOW

BY = "person:1"


def quote_for(ends_on: date = date(2026, 12, 12), months: int = 12) -> Quote:
    """A sealed quote of a fresh contract."""
    with transaction() as db:
        if not db.scalar(select(Company.id).limit(1)):
            factories.book(db)
        company = factories.company(db, invoice_details={"title": "Aurora"})
        factories.member(db, company, CompanyRole.OWNER)
        contract = factories.contract(db, company, ends_on=ends_on)
        return pricing.seal(db, contract, months, None, BY, clock.now())


def place(quote: Quote) -> Order:
    with transaction() as db:
        return actions.place(db, quote, BY, "Lin@Aurora.example", "PO-7", "2026-01", clock.now())


def test_an_order_takes_all_its_money_from_the_quote(app: Flask) -> None:
    quote = quote_for()
    order = place(quote)
    assert order.number == "RNW-2026-000001"
    assert (order.total, order.currency) == (quote.total, "CNY")
    assert (order.state, order.expires_at) == (OrderState.AWAITING_PAYMENT, quote.valid_until)
    assert (order.placed_by, order.placed_email, order.po_number) == (BY, "lin@aurora.example", "PO-7")
    assert order.invoice_details == {"title": "Aurora"}
    assert order.subject == "order:RNW-2026-000001"
    with reading() as db:
        (note,) = audit.about(db, [order.subject])
        assert (note.action, note.actor, note.facts["total_minor"]) == ("order.placed", BY, quote.total_minor)
        jobs = db.scalars(select(OutboxRow.job).where(OutboxRow.subject == order.subject)).all()
        assert jobs == ["checkout.mail_order_placed"]


def test_the_same_quote_again_is_the_same_order(app: Flask) -> None:
    quote = quote_for()
    first = place(quote)
    assert place(quote).number == first.number
    with transaction() as db:
        order = queries.lock(db, first.number)
        actions.mark_paid(db, order, "card", NOW)
    assert place(quote).number == first.number
    with reading() as db:
        assert len(db.scalars(select(Order)).all()) == 1


def test_a_quote_whose_order_was_closed_cannot_be_used_again(app: Flask) -> None:
    quote = quote_for()
    first = place(quote)
    with transaction() as db:
        actions.cancel(db, queries.lock(db, first.number), BY, CancelledBy.CUSTOMER, NOW)
    with pytest.raises(QuoteNotAcceptable) as refusal:
        place(quote)
    assert refusal.value.standing is QuoteStanding.VOIDED


def test_one_open_order_for_a_contract(app: Flask) -> None:
    quote = quote_for()
    first = place(quote)
    with transaction() as db:
        contract = contracts.lock(db, quote.contract_id)
        second = pricing.seal(db, contract, 24, None, BY, NOW)
    with pytest.raises(OpenOrderExists) as refusal:
        place(second)
    assert refusal.value.number == first.number


def test_the_database_itself_refuses_a_second_open_order(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    quote = quote_for()
    first = place(quote)
    with transaction() as db:
        second = pricing.seal(db, contracts.lock(db, quote.contract_id), 24, None, BY, NOW)
    real, looks = queries.open_for, [None]

    def blind(db, contract_id):  # type: ignore[no-untyped-def]
        return looks.pop() if looks else real(db, contract_id)

    monkeypatch.setattr(queries, "open_for", blind)
    with pytest.raises(OpenOrderExists) as refusal:
        place(second)
    assert refusal.value.number == first.number


@pytest.mark.parametrize("_round", range(3))
def test_two_quotes_of_one_contract_accepted_at_once_make_one_order(app: Flask, _round: int) -> None:
    quote = quote_for()
    with transaction() as db:
        other = pricing.seal(db, contracts.lock(db, quote.contract_id), 24, None, BY, NOW)
    gate = threading.Barrier(2)
    results: list[object] = []

    def accept(which: Quote) -> None:
        with app.app_context():
            gate.wait()
            try:
                results.append(place(which).number)
            except OpenOrderExists as refusal:
                results.append(refusal)

    threads = [threading.Thread(target=accept, args=(which,)) for which in (quote, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(result).__name__ for result in results) == ["OpenOrderExists", "str"]


@pytest.mark.parametrize("_round", range(3))
def test_the_first_two_orders_of_a_year_at_once_get_two_numbers(app: Flask, _round: int) -> None:
    quotes = [quote_for(), quote_for()]
    gate = threading.Barrier(2)
    numbers: list[str] = []

    def accept(which: Quote) -> None:
        with app.app_context():
            gate.wait()
            numbers.append(place(which).number)

    threads = [threading.Thread(target=accept, args=(which,)) for which in quotes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == ["RNW-2026-000001", "RNW-2026-000002"]


def test_an_expired_quote_is_refused_and_one_about_to_expire_can_still_be_paid(app: Flask) -> None:
    quote = quote_for()
    with time_machine.travel(quote.valid_until, tick=False), pytest.raises(QuoteNotAcceptable) as refusal:
        place(quote)
    assert refusal.value.standing is QuoteStanding.EXPIRED
    last_minute = quote.valid_until - timedelta(minutes=1)
    with time_machine.travel(last_minute, tick=False):
        assert place(quote).expires_at == last_minute + timedelta(minutes=35)


def test_a_voided_or_outdated_quote_is_refused(app: Flask) -> None:
    quote = quote_for()
    with transaction() as db:
        row = db.get_one(Quote, quote.id)
        row.voided_at, row.void_reason = NOW, VoidReason.REPLACED
    with pytest.raises(QuoteNotAcceptable) as refusal:
        place(quote)
    assert refusal.value.standing is QuoteStanding.VOIDED
    quote = quote_for()
    with transaction() as db:
        db.get_one(Contract, quote.contract_id).rev += 1
    with pytest.raises(QuoteNotAcceptable) as refusal:
        place(quote)
    assert refusal.value.standing is QuoteStanding.OUTDATED


def test_a_declined_contract_is_not_renewed_by_an_old_quote(app: Flask) -> None:
    quote = quote_for()
    with transaction() as db:
        db.get_one(Contract, quote.contract_id).declined_at = NOW
    with pytest.raises(ContractNotRenewable):
        place(quote)


def test_a_quote_from_within_grace_is_outdated_once_grace_is_over(app: Flask) -> None:
    quote = quote_for(ends_on=date(2026, 10, 25))  # grace ends on 24 November
    with transaction() as db:
        from sqlalchemy import update  # noqa: PLC0415

        db.execute(update(Quote).values(valid_until=NOW + timedelta(days=20)))
    with time_machine.travel(NOW + timedelta(days=5), tick=False), pytest.raises(QuoteNotAcceptable) as refusal:
        place(quote)
    assert refusal.value.standing is QuoteStanding.OUTDATED


def test_the_years_number_follows_the_sellers_zone(app: Flask) -> None:
    with time_machine.travel(NOW.replace(month=12, day=31, hour=16, minute=1), tick=False):  # 2027 in Shanghai
        assert place(quote_for()).number == "RNW-2027-000001"


def test_each_change_is_noted_and_told_once(app: Flask) -> None:
    number = place(quote_for()).number
    with transaction() as db:
        order = queries.lock(db, number)
        actions.note_failure(db, order, "generic_decline", NOW)
        for _again in range(2):
            actions.tell_failure(db, order, "generic_decline", "ch_1", NOW)
        actions.mark_processing(db, order, NOW)
        actions.reopen(db, order, "bank_said_no", NOW)
        assert (order.last_failure, order.expires_at >= NOW + timedelta(days=1)) == ("bank_said_no", True)
        actions.hold(db, order, "amount", NOW, got_minor=1)
        assert order.held_reason == "amount"
        actions.mark_paid(db, order, "card visa 4242", NOW)
        facts = [order.held_reason, order.last_failure, order.paid_with]
        assert facts == [None, None, "card visa 4242"]
    with reading() as db:
        notes = [note.action for note in audit.about(db, [f"order:{number}"])]
        told = db.scalars(select(OutboxRow.job).order_by(OutboxRow.id)).all()
    assert notes == [
        "order.placed", "order.payment_failed", "order.processing", "order.reopened", "order.held", "order.paid",
    ]  # fmt: skip
    assert [job.removeprefix("checkout.mail_") for job in told] == [
        "order_placed", "payment_failed", "order_held", "staff_of_hold", "surveys.ask", "order_paid",
    ]  # fmt: skip


def test_only_an_unpaid_order_can_be_cancelled(app: Flask) -> None:
    number = place(quote_for()).number
    with transaction() as db:
        order = queries.lock(db, number)
        actions.mark_processing(db, order, NOW)
        with pytest.raises(OrderNotOpen) as refusal:
            actions.cancel(db, order, BY, CancelledBy.STAFF, NOW)
        assert refusal.value.state is OrderState.PROCESSING


def test_an_expired_order_is_told(app: Flask) -> None:
    number = place(quote_for()).number
    with transaction() as db:
        actions.expire(db, queries.lock(db, number), NOW)
    while outbox.run_due():
        pass
    with reading() as db:
        assert queries.by_number(db, number).state is OrderState.EXPIRED  # type: ignore[union-attr]


def test_a_broken_insert_is_not_taken_for_an_open_order(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import IntegrityError  # noqa: PLC0415

    quote = quote_for()
    first = place(quote)
    with transaction() as db:
        actions.expire(db, queries.lock(db, first.number), NOW)
        second = pricing.seal(db, contracts.lock(db, quote.contract_id), 24, None, BY, NOW)
    monkeypatch.setattr(moves, "_number", lambda _db, _at: first.number)
    with pytest.raises(IntegrityError):
        place(second)
