"""Bank transfers that take a turn: a line taken back too late, two transfers of one order, two at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from payments.charges.models import LIVE
from payments.errors import BankLineKnown, IllegalMove, LiveAttemptExists, ValueDateWrong
from payments.refunds.models import RefundState
from payments.transfers import actions as transfers
from payments.transfers.models import TransferState
from portal.audit.models import AuditNote
from portal.checkout import flows
from portal.checkout.flows import pages
from portal.kit import clock
from portal.kit.db import reading, transaction
from portal.orders.models import CancelledBy, OrderState
from tests.conftest import NOW
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout import test_races as races
from tests.portal.checkout.support import (
    ask_back,
    attempts_of,
    balances,
    broken,
    exceptions_of,
    open_page,
    order_of,
    refund_of,
    renewal,
    terms_of,
)
from tests.portal.checkout.test_transfers import FINANCE, TODAY, account, awaited, see, transfer_of

ROUNDS = 4


def test_a_line_taken_back_of_a_dropped_transfer_is_not_awaited_again(gateway: FakeGateway) -> None:
    account()
    made = renewal()
    flows.pay_by_transfer(made.number, made.payer, clock.now())
    flows.cancel(made.number, made.payer, CancelledBy.CUSTOMER)
    assert not see(transfer_of(made))
    flows.take_transfer_back(transfer_of(made).id, FINANCE)
    assert transfer_of(made).state is TransferState.CLOSED


def test_money_of_the_first_transfer_ends_the_second(gateway: FakeGateway) -> None:
    made, first = awaited()
    flows.pay_at_once(made.number, made.payer, clock.now())
    flows.pay_by_transfer(made.number, made.payer, clock.now())
    second = transfer_of(made)
    assert second.reference == f"{made.number}-2"
    see(first)
    assert order_of(made.number).state is OrderState.PAID
    assert transfer_of(made).state is TransferState.CLOSED
    assert [each.state for each in attempts_of(made.number) if each.state in LIVE] == []
    see(second, line="L2")
    assert exceptions_of(f"order:{made.number}") == {"second_payment": None}
    assert broken() == []


def test_changing_ones_mind_does_not_hold_the_price_for_ever(gateway: FakeGateway) -> None:
    made, _transfer = awaited()
    until = order_of(made.number).expires_at
    assert until >= NOW + timedelta(days=14)
    with time_machine.travel(until - timedelta(days=1), tick=False):
        flows.pay_at_once(made.number, made.payer, clock.now())
        flows.pay_by_transfer(made.number, made.payer, clock.now())
        assert order_of(made.number).expires_at == until


def test_a_refund_that_was_sent_names_who_said_so(gateway: FakeGateway) -> None:
    made, transfer = awaited()
    see(transfer)
    refund_id = ask_back(made, 5_000, source=f"bank:{transfer.reference}")
    flows.agree(refund_id, FINANCE)
    flows.refund_was_sent(refund_id, "OUT-1", TODAY, FINANCE)
    with reading() as db:
        note = db.scalars(select(AuditNote).where(AuditNote.action == "refund.sent")).one()
    assert (note.actor, note.facts["bank_reference"], note.facts["refund"]) == (FINANCE, "OUT-1", refund_id)


def test_one_line_of_the_bank_is_one_refund(gateway: FakeGateway) -> None:
    made, transfer = awaited()
    see(transfer)
    source = f"bank:{transfer.reference}"
    one, two = ask_back(made, 5_000, source=source), ask_back(made, 5_000, source=source)
    for refund_id in (one, two):
        flows.agree(refund_id, FINANCE)
    flows.refund_was_sent(one, "OUT-1", TODAY, FINANCE)
    with pytest.raises(BankLineKnown):
        flows.refund_was_sent(two, "OUT-1", TODAY, FINANCE)
    assert refund_of(two).state is RefundState.APPROVED
    flows.refund_was_sent(two, "OUT-2", TODAY, FINANCE)
    assert refund_of(two).state is RefundState.SUCCEEDED
    assert broken() == []


@pytest.mark.parametrize("days", [-1, 1])
def test_a_refund_is_sent_between_its_yes_and_today(gateway: FakeGateway, days: int) -> None:
    made, transfer = awaited()
    see(transfer)
    refund_id = ask_back(made, 5_000, source=f"bank:{transfer.reference}")
    flows.agree(refund_id, FINANCE)
    with pytest.raises(ValueDateWrong):
        flows.refund_was_sent(refund_id, "OUT-1", TODAY + timedelta(days=days), FINANCE)
    assert refund_of(refund_id).state is RefundState.APPROVED


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_refund_sent_by_two_at_once_is_booked_once(app: Flask, gateway: FakeGateway, _round: int) -> None:
    made, transfer = awaited()
    see(transfer)
    total = order_of(made.number).total_minor
    refund_id = ask_back(made, 5_000, source=f"bank:{transfer.reference}")
    flows.agree(refund_id, FINANCE)
    told = races.at_once(
        app, *[lambda line=line: _tried(lambda: flows.refund_was_sent(refund_id, line, TODAY, FINANCE))
               for line in ("OUT-1", "OUT-2")]
    )  # fmt: skip
    assert sorted(map(str, told)) == ["LookupError", "succeeded"]
    assert sum(minor for (kind, _currency), minor in balances().items() if kind.value == "bank") == total - 5_000
    assert broken() == []


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_two_of_finance_at_once_take_the_money_once(app: Flask, gateway: FakeGateway, _round: int) -> None:
    made, transfer = awaited()
    told = races.at_once(
        app, *[lambda line=line: _tried(lambda: see(transfer, line=line)) for line in ("L1", "L2")]
    )
    assert sorted(map(str, told)) == ["IllegalMove", "True"]
    assert order_of(made.number).state is OrderState.PAID
    assert len(terms_of(made.contract_id)) == 2
    assert broken() == []


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_line_for_two_orders_at_once(app: Flask, gateway: FakeGateway, _round: int) -> None:
    """Also when the account's row was changed between the two."""
    first, one = awaited()
    with transaction() as db:
        changed = {"holder": "Tidewell Ltd", "bank": "Bank of Shanghai", "number": "62220000-1111", "note": "",
                   "currency": "CNY", "routing": ""}  # fmt: skip
        transfers.add_account(db, FINANCE, clock.now(), **changed)
    second = renewal()
    flows.pay_by_transfer(second.number, second.payer, clock.now())
    two = transfer_of(second)
    assert one.account_id != two.account_id
    told = races.at_once(app, *[lambda each=each: _tried(lambda: see(each)) for each in (one, two)])
    assert sorted(map(str, told)) == ["BankLineKnown", "True"]
    assert sorted(order_of(each.number).state for each in (first, second)) == ["awaiting_transfer", "paid"]
    assert broken() == []


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_the_money_and_a_change_of_mind_at_once(app: Flask, gateway: FakeGateway, _round: int) -> None:
    made, transfer = awaited()
    races.at_once(
        app,
        lambda: _tried(lambda: see(transfer)),
        lambda: _tried(lambda: flows.pay_at_once(made.number, made.payer, clock.now())),
        lambda: _tried(lambda: flows.cancel(made.number, made.payer, CancelledBy.CUSTOMER)),
    )
    assert order_of(made.number).state in {OrderState.PAID, OrderState.HELD}
    assert broken() == []


