from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.errors import CurrencyMismatch, UnknownCurrency
from payments.money import EXPONENTS, Money, exponent, grain, half_up


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1,234.50", "CNY", 123_450), ("1234", "JPY", 1_234), ("1.234", "KWD", 1_234), ("-5", "USD", -500),
        ("+5.5", "USD", 550), (" 0 ", "EUR", 0), ("1，000", "CNY", 100_000), ("1.50", "CNY", 150),
    ],
)  # fmt: skip
def test_reading_amounts(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [("1.5", "JPY"), ("1.234", "CNY"), ("", "CNY"), ("abc", "CNY"), ("1e5", "CNY"), ("1.2.3", "CNY"), ("-", "CNY"),
     ("٣", "CNY"), ("9" * 20, "CNY"), ("1_0", "CNY")],
)  # fmt: skip
def test_what_is_no_amount(text: str, currency: str) -> None:
    with pytest.raises(ValueError):
        Money.parse(text, currency)


@pytest.mark.parametrize(("currency", "decimals"), [("JPY", 0), ("CNY", 2), ("KWD", 3)])
def test_t13_each_currency_has_its_decimals(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals
    assert Money(1_234, currency).major == Decimal(1_234).scaleb(-decimals)
    assert Money.parse(str(Money(1_234, currency).major), currency).minor == 1_234


def test_unknown_currencies_and_fractions_are_refused() -> None:
    for currency in ("XXX", "cny", ""):
        with pytest.raises(UnknownCurrency):
            Money(1, currency)
    for value in (1.0, "1", True, Decimal(1), None):
        with pytest.raises(TypeError):
            Money(value, "CNY")  # type: ignore[arg-type]


def test_arithmetic_stays_in_its_currency() -> None:
    two, three = Money(2, "USD"), Money(3, "USD")
    assert (two + three, three - two, -two, two * 4) == (
        Money(5, "USD"), Money(1, "USD"), Money(-2, "USD"), Money(8, "USD"),
    )  # fmt: skip
    assert two < three
    assert two <= Money(2, "USD")
    for wrong in (lambda: two + Money(1, "CNY"), lambda: two - Money(1, "CNY"), lambda: two < Money(1, "CNY"),
                  lambda: two <= Money(1, "CNY")):  # fmt: skip
        with pytest.raises(CurrencyMismatch):
            wrong()


@pytest.mark.parametrize(
    ("value", "whole"), [("0.5", 1), ("-0.5", -1), ("1.49", 1), ("2.5", 3), ("-2.5", -3), ("0", 0)]
)
def test_halves_go_away_from_zero(value: str, whole: int) -> None:
    assert half_up(Decimal(value)) == whole


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1).filter(sum))
def test_splitting_loses_nothing(minor: int, weights: list[int]) -> None:
    shares = Money(minor, "CNY").split(weights)
    assert sum(share.minor for share in shares) == minor
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.minor - minor * weight / sum(weights)) < 1.01


def test_leftover_cents_go_to_the_largest_remainder_then_to_the_earliest() -> None:
    assert [m.minor for m in Money(100, "CNY").split([1, 1, 1])] == [34, 33, 33]
    assert [m.minor for m in Money(-100, "CNY").split([1, 1, 1])] == [-34, -33, -33]
    assert [m.minor for m in Money(10, "CNY").split([1, 2])] == [3, 7]
    for weights in ([], [0, 0], [1, -1]):
        with pytest.raises(ValueError):
            Money(1, "CNY").split(weights)


def test_every_currency_has_a_sensible_exponent() -> None:
    assert all(len(code) == 3 and code.isupper() and places in {0, 2, 3} for code, places in EXPONENTS.items())


@pytest.mark.parametrize(("currency", "step"), [("JPY", 1), ("CNY", 1), ("KWD", 10), ("BHD", 10)])
def test_three_decimals_are_charged_in_tens(currency: str, step: int) -> None:
    assert grain(currency) == step
