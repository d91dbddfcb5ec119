"""Why money is in suspense, totals that never add currencies, and the proof of the books."""

from __future__ import annotations

import pytest

from payments.money import Money
from portal.finance.rules import Proof, Slice, Unmatched, proofs, totals, why_unmatched
from portal.orders.models import OrderState
from portal.orders.rules import HeldReason


@pytest.mark.parametrize(
    ("state", "reason", "expected"),
    [
        (None, None, Unmatched.NO_ORDER),
        (OrderState.PAID, None, Unmatched.PAID_TWICE),
        (OrderState.REFUNDED, None, Unmatched.PAID_TWICE),
        (OrderState.HELD, HeldReason.AMOUNT, Unmatched.AMOUNT_DIFFERS),
        (OrderState.HELD, HeldReason.CURRENCY, Unmatched.OTHER_CURRENCY),
        (OrderState.HELD, HeldReason.CLOSED, Unmatched.ORDER_CLOSED),
        (OrderState.HELD, HeldReason.ALREADY_RENEWED, Unmatched.ALREADY_RENEWED),
        (OrderState.HELD, "a reason of tomorrow", Unmatched.ORDER_CLOSED),
        (OrderState.CANCELLED, None, Unmatched.ORDER_CLOSED),
    ],
)
def test_why_money_matches_nothing(state: OrderState | None, reason: str | None, expected: Unmatched) -> None:
    assert why_unmatched(state, reason) is expected


def test_every_reason_to_hold_has_a_reason_in_suspense() -> None:
    assert len({why_unmatched(OrderState.HELD, reason) for reason in HeldReason}) == len(HeldReason)


def test_currencies_are_never_added() -> None:
    found = totals([Slice("USD", "USD", 1, 100, 3, 97), Slice("CNY", "CNY", 2, 1000, 30, 970)])
    assert [(one.currency, one.count, one.gross.minor, one.fees.minor, one.net.minor) for one in found] == [
        ("CNY", 2, 1000, 30, 970),
        ("USD", 1, 100, 3, 97),
    ]
    assert all(one.converted.minor == 0 for one in found)


def test_a_pending_fee_is_told_apart_so_that_the_columns_add_up() -> None:
    [cny] = totals([Slice("CNY", "CNY", 2, 1000, 30, 970), Slice("CNY", None, 1, 400, 0, 0)])
    assert (cny.count, cny.gross.minor, cny.pending.minor) == (3, 1400, 400)
    assert cny.gross - cny.pending - cny.fees == cny.net


def test_conversion_explains_both_currencies() -> None:
    """CNY 7,200.00 settled as USD 1,000.00 less 34.00."""
    cny, usd = totals([Slice("CNY", "USD", 1, 720_000, 3_400, 96_600), Slice("USD", "USD", 1, 5_000, 170, 4_830)])
    assert cny.converted == Money(-720_000, "CNY")
    assert usd.converted == Money(100_000, "USD")
    for one in (cny, usd):
        assert one.gross - one.pending + one.converted - one.fees == one.net


def test_a_proof_says_by_how_much_the_books_differ() -> None:
    held, broken = proofs([("clearing", "CNY", 970), ("gross", "CNY", 1000), ("fee", "CNY", 30),
                           ("gross", "USD", 50)])  # fmt: skip
    assert held == Proof("CNY", Money(970, "CNY"), Money(970, "CNY"))
    assert held.holds
    assert not broken.holds
    assert broken.difference == Money(-50, "USD")
