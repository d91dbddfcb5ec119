"""Disputes: the money goes, comes back or stays away; the books and the order follow each step once."""

from __future__ import annotations

import random

import pytest

from payments.errors import NothingToRefund, RefundTooLarge
from payments.ledger.models import Account
from portal.orders.models import OrderState
from tests.fakes.gateway import SIGNATURE, FakeGateway
from tests.fakes.returns import DISPUTE_FEE
from tests.portal.checkout.mixture import some_step
from tests.portal.checkout.support import (
    Renewal,
    ask_back,
    balances,
    broken,
    exceptions_of,
    give_back,
    handle,
    hear,
    open_page,
    order_of,
    paid,
    payment,
    renewal,
    terms_of,
)


def charge(made: Renewal) -> str:
    return payment(made).partition(":")[2]


def test_a_dispute_takes_the_money_and_its_fee(gateway: FakeGateway) -> None:
    made = paid(gateway)
    total, before = order_of(made.number).total_minor, balances()
    gateway.dispute(charge(made))
    hear(gateway)
    assert order_of(made.number).state is OrderState.DISPUTED
    assert len(terms_of(made.contract_id)) == 2  # nothing is decided yet
    after = balances()
    assert after[Account.DISPUTES_RECEIVABLE, "CNY"] == total
    assert after[Account.DISPUTE_FEES, "CNY"] == DISPUTE_FEE
    clearing = (Account.STRIPE_CLEARING, "CNY")
    assert after[clearing] == before[clearing] - total - DISPUTE_FEE
    assert exceptions_of(f"order:{made.number}") == {"dispute": None}
    assert broken() == []


def test_won_gives_all_but_the_fee_back(gateway: FakeGateway) -> None:
    made = paid(gateway)
    before = balances()
    dispute = gateway.dispute(charge(made))
    hear(gateway)
    gateway.decide(dispute, "won")
    hear(gateway)
    assert order_of(made.number).state is OrderState.PAID
    clearing = (Account.STRIPE_CLEARING, "CNY")
    assert balances()[clearing] == before[clearing] - DISPUTE_FEE
    assert (Account.DISPUTES_RECEIVABLE, "CNY") not in balances()
    assert exceptions_of(f"order:{made.number}") == {"dispute": "won"}
    assert broken() == []


def test_lost_takes_the_sale_back_and_ends_the_term(gateway: FakeGateway) -> None:
    made = paid(gateway)
    dispute = gateway.dispute(charge(made))
    gateway.decide(dispute, "lost")
    hear(gateway)
    assert order_of(made.number).state is OrderState.REFUNDED
    assert len(terms_of(made.contract_id)) == 1
    for gone in (Account.DISPUTES_RECEIVABLE, Account.DEFERRED_REVENUE, Account.OUTPUT_TAX):
        assert (gone, "CNY") not in balances()
    assert broken() == []


def test_what_a_lost_dispute_took_cannot_go_back_again(gateway: FakeGateway) -> None:
    made = paid(gateway)
    gateway.decide(gateway.dispute(charge(made), 1_000), "lost")
    hear(gateway)
    total = order_of(made.number).total_minor
    with pytest.raises(RefundTooLarge):
        ask_back(made, total - 999)
    give_back(made, total - 1_000)
    with pytest.raises(NothingToRefund):
        ask_back(made, 1)
    assert broken() == []


def test_an_appeal_that_is_won_gives_the_term_back(gateway: FakeGateway) -> None:
    made = paid(gateway)
    dispute = gateway.dispute(charge(made))
    gateway.decide(dispute, "lost")
    hear(gateway)
    gateway.decide(dispute, "won")
    hear(gateway)
    assert order_of(made.number).state is OrderState.PAID
    assert len(terms_of(made.contract_id)) == 2
    assert (Account.DISPUTES_RECEIVABLE, "CNY") not in balances()
    assert broken() == []


def test_t11_a_dispute_over_what_a_refund_left(gateway: FakeGateway) -> None:
    made = paid(gateway)
    total = order_of(made.number).total_minor
    give_back(made, 1_000)
    dispute = gateway.dispute(charge(made), total - 1_000)
    hear(gateway)
    assert order_of(made.number).state is OrderState.DISPUTED
    gateway.decide(dispute, "lost")
    hear(gateway)
    assert order_of(made.number).state is OrderState.REFUNDED
    assert broken() == []


def test_a_dispute_over_more_than_is_left_is_a_loss_and_no_negative_revenue(gateway: FakeGateway) -> None:
    made = paid(gateway)
    give_back(made, 1_000)
    gateway.decide(gateway.dispute(charge(made)), "lost")
    hear(gateway)
    left = balances()
    assert (Account.DEFERRED_REVENUE, "CNY") not in left
    assert left[Account.BAD_DEBT, "CNY"] == 1_000
    assert broken() == []


def test_an_inquiry_moves_no_money(gateway: FakeGateway) -> None:
    made = paid(gateway)
    before = balances()
    dispute = gateway.dispute(charge(made), status="warning_needs_response")
    hear(gateway)
    assert order_of(made.number).state is OrderState.PAID
    assert balances() == before
    gateway.decide(dispute, "warning_closed")
    hear(gateway)
    assert exceptions_of(f"order:{made.number}") == {"dispute": "closed"}
    assert broken() == []


def test_a_fraud_warning_is_shown_once(gateway: FakeGateway) -> None:
    made = paid(gateway)
    gateway.warn(charge(made))
    hear(gateway)
    hear(gateway)
    assert exceptions_of(f"order:{made.number}") == {"fraud_warning": None}


def test_a_dispute_told_before_its_payment_settles_both(gateway: FakeGateway) -> None:
    made = renewal()
    session = open_page(made)
    gateway.pay(session)
    gateway.dispute(str(gateway.sessions[session].charge_id))
    for event in reversed(gateway.told):
        body = gateway.body(event)
        from portal.checkout import flows  # noqa: PLC0415

        flows.receive(body, SIGNATURE)
        handle()
    assert order_of(made.number).state is OrderState.DISPUTED
    assert broken() == []


@pytest.mark.parametrize("seed", range(6))
def test_r22_random_refunds_and_disputes_keep_the_books(gateway: FakeGateway, seed: int) -> None:
    """A few of the 5,000 sequences that `make prove-quick` runs."""
    chance = random.Random(seed)
    made = paid(gateway, currency=chance.choice(["CNY", "JPY", "KWD"]))
    for _step in range(8):
        some_step(gateway, made, chance)
        hear(gateway)
    assert broken() == []
