"""What Stripe holds in another currency than was charged, and what it tells late: paid all the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import time_machine
from flask import Flask

from payments.ledger.models import Account
from payments.money import Money
from payments.refunds.models import RefundState
from payments.sandbox import money
from payments.sandbox.app import Sandbox
from payments.sandbox.fees import DISPUTE_FEE
from portal.checkout import flows
from portal.checkout.flows import refunding
from portal.kit import clock
from portal.orders.models import OrderState
from tests.conftest import NOW
from tests.portal.checkout.provider import send
from tests.portal.checkout.support import (
    Renewal,
    balances,
    broken,
    give_back,
    kinds,
    order_of,
    payment,
    refund_of,
    renewal,
)


def set_up(sandbox: Sandbox, **wish: Any) -> None:
    sandbox.do(lambda work: money.settings(work, wish))


def bought(sandbox: Sandbox, currency: str = "CNY") -> Renewal:
    made = renewal(currency=currency)
    send(flows.pay(made.number, made.payer, clock.now()), outcome="succeed")
    assert flows.settle_order(made.number)
    return made


def held_in_cny(sandbox: Sandbox) -> Renewal:
    """A renewal charged in dollars, held in yuan."""
    set_up(sandbox, settlement={"usd": {"currency": "cny", "rate": "7.1234"}})
    return bought(sandbox, "USD")


def test_a_sale_is_booked_in_its_currency_and_the_fee_in_that_of_the_balance(app: Flask, sandbox: Sandbox) -> None:
    made = held_in_cny(sandbox)
    order, found = order_of(made.number), balances()
    assert order.state is OrderState.PAID
    assert kinds(made.number) == ["sale", "charge", "fee"]
    assert found[Account.STRIPE_CLEARING, "USD"] == order.total_minor
    assert (Account.STRIPE_FEES, "USD") not in found
    assert found[Account.STRIPE_FEES, "CNY"] == -found[Account.STRIPE_CLEARING, "CNY"] > 0
    assert broken() == []


def test_it_goes_back_in_the_currency_in_which_it_came(app: Flask, sandbox: Sandbox) -> None:
    made = held_in_cny(sandbox)
    refund_id = give_back(made, 1_234)
    assert refund_of(refund_id).state is RefundState.SUCCEEDED
    assert refund_of(refund_id).amount == Money(1_234, "USD")
    assert balances()[Account.STRIPE_CLEARING, "USD"] == order_of(made.number).total_minor - 1_234
    assert broken() == []


def test_a_dispute_takes_the_settled_amount_and_a_lost_one_the_sale(app: Flask, sandbox: Sandbox) -> None:
    made = held_in_cny(sandbox)
    charge = payment(made).removeprefix("stripe:")
    opened = sandbox.do(lambda work: money.contest(work, {"charge": charge}))
    assert refunding.sync_dispute(opened["id"])
    assert broken() == []
    sandbox.do(lambda work: money.decide(work, opened["id"], {"outcome": "lost"}))
    assert refunding.sync_dispute(opened["id"])
    assert order_of(made.number).state is OrderState.REFUNDED
    found = balances()
    assert found[Account.STRIPE_FEES, "CNY"] > DISPUTE_FEE
    assert broken() == []


def test_a_fee_that_is_told_late_is_booked_when_it_is_there(app: Flask, sandbox: Sandbox) -> None:
    set_up(sandbox, balance_lag=600)
    made = bought(sandbox)
    assert order_of(made.number).state is OrderState.PAID
    assert kinds(made.number) == ["sale", "charge"]
    assert broken() == []
    sandbox.advance(600)
    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        flows.sweep()
    assert kinds(made.number) == ["sale", "charge", "fee"]
    assert broken() == []
