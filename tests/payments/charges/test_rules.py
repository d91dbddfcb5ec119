from __future__ import annotations

from datetime import timedelta

import pytest

from payments.charges import rules
from payments.charges.models import AttemptState
from payments.charges.rules import Asked, Outcome, Verdict
from payments.gateway.base import SessionStatus, Truth
from payments.money import Money
from tests.conftest import NOW

ASKED = Asked(Money(1_060, "CNY"), "RNW-2026-000001", "Q-2026-000001")


def truth(**changes: object) -> Truth:
    given = {
        "session_id": "cs_1", "status": SessionStatus.OPEN, "paid": False, "amount_minor": 1_060,
        "currency": "CNY",
        "reference": "RNW-2026-000001", "quote_id": "Q-2026-000001", "attempt_key": "k", "livemode": False,
    }  # fmt: skip
    return Truth(**(given | changes))  # type: ignore[arg-type]


COMPLETE = {"status": SessionStatus.COMPLETE}


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, Outcome(Verdict.WAITING)),
        ({"failure_code": "lost_card"}, Outcome(Verdict.WAITING, code="lost_card")),
        (COMPLETE, Outcome(Verdict.PROCESSING)),
        (COMPLETE | {"intent_status": "processing"}, Outcome(Verdict.PROCESSING)),
        (COMPLETE | {"intent_status": "requires_payment_method"}, Outcome(Verdict.FAILED, code="payment_failed")),
        (COMPLETE | {"intent_status": "canceled", "failure_code": "x"}, Outcome(Verdict.FAILED, code="x")),
        ({"status": SessionStatus.EXPIRED}, Outcome(Verdict.EXPIRED)),
        (COMPLETE | {"paid": True}, Outcome(Verdict.PAID)),
        ({"status": SessionStatus.EXPIRED, "paid": True}, Outcome(Verdict.PAID)),
        (COMPLETE | {"paid": True, "amount_minor": 1_059}, Outcome(Verdict.MISMATCH, reason="amount")),
        (COMPLETE | {"paid": True, "amount_minor": 1_061}, Outcome(Verdict.MISMATCH, reason="amount")),
        (COMPLETE | {"paid": True, "currency": "USD"}, Outcome(Verdict.MISMATCH, reason="currency")),
        (COMPLETE | {"paid": True, "reference": "RNW-2026-000002"}, Outcome(Verdict.MISMATCH, reason="reference")),
        (COMPLETE | {"paid": True, "quote_id": None}, Outcome(Verdict.MISMATCH, reason="reference")),
    ],
)
def test_what_a_truth_means(changes: dict[str, object], outcome: Outcome) -> None:
    assert rules.judge(ASKED, truth(**changes)) == outcome


@pytest.mark.parametrize(
    ("state", "known", "changes", "quiet"),
    [
        (AttemptState.OPEN, None, {}, True),
        (AttemptState.OPEN, "ch_1", {"failure_ref": "ch_1"}, True),
        (AttemptState.OPEN, "ch_1", {"failure_ref": "ch_2"}, False),
        (AttemptState.OPEN, None, COMPLETE, False),
        (AttemptState.OPEN, None, {"paid": True}, False),
        (AttemptState.CREATED, None, {}, False),
        (AttemptState.PROCESSING, None, COMPLETE, True),
        (AttemptState.PROCESSING, None, COMPLETE | {"intent_status": "canceled"}, False),
        (AttemptState.PROCESSING, None, COMPLETE | {"paid": True}, False),
        (AttemptState.FAILED, None, {"status": SessionStatus.EXPIRED}, False),
    ],
)
def test_what_is_no_news(state: AttemptState, known: str | None, changes: dict[str, object], quiet: bool) -> None:
    assert rules.quiet(state, known, truth(**changes)) is quiet


def test_a_page_lives_within_the_providers_bounds() -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    assert rules.page_until(NOW - hour, NOW) == NOW + hour
    assert rules.page_until(NOW + 5 * hour, NOW) == NOW + 5 * hour
    assert NOW + timedelta(hours=23) < rules.page_until(NOW + 30 * day, NOW) < NOW + day
    assert rules.page_until(NOW + timedelta(hours=2, microseconds=5), NOW) == NOW + 2 * hour


def test_a_key_is_trusted_for_less_than_a_day() -> None:
    assert rules.key_holds(NOW, NOW + timedelta(hours=22, minutes=59))
    assert not rules.key_holds(NOW, NOW + timedelta(hours=23))
    assert rules.attempt_key("order:RNW-1", 2, "ab") == "order:RNW-1:session:2:ab"


def test_the_ledger_knows_money_by_its_charge_or_else_its_page() -> None:
    assert truth(charge_id="ch_1").payment_id == "ch_1"
    assert truth().payment_id == "cs_1"
