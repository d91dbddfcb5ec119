"""Which contract comes first, what an order asks, which tax numbers can be right."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.contracts.rules import Standing
from portal.home import rules
from portal.home.rules import Asks, TaxIdProblem
from portal.orders.models import OrderState
from tests.conftest import NOW

ON = date(2026, 11, 22)


def test_days_to_act_count_to_the_end_and_then_to_the_end_of_grace() -> None:
    assert rules.days_to_act(Standing.DUE, date(2026, 12, 12), ON) == 20
    assert rules.days_to_act(Standing.IN_GRACE, date(2026, 11, 13), ON) == 21


@pytest.mark.parametrize(
    ("standing", "order", "can_renew", "can_pay", "expected"),
    [
        (Standing.DUE, None, True, True, True),
        (Standing.DUE, None, False, True, False),
        (Standing.UPCOMING, None, True, True, False),
        (Standing.LAPSED, None, True, True, False),
        (Standing.UPCOMING, OrderState.AWAITING_PAYMENT, False, True, True),
        (Standing.DUE, OrderState.AWAITING_PAYMENT, True, False, False),
        (Standing.DUE, OrderState.PROCESSING, True, True, False),
        (Standing.DUE, OrderState.HELD, True, True, False),
    ],
)
def test_whose_turn_it_is(
    standing: Standing, order: OrderState | None, can_renew: bool, can_pay: bool, expected: bool
) -> None:
    assert rules.needs_you(standing, order, can_renew, can_pay) is expected


def test_confirming_lasts_a_minute_and_then_leaves_it_to_the_mail() -> None:
    assert rules.asks(False, NOW - timedelta(seconds=59), NOW) is Asks.CONFIRMING
    assert rules.asks(False, NOW - timedelta(seconds=60), NOW) is Asks.STILL_CONFIRMING
    assert rules.asks(True, None, NOW) is Asks.TRY_AGAIN
    assert rules.asks(False, None, NOW) is Asks.PAY
    assert rules.asks(False, NOW + timedelta(hours=1), NOW) is Asks.PAY


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("91110000600037341L", "CN", None),
        ("91110000600037341A", "CN", TaxIdProblem.SIGNS),
        ("91110000600037341", "CN", TaxIdProblem.LENGTH),
        ("9111000060003734IL", "CN", TaxIdProblem.SIGNS),  # no I in these numbers
        ("", "CN", None),
        ("DE 123", "DE", None),
    ],
)
def test_chinese_tax_numbers_are_checked(text: str, country: str, expected: TaxIdProblem | None) -> None:
    assert rules.tax_id_problem(text, country) is expected


def test_the_last_day_is_the_one_before_midnight_in_the_zone() -> None:
    midnight = datetime(2026, 12, 22, 16, tzinfo=UTC)  # 23 December 00:00 in Shanghai
    assert rules.last_day(midnight, "Asia/Shanghai") == date(2026, 12, 22)
    assert rules.last_day(midnight, "America/Los_Angeles") == date(2026, 12, 22)
    assert rules.last_day(midnight + timedelta(hours=1), "Asia/Shanghai") == date(2026, 12, 23)
