"""What surprises those who know Stripe only from its guides, each a test. Where others stand:

completed is not paid, a try that failed leaves the page open, no intent at first, no url afterwards: test_flow;
refunds that settle later, payouts among their own transactions: test_returns; snapshots, newest first, thirty
days: test_events; a balance in another currency, or told late: test_settlement; keys that end after a day,
failures that are repeated: test_idempotency; signatures by real time: test_webhooks.
"""

from __future__ import annotations

from pathlib import Path

import stripe

from payments.sandbox.app import Sandbox, create_sandbox
from tests.payments.sandbox.support import SECRET, Payer, Receiver, client_of, order


def test_the_customer_is_back_before_the_webhook(payer: Payer, sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.target(receiver.url, SECRET)
    sandbox.modes(delay=3_600)
    session = payer.session()
    back = payer.post(session.url, outcome="succeed").headers["Location"]
    assert session.id in back
    assert payer.again(session).payment_status == "paid"
    assert receiver.types(sandbox) == []
    sandbox.advance(3_600)
    assert "checkout.session.completed" in receiver.types(sandbox)


def test_a_page_and_its_payment_have_metadata_of_their_own(payer: Payer) -> None:
    session = payer.paid(metadata={"order": "RNW-1"}, payment_intent_data={"metadata": {"quote": "Q-1"}})
    shown = payer.again(session, "payment_intent.latest_charge")
    intent = shown.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    charge = intent.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert shown.metadata is not None
    assert [each.to_dict() for each in (shown.metadata, intent.metadata, charge.metadata)] == [
        {"order": "RNW-1"}, {"quote": "Q-1"}, {"quote": "Q-1"},
    ]  # fmt: skip


def test_ids_say_nothing_but_whose_they_are(payer: Payer) -> None:
    """Their length is Stripe's business, up to 255 signs; a page's id is longer than most expect."""
    first, second = payer.session(), payer.session()
    assert 60 < len(first.id) <= 255
    assert first.id != second.id


def test_a_browser_may_reach_it_elsewhere_than_the_portal(tmp_path: Path) -> None:
    sandbox = create_sandbox(tmp_path / "stripe.db", browser_base="http://stripe.localhost:8420/")
    with sandbox.serving() as base:
        session = client_of(base).v1.checkout.sessions.create(order())
        assert session.url == f"http://stripe.localhost:8420/c/pay/{session.id}"
    sandbox.close()
