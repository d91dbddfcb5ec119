"""What the balance holds: in another currency than was charged, and later than the charge (`money.settings`)."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from payments.sandbox import money
from payments.sandbox.app import Sandbox
from payments.sandbox.fees import DISPUTE_FEE
from tests.payments.sandbox.support import Payer, priced


def set_up(sandbox: Sandbox, **wish: Any) -> None:
    sandbox.do(lambda work: money.settings(work, wish))


def transactions(payer: Payer) -> list[Any]:
    """Oldest first."""
    return list(reversed(payer.client.v1.balance_transactions.list({"limit": 100}).data))


@pytest.mark.parametrize(
    ("charged", "amount", "held", "rate", "settled"),
    [
        ("usd", 10_001, "cny", "7.1234", 71_241),  # 100.01 × 7.1234 = 712.411…
        ("jpy", 5_001, "cny", "0.0475", 23_755),  # no decimals to two: 5,001 × 0.0475 = 237.5475
        ("kwd", 10_010, "usd", "3.2505", 3_254),  # three decimals to two: 10.010 × 3.2505 = 32.537…
        ("usd", 1_000, "jpy", "150.55", 1_506),  # two to none, rounded half up: 1,505.5
    ],
)
def test_another_currency_than_was_charged(
    payer: Payer, sandbox: Sandbox, charged: str, amount: int, held: str, rate: str, settled: int
) -> None:
    set_up(sandbox, settlement={charged: {"currency": held, "rate": rate}})
    session = payer.paid(line_items=priced(charged, amount))
    (txn,) = transactions(payer)
    assert (txn.currency, txn.amount, txn.exchange_rate) == (held, settled, float(rate))
    assert txn.fee == (settled * 290 + 5_000) // 10_000 + 30
    assert (txn.net, txn.fee_details[0].currency) == (settled - txn.fee, held)
    assert session.currency == charged


def test_all_that_moves_is_held_in_it_and_payouts_sum(payer: Payer, sandbox: Sandbox) -> None:
    set_up(sandbox, settlement={"usd": {"currency": "cny", "rate": "7"}})
    first = payer.paid(line_items=priced("usd", 10_000))
    payer.paid()  # in yuan
    payer.client.v1.refunds.create({"payment_intent": str(first.payment_intent), "amount": 1_000})
    wish = {"payment_intent": str(first.payment_intent), "amount": 2_000}
    opened = sandbox.do(lambda work: money.contest(work, wish))
    moved = {txn.reporting_category: txn for txn in transactions(payer)}
    assert (moved["refund"].amount, moved["refund"].currency) == (-7_000, "cny")
    assert (moved["dispute"].amount, moved["dispute"].fee) == (-14_000, DISPUTE_FEE)
    assert opened["currency"] == "usd"
    for _day in range(4):
        sandbox.advance(86_400)
    payouts = payer.client.v1.payouts.list({"limit": 100}).data
    assert payouts
    for payout in payouts:
        inside = payer.client.v1.balance_transactions.list({"payout": payout.id, "limit": 100}).data
        assert sum(txn.net for txn in inside if txn.type != "payout") == payout.amount
        assert {txn.currency for txn in inside} == {payout.currency} == {"cny"}


def test_a_balance_transaction_lags_behind_its_charge(payer: Payer, sandbox: Sandbox) -> None:
    set_up(sandbox, balance_lag=60)
    session = payer.paid()
    expand = {"expand": ["latest_charge"]}
    intent = payer.client.v1.payment_intents.retrieve(str(session.payment_intent), expand)  # type: ignore[arg-type]
    assert intent.latest_charge.paid  # type: ignore[union-attr]
    assert intent.latest_charge.balance_transaction is None  # type: ignore[union-attr]
    sandbox.advance(60)
    charge = payer.client.v1.charges.retrieve(intent.latest_charge.id)  # type: ignore[union-attr]
    assert charge.balance_transaction == transactions(payer)[0].id
    assert payer.client.v1.events.list().data[0].type == "charge.updated"


@pytest.mark.parametrize(
    "wish",
    [
        {"balance_lag": -1},
        {"balance_lag": True},
        {"settlement": []},
        {"settlement": {"usd": {"currency": "cny", "rate": "0"}}},
        {"settlement": {"usd": {"currency": "cny", "rate": "much"}}},
        {"settlement": {"usd": {"currency": "cny", "rate": "Infinity"}}},
        {"settlement": {"usd": {"currency": "xxx", "rate": "1"}}},
        {"settlement": {"usd": "cny"}},
        {"settlement": {"usd": {"currency": "cny", "rate": "7"}, "cny": {"currency": "eur", "rate": "0.1"}}},
        {"colour": "red"},
    ],
)
def test_settings_that_cannot_be(base: str, wish: dict[str, Any]) -> None:
    answer = requests.post(f"{base}/_sandbox/settings", json=wish, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_settings_are_told_and_ended(base: str) -> None:
    wish: Any = {"balance_lag": 5, "settlement": {"usd": {"currency": "cny", "rate": "7.1"}}}
    assert requests.post(f"{base}/_sandbox/settings", json=wish, timeout=5).json() == wish
    assert requests.post(f"{base}/_sandbox/settings", json={"settlement": {}}, timeout=5).json() == {
        "balance_lag": 5, "settlement": {},
    }  # fmt: skip
