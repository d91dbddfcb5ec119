"""Refunds, disputes, warnings and payouts, by the real SDK; the traps of stripe.md among them."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import stripe

from payments.sandbox.app import Sandbox
from payments.sandbox.fees import DISPUTE_FEE, fee
from tests.payments.sandbox.support import Payer, priced

DAY = 86_400


def act(base: str, path: str, **sent: Any) -> Any:
    answer = requests.post(f"{base}/_sandbox/{path}", json=sent, timeout=5)
    assert answer.status_code == 200, answer.text
    return answer.json()


def charge_of(payer: Payer, **form: str) -> stripe.Charge:
    session = payer.session()
    payer.post(session.url, **(form or {"outcome": "succeed"}))
    return payer.client.v1.charges.retrieve(str(latest(payer, session.id)))


def latest(payer: Payer, session_id: str) -> Any:
    session = payer.client.v1.checkout.sessions.retrieve(session_id, {"expand": ["payment_intent"]})
    assert isinstance(session.payment_intent, stripe.PaymentIntent)
    return session.payment_intent.latest_charge


def net(client: stripe.StripeClient) -> int:
    balance = client.v1.balance.retrieve()
    return sum(int(each["amount"]) for each in [*balance.available, *balance.pending])


def told(client: stripe.StripeClient, *types: str) -> list[str]:
    events = client.v1.events.list({"limit": 100, "types": list(types)})
    return [str(event.type) for event in events.data][::-1]


def test_parts_of_a_charge_go_back_until_nothing_is_left(payer: Payer) -> None:
    charge = charge_of(payer)
    refunds = payer.client.v1.refunds
    first = refunds.create({"charge": charge.id, "amount": 50_000, "metadata": {"refund": "k"}})
    assert (first.status, first.amount) == ("succeeded", 50_000)
    assert first.metadata is not None
    assert first.metadata["refund"] == "k"
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        refunds.create({"charge": charge.id, "amount": 70_001})
    refunds.create({"payment_intent": str(charge.payment_intent)})
    after = payer.client.v1.charges.retrieve(charge.id)
    assert (after.amount_refunded, after.refunded) == (120_000, True)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        refunds.create({"charge": charge.id, "amount": 1})
    assert refused.value.code == "charge_already_refunded"
    assert [each.amount for each in refunds.list({"charge": charge.id}).data] == [70_000, 50_000]
    assert net(payer.client) == -fee("card", 120_000)
    assert told(payer.client, "refund.created", "charge.refunded") == ["refund.created", "charge.refunded"] * 2


def test_the_same_key_refunds_once(payer: Payer) -> None:
    charge = charge_of(payer)
    refunds = payer.client.v1.refunds
    made = [refunds.create({"charge": charge.id, "amount": 100}, {"idempotency_key": "k"}).id for _ in range(2)]
    assert made[0] == made[1]
    with pytest.raises(stripe.IdempotencyError):
        refunds.create({"charge": charge.id, "amount": 101}, {"idempotency_key": "k"})


def test_a_wallets_refund_is_pending_and_settles_later(payer: Payer, sandbox: Sandbox, base: str) -> None:
    charge = charge_of(payer, outcome="succeed", method="alipay")
    slow = payer.client.v1.refunds.create({"charge": charge.id, "amount": 100})
    bad = payer.client.v1.refunds.create({"charge": charge.id, "amount": 200})
    assert slow.status == "pending"
    act(base, f"refunds/{bad.id}", outcome="fail")
    sandbox.advance(5)
    assert payer.client.v1.refunds.retrieve(slow.id).status == "succeeded"
    failed = payer.client.v1.refunds.retrieve(bad.id, {"expand": ["failure_balance_transaction"]})
    assert (failed.status, failed.failure_reason) == ("failed", "unknown")
    assert isinstance(failed.failure_balance_transaction, stripe.BalanceTransaction)
    assert failed.failure_balance_transaction.amount == 200
    assert payer.client.v1.charges.retrieve(charge.id).amount_refunded == 100
    assert told(payer.client, "refund.updated", "refund.failed") == ["refund.failed", "refund.updated"]


def test_a_refund_may_fail_after_it_succeeded(payer: Payer, base: str) -> None:
    charge = charge_of(payer)
    before = net(payer.client)
    made = payer.client.v1.refunds.create({"charge": charge.id})
    act(base, f"refunds/{made.id}", outcome="fail")
    assert net(payer.client) == before
    assert payer.client.v1.charges.retrieve(charge.id).refunded is False


@pytest.mark.parametrize(("method", "days"), [("alipay", 90), ("wechat_pay", 180)])
def test_wallets_take_no_refund_after_their_time(payer: Payer, sandbox: Sandbox, method: str, days: int) -> None:
    charge = charge_of(payer, outcome="succeed", method=method)
    sandbox.advance(days * DAY + 60)
    with pytest.raises(stripe.InvalidRequestError, match="too old"):
        payer.client.v1.refunds.create({"charge": charge.id})


def test_the_disputed_card_takes_the_money_and_one_movement_says_so(
    payer: Payer, sandbox: Sandbox, base: str
) -> None:
    charge = charge_of(payer, method="card", card_number="4000000000000259")
    before = net(payer.client)
    sandbox.tick()
    dispute = payer.client.v1.disputes.list({"charge": charge.id}).data[0]
    [moved] = dispute.balance_transactions
    assert (moved.amount, moved.fee, moved.net) == (-120_000, DISPUTE_FEE, -120_000 - DISPUTE_FEE)
    assert (moved.type, moved.reporting_category) == ("adjustment", "dispute")
    assert net(payer.client) == before - 120_000 - DISPUTE_FEE
    with pytest.raises(stripe.InvalidRequestError) as refused:
        payer.client.v1.refunds.create({"charge": charge.id})
    assert refused.value.code == "charge_disputed"
    act(base, f"disputes/{dispute.id}", outcome="won")
    won = payer.client.v1.disputes.retrieve(dispute.id)
    assert (won.status, [each.reporting_category for each in won.balance_transactions]) == (
        "won", ["dispute", "dispute_reversal"],
    )  # fmt: skip
    assert net(payer.client) == before - DISPUTE_FEE
    assert told(payer.client, "charge.dispute.created", "charge.dispute.closed", "charge.dispute.funds_withdrawn",
                "charge.dispute.funds_reinstated") == [
        "charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]  # fmt: skip


def test_an_inquiry_moves_nothing_and_a_warning_is_listed(payer: Payer, base: str) -> None:
    charge = charge_of(payer)
    before = net(payer.client)
    dispute = act(base, "disputes", charge=charge.id, inquiry=True)
    assert (dispute["status"], dispute["balance_transactions"]) == ("warning_needs_response", [])
    act(base, f"disputes/{dispute['id']}", outcome="lost")
    assert payer.client.v1.disputes.retrieve(dispute["id"]).status == "warning_closed"
    warning = act(base, "warnings", payment_intent=str(charge.payment_intent))
    assert payer.client.v1.radar.early_fraud_warnings.list({"charge": charge.id}).data[0].id == warning["id"]
    assert net(payer.client) == before


def test_a_payout_holds_its_transactions_and_its_own(payer: Payer, sandbox: Sandbox, base: str) -> None:
    charge = charge_of(payer)
    session = payer.session(line_items=priced("usd", 5_000))
    payer.post(session.url, outcome="succeed")
    payer.client.v1.refunds.create({"charge": charge.id, "amount": 20_000})
    assert [each["amount"] for each in act(base, "payouts/run")["payouts"]] == [-20_000]  # the rest is pending
    sandbox.advance(2 * DAY + 1)
    payouts = {each["currency"]: each for each in act(base, "payouts/run")["payouts"]}
    assert set(payouts) == {"cny", "usd"}
    cny = payouts["cny"]
    assert (cny["status"], cny["reconciliation_status"]) == ("in_transit", "in_progress")
    sandbox.advance(DAY)
    paid = payer.client.v1.payouts.retrieve(cny["id"])
    assert (paid.status, paid.reconciliation_status) == ("paid", "completed")
    assert paid.trace_id
    assert paid.trace_id.value
    listed = payer.client.v1.balance_transactions.list({"payout": paid.id, "expand": ["data.source"]}).data
    own = [each for each in listed if each.type == "payout"]
    assert [each.net for each in own] == [-paid.amount]
    assert sum(each.net for each in listed if each.type != "payout") == paid.amount
    assert act(base, "payouts/run")["payouts"] == []
    assert told(payer.client, "payout.created", "payout.paid", "payout.reconciliation_completed").count(
        "payout.paid") == 3  # fmt: skip


def test_a_payout_may_fail_after_it_was_paid(payer: Payer, sandbox: Sandbox, base: str) -> None:
    charge_of(payer)
    before = net(payer.client)
    sandbox.advance(2 * DAY + 1)
    [payout] = act(base, "payouts/run")["payouts"]
    sandbox.advance(DAY)
    assert net(payer.client) == 0
    act(base, f"payouts/{payout['id']}/fail")
    assert payer.client.v1.payouts.retrieve(payout["id"]).status == "failed"
    assert net(payer.client) == before
    listed = payer.client.v1.payouts.list({"status": "failed", "arrival_date": {"gte": 1}})
    assert [each.id for each in listed.data] == [payout["id"]]


def test_payouts_run_by_themselves_every_day(payer: Payer, sandbox: Sandbox) -> None:
    charge_of(payer)
    for _day in range(5):
        sandbox.advance(DAY)
    assert [each.status for each in payer.client.v1.payouts.list().data] == ["paid"]


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("refunds/re_none", {"outcome": "fail"}),
        ("disputes", {"charge": "ch_none"}),
        ("disputes/du_none", {"outcome": "won"}),
        ("warnings", {}),
        ("payouts/po_none/fail", {}),
    ],
)
def test_control_refuses_what_is_not_there(base: str, path: str, sent: dict[str, str]) -> None:
    answer = requests.post(f"{base}/_sandbox/{path}", json=sent, timeout=5)
    assert answer.status_code == 400
    assert "No such" in answer.json()["error"]
