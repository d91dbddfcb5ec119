from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from payments.gateway.stripe_facts import balance_of, truth_of

BARE = {"id": "cs_1", "status": "complete", "payment_status": "paid", "amount_total": 1_060, "currency": "cny"}


def truth(**changes: Any) -> Any:
    return truth_of(BARE | changes)


def test_a_bare_session_is_enough() -> None:
    found = truth()
    assert (found.paid, found.amount_minor, found.currency, found.payment_id) == (True, 1_060, "CNY", "cs_1")
    assert (found.reference, found.quote_id, found.expires_at, found.balance) == (None, None, None, None)


def test_what_was_charged_counts_not_what_was_asked() -> None:
    found = truth(payment_intent={"id": "pi_1", "amount_received": 900, "currency": "usd"})
    assert (found.amount_minor, found.currency) == (900, "USD")


def test_nothing_is_paid_that_moved_no_money() -> None:
    assert truth(amount_total=0).paid is False
    assert truth(payment_status="no_payment_required").paid is False


def test_ids_that_were_not_expanded() -> None:
    found = truth(payment_intent="pi_1")
    assert (found.intent_id, found.intent_status, found.charge_id) == ("pi_1", None, None)
    found = truth(
        payment_intent={"id": "pi_1", "latest_charge": "ch_1", "amount_received": 1_060, "currency": "cny"}
    )
    assert (found.charge_id, found.method, found.balance) == ("ch_1", None, None)


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"type": "card", "card": {"brand": "visa", "last4": "4242"}}, "card visa 4242"),
        ({"type": "card", "card": {}}, "card"),
        ({"type": "alipay", "alipay": {}}, "alipay"),
        ({}, None),
        (None, None),
    ],
)
def test_how_it_was_paid(details: Any, words: str | None) -> None:
    charge = {"id": "ch_1", "payment_method_details": details}
    assert truth(payment_intent={"id": "pi_1", "latest_charge": charge}).method == words


@pytest.mark.parametrize(
    ("error", "charge", "code", "ref"),
    [
        ({"code": "card_declined", "decline_code": "lost_card", "charge": "ch_9"}, None, "lost_card", "ch_9"),
        ({"code": "card_declined"}, "ch_8", "card_declined", "ch_8:card_declined"),
        ({}, None, None, None),
        ({"message": "odd"}, None, "payment_failed", "pi_1:payment_failed"),
    ],
)
def test_why_a_try_failed(error: Any, charge: str | None, code: str | None, ref: str | None) -> None:
    intent = {
        "id": "pi_1",
        "status": "requires_payment_method",
        "last_payment_error": error,
        "latest_charge": charge,
    }
    found = truth(status="open", payment_status="unpaid", payment_intent=intent)
    assert (found.failure_code, found.failure_ref, found.charge_id) == (code, ref, None)


def test_a_balance_transaction_that_names_its_own_source() -> None:
    txn = {
        "id": "txn_1", "source": {"id": "ch_5"}, "type": "payment", "reporting_category": "charge", "amount": 100,
        "fee": 3, "net": 97, "currency": "usd", "created": 1, "available_on": None,
    }  # fmt: skip
    facts = balance_of(txn, None)
    assert facts is not None
    assert (facts.source_id, facts.currency, facts.created_at) == ("ch_5", "USD", datetime.fromtimestamp(1, UTC))
    assert facts.available_on.tzinfo is UTC
    assert balance_of(None, "ch_1") is None
    assert balance_of("txn_1", "ch_1") is None


def test_a_refusal_without_a_charge_is_not_the_one_before() -> None:
    """An expired card leaves a failed charge behind; the bank's confirmation that fails next leaves none."""
    expired = {"code": "expired_card", "charge": "ch_1", "payment_method": {"id": "pm_1"}}
    refused = {"code": "payment_intent_authentication_failure", "payment_method": {"id": "pm_2"}}
    again = refused | {"payment_method": {"id": "pm_3"}}
    seen = []
    for error in (expired, refused, again, again):
        intent = {"id": "pi_1", "latest_charge": "ch_1", "last_payment_error": error}
        found = truth(status="open", payment_status="unpaid", payment_intent=intent)
        seen.append((found.failure_code, found.failure_ref))
    assert [code for code, _ref in seen] == [error["code"] for error in (expired, refused, again, again)]
    assert len({ref for _code, ref in seen}) == 3
