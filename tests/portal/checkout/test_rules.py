from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from portal.checkout import rules
from portal.checkout.rules import Deed
from portal.contracts.rules import TermPlan
from portal.orders.models import OrderState
from portal.orders.rules import CLOSED, SETTLED, HeldReason

PLAN = TermPlan(date(2026, 12, 13), date(2027, 12, 12), 12, date(2025, 12, 13), 24)


@dataclass(frozen=True)
class Last:
    ends_on: date
    starts_on: date = date(2025, 12, 13)
    anchor_on: date = date(2025, 12, 13)
    months_from_anchor: int = 12


@dataclass(frozen=True)
class Sold:
    starts_on_payment: bool
    starts_on: date
    months: int = 12
    ends_on: date = date(2027, 12, 12)
    anchor_on: date = date(2025, 12, 13)
    months_from_anchor: int = 24


def test_the_sealed_term_is_used_whenever_the_money_comes() -> None:
    sold = Sold(False, date(2026, 12, 13))
    plan = rules.term_plan(sold, Last(date(2026, 12, 12)), date(2026, 11, 22), date(2027, 3, 1))
    assert plan == TermPlan(date(2026, 12, 13), date(2027, 12, 12), 12, date(2025, 12, 13), 24)


def test_a_term_that_does_not_join_is_no_term() -> None:
    sold = Sold(False, date(2026, 12, 13))
    assert rules.term_plan(sold, Last(date(2027, 12, 12)), date(2026, 11, 22), date(2026, 11, 22)) is None


def test_a_lapsed_contract_starts_on_the_day_of_the_money() -> None:
    sold = Sold(True, date(2026, 11, 22))
    plan = rules.term_plan(sold, Last(date(2026, 1, 1)), date(2026, 11, 22), date(2026, 11, 25))
    assert plan is not None
    assert (plan.starts_on, plan.ends_on, plan.on_payment) == (date(2026, 11, 25), date(2027, 11, 24), True)
    assert rules.term_plan(sold, Last(date(2027, 11, 21)), date(2026, 11, 22), date(2026, 11, 25)) is None


@pytest.mark.parametrize("state", OrderState)
@pytest.mark.parametrize("mismatch", ["", "amount"])
@pytest.mark.parametrize("plan", [PLAN, None])
@pytest.mark.parametrize("another", [False, True])
def test_money_renews_only_an_order_that_waits_for_exactly_it(
    state: OrderState, mismatch: str, plan: TermPlan | None, another: bool
) -> None:
    deed, reason = rules.deed(state, mismatch, plan, another)
    waits = state in {OrderState.AWAITING_PAYMENT, OrderState.AWAITING_TRANSFER, OrderState.PROCESSING}
    assert (deed is Deed.RENEW) == (waits and not mismatch and plan is not None)
    assert (deed is Deed.HOLD) == (reason is not None and not (state in CLOSED and another))
    if state in SETTLED or state is OrderState.HELD:
        assert (deed, reason) == (Deed.SUSPEND, None)
    if waits and mismatch:
        assert reason is HeldReason.AMOUNT
    if waits and not mismatch and plan is None:
        assert reason is HeldReason.ALREADY_RENEWED