def test_a_page_opened_in_between_is_closed_too(gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another tab starts to pay after this one has closed the page."""
    account()
    made = renewal()
    open_page(made)
    closes = pages.close_page
    tabs = [lambda: flows.pay(made.number, made.payer, clock.now())]

    def between(attempt_id: int, at: object) -> object:
        closed = closes(attempt_id, at)  # type: ignore[arg-type]
        if tabs:
            tabs.pop()()
        return closed

    monkeypatch.setattr("portal.checkout.flows.transfers.close_page", between)
    flows.pay_by_transfer(made.number, made.payer, clock.now())
    assert order_of(made.number).state is OrderState.AWAITING_TRANSFER
    assert [each.provider for each in attempts_of(made.number) if each.state in LIVE] == ["bank"]


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_pay_and_transfer_at_once(app: Flask, gateway: FakeGateway, _round: int) -> None:
    account()
    made = renewal()
    told = races.at_once(
        app,
        lambda: flows.pay(made.number, made.payer, clock.now()),
        lambda: flows.pay_by_transfer(made.number, made.payer, clock.now()),
    )
    assert not [each for each in told if isinstance(each, LiveAttemptExists)]
    assert order_of(made.number).state is OrderState.AWAITING_TRANSFER
    assert [each.provider for each in attempts_of(made.number) if each.state in LIVE] == ["bank"]


def _tried(work: object) -> str:
    try:
        return str(work())  # type: ignore[operator]
    except (IllegalMove, LookupError, BankLineKnown) as error:
        return type(error).__name__
    except races.EXPECTED as error:
        return type(error).__name__
