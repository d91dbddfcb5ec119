"""R8: a session's whole life, driven by the real SDK and by forms."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import stripe

from payments.sandbox.app import Sandbox
from payments.sandbox.fees import fee
from tests.payments.sandbox.support import CANCEL, Payer, priced


def types(client: stripe.StripeClient) -> list[str]:
    """Event types from old to new."""
    return [str(event.type) for event in client.v1.events.list({"limit": 100}).data][::-1]


def test_a_new_session_is_open_and_has_no_intent_yet(payer: Payer) -> None:
    customer = payer.client.v1.customers.create({"name": "王芳", "email": "wang@example.cn"})
    session = payer.session(
        customer=customer.id,
        client_reference_id="R-1",
        metadata={"order": "1"},
        payment_intent_data={"metadata": {"intent": "2"}},
        adaptive_pricing={"enabled": False},
    )
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert session.payment_intent is None
    assert session.url
    assert (session.amount_total, session.currency) == (120_000, "cny")
    assert session.payment_method_types == ["card", "alipay", "wechat_pay"]
    assert session.client_reference_id == "R-1"
    assert session.customer_details
    assert session.customer_details.email == "wang@example.cn"
    assert session.expires_at == session.created + 86_400
    lines = payer.client.v1.checkout.sessions.line_items.list(session.id)
    assert [(line.description, line.quantity, line.amount_total) for line in lines.data] == [
        ("Renewal, 12 months", 2, 120_000)
    ]
    assert not hasattr(session, "line_items")
    shown = payer.again(session, "line_items")
    assert shown.line_items
    assert shown.line_items.data[0].amount_total == 120_000


def test_a_decline_leaves_the_session_open_and_then_it_is_paid(payer: Payer) -> None:
    session = payer.session(payment_intent_data={"metadata": {"intent": "2"}, "description": "R-1"})
    refused = payer.post(session.url, outcome="decline")
    assert (refused.status_code, refused.headers["Location"]) == (303, f"/c/pay/{session.id}")
    assert "Your card was declined" in payer.get(session.url).text

    after = payer.again(session, "payment_intent.latest_charge")
    intent = after.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert (after.status, after.url) == ("open", session.url)
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error
    assert intent.last_payment_error.code == "card_declined"
    assert intent.last_payment_error.decline_code == "generic_decline"
    assert isinstance(intent.latest_charge, stripe.Charge)
    assert intent.latest_charge.status == "failed"

    done = payer.post(session.url, card_number="4242 4242 4242 4242")
    assert done.status_code == 303
    assert done.headers["Location"] == f"http://127.0.0.1:9/done?session={session.id}"
    paid = payer.again(session, "customer", "payment_intent.latest_charge.balance_transaction")
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert isinstance(paid.payment_intent, stripe.PaymentIntent)
    assert paid.payment_intent.id == intent.id
    assert paid.payment_intent.metadata.to_dict() == {"intent": "2"}
    assert paid.metadata is not None
    assert paid.metadata.to_dict() == {}
    charge = paid.payment_intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    txn = charge.balance_transaction
    assert isinstance(txn, stripe.BalanceTransaction)
    assert (txn.amount, txn.fee, txn.net) == (120_000, 3_510, 116_490)
    assert (txn.type, txn.reporting_category, txn.status) == ("charge", "charge", "pending")
    assert txn.available_on == txn.created + 2 * 86_400
    assert txn.source == charge.id
    assert types(payer.client) == [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("4000000000000002", "card_declined", "generic_decline"),
        ("4000 0000 0000 9995", "card_declined", "insufficient_funds"),
        ("4000000000000069", "expired_card", "expired_card"),
    ],
)
def test_card_numbers_decide(payer: Payer, card: str, code: str, decline_code: str) -> None:
    session = payer.session()
    payer.post(session.url, card_number=card)
    intent = payer.again(session, "payment_intent").payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert intent.last_payment_error
    assert (intent.last_payment_error.code, intent.last_payment_error.decline_code) == (code, decline_code)


def test_an_explicit_outcome_beats_the_card(payer: Payer) -> None:
    session = payer.session()
    payer.post(session.url, card_number="4242424242424242", outcome="insufficient_funds")
    assert payer.again(session).payment_status == "unpaid"


def test_paying_twice_charges_once(payer: Payer) -> None:
    session = payer.session()
    payer.post(session.url, outcome="succeed")
    again = payer.post(session.url, outcome="succeed")
    assert again.status_code == 200
    assert "Already paid" in again.text
    assert len(payer.client.v1.charges.list().data) == 1


def test_paying_at_the_same_moment_charges_once(payer: Payer) -> None:
    session = payer.session()

    def pay(_: int) -> int:
        form = {"outcome": "succeed"}
        return requests.post(str(session.url), data=form, allow_redirects=False, timeout=5).status_code

    with ThreadPoolExecutor(4) as people:
        answers = sorted(people.map(pay, range(4)))
    assert answers == [200, 200, 200, 303]
    assert len(payer.client.v1.charges.list().data) == 1
    assert len(payer.client.v1.balance_transactions.list().data) == 1


def test_the_bank_asks_and_the_customer_approves(payer: Payer) -> None:
    session = payer.session()
    asked = payer.post(session.url, card_number="4000002760003184")
    assert asked.headers["Location"] == f"/c/pay/{session.id}/3ds"
    intent = payer.again(session, "payment_intent").payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert intent.status == "requires_action"
    assert intent.next_action
    assert intent.next_action.type == "redirect_to_url"
    bank = f"{session.url}/3ds"
    assert 'value="approve"' in payer.get(bank).text

    payer.post(bank, answer="fail")
    assert "did not confirm" in payer.get(session.url).text
    assert payer.get(bank).status_code == 303
    payer.post(session.url, outcome="requires_3ds")
    assert payer.post(bank, answer="approve").headers["Location"].startswith("http://127.0.0.1:9/done")
    assert payer.again(session).payment_status == "paid"
    assert payer.post(bank, answer="approve").status_code == 303
    assert len(payer.client.v1.charges.list().data) == 1
    assert "payment_intent.requires_action" in types(payer.client)


def test_money_can_take_a_day(payer: Payer, sandbox: Sandbox) -> None:
    session = payer.session()
    payer.post(session.url, outcome="pending_for_a_day")
    sandbox.advance(23 * 3600)
    assert payer.again(session).payment_status == "unpaid"
    sandbox.advance(3601)
    assert payer.again(session).payment_status == "paid"


@pytest.mark.parametrize(
    ("outcome", "status", "event"),
    [
        ("pending_then_succeed", "paid", "checkout.session.async_payment_succeeded"),
        ("pending_then_fail", "unpaid", "checkout.session.async_payment_failed"),
    ],
)
def test_a_delayed_payment_settles_later(
    payer: Payer, sandbox: Sandbox, outcome: str, status: str, event: str
) -> None:
    session = payer.session()
    payer.post(session.url, outcome=outcome, method="alipay")
    waiting = payer.again(session, "payment_intent")
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert isinstance(waiting.payment_intent, stripe.PaymentIntent)
    assert waiting.payment_intent.status == "processing"
    sandbox.advance(4)
    assert payer.again(session).payment_status == "unpaid"
    sandbox.advance(2)
    settled = payer.again(session, "payment_intent.latest_charge")
    assert (settled.status, settled.payment_status) == ("complete", status)
    assert types(payer.client)[-1] == event
    assert isinstance(settled.payment_intent, stripe.PaymentIntent)
    assert isinstance(settled.payment_intent.latest_charge, stripe.Charge)
    assert settled.payment_intent.latest_charge.status == ("succeeded" if status == "paid" else "failed")


def test_wallets_are_payments_with_their_own_fee(payer: Payer, sandbox: Sandbox) -> None:
    session = payer.session()
    payer.post(session.url, method="wechat_pay")
    txn = payer.client.v1.balance_transactions.list({"type": "payment"}).data[0]
    assert (txn.fee, txn.reporting_category) == (2_640, "charge")
    by_source = payer.client.v1.balance_transactions.list({"source": str(txn.source), "currency": "cny"})
    assert [found.id for found in by_source.data] == [txn.id]
    balance = payer.client.v1.balance.retrieve()
    assert [(part.amount, part.currency) for part in balance.pending] == [(117_360, "cny")]
    sandbox.advance(2 * 86_400)
    balance = payer.client.v1.balance.retrieve()
    assert (balance.pending[0].amount, balance.available[0].amount) == (0, 117_360)
    assert payer.client.v1.balance_transactions.retrieve(txn.id).status == "available"


def test_fees_round_half_up() -> None:
    assert fee("card", 0) == 30
    assert fee("card", 17) == 30 + 0  # 0.493
    assert fee("card", 50) == 30 + 1  # 1.45
    assert fee("alipay", 25) == 1  # 0.55
    assert fee("wechat_pay", 22) == 0  # 0.484
    assert fee("alipay", 2_500) == 55


def test_an_expired_session_cannot_be_paid_or_expired_again(payer: Payer) -> None:
    session = payer.session()
    payer.post(session.url, outcome="decline")
    expired = payer.client.v1.checkout.sessions.expire(session.id)
    assert (expired.status, expired.url) == ("expired", None)
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        payer.client.v1.checkout.sessions.expire(session.id)
    page = payer.post(session.url, outcome="succeed")
    assert "has expired" in page.text
    assert CANCEL in page.text
    intent = payer.client.v1.payment_intents.retrieve(str(expired.payment_intent))
    assert intent.status == "canceled"
    assert types(payer.client)[-2:] == ["payment_intent.canceled", "checkout.session.expired"]
    assert [charge.status for charge in payer.client.v1.charges.list().data] == ["failed"]


def test_sessions_expire_by_the_sandboxs_clock(payer: Payer, sandbox: Sandbox) -> None:
    session = payer.session(expires_at=sandbox.now + 1_860)
    sandbox.advance(1_850)
    assert payer.again(session).status == "open"
    sandbox.advance(11)
    assert payer.again(session).status == "expired"
    assert types(payer.client) == ["checkout.session.expired"]


def test_cancelling_an_intent(payer: Payer, sandbox: Sandbox) -> None:
    session = payer.session()
    payer.post(session.url, outcome="pending_then_fail")
    intent = str(payer.again(session).payment_intent)
    sandbox.advance(6)
    cancelled = payer.client.v1.payment_intents.cancel(intent, {"cancellation_reason": "abandoned"})
    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "abandoned")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        payer.client.v1.payment_intents.cancel(intent)
    assert refused.value.code == "payment_intent_unexpected_state"
    assert refused.value.error
    assert refused.value.error.payment_intent
    still_open = payer.session()
    payer.post(still_open.url, outcome="decline")
    with pytest.raises(stripe.InvalidRequestError, match="Expire the Checkout Session"):
        payer.client.v1.payment_intents.cancel(str(payer.again(still_open).payment_intent))


def test_a_guest_becomes_a_customer_when_asked_for(payer: Payer) -> None:
    session = payer.paid(customer_creation="always", customer_email="guest@example.com")
    customer = payer.client.v1.customers.retrieve(str(session.customer))
    assert customer.email == "guest@example.com"
    assert payer.paid().customer is None


@pytest.mark.parametrize(
    ("currency", "unit_amount", "shown"), [("jpy", 1_200, "¥1,200"), ("kwd", 1_230, "KWD"), ("usd", 999, "$9.99")]
)
def test_minor_units_follow_the_currency(payer: Payer, currency: str, unit_amount: int, shown: str) -> None:
    session = payer.session(line_items=priced(currency, unit_amount), locale="en")
    assert session.amount_total == unit_amount
    assert shown in payer.get(session.url).text
