"""Codes of apps, recovery codes, and what people make of them when they type."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.accounts.factors import rules

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    # RFC 6238, appendix B, the last six of its eight digits.
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert rules.app_code(SECRET, rules.app_step(at)) == code
    assert rules.taken_step(SECRET, code, at, None) == seconds // 30


@pytest.mark.parametrize(("late", "taken"), [(-31, False), (-30, True), (0, True), (59, True), (60, False)])
def test_a_clock_may_be_a_half_minute_off(late: int, taken: bool) -> None:
    at = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
    code = rules.app_code(SECRET, rules.app_step(at))
    assert (rules.taken_step(SECRET, code, at + timedelta(seconds=late), None) is not None) is taken


def test_a_step_that_was_used_is_not_taken_again() -> None:
    at = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
    step = rules.app_step(at)
    assert rules.taken_step(SECRET, rules.app_code(SECRET, step), at, step) is None
    assert rules.taken_step(SECRET, rules.app_code(SECRET, step - 1), at, step) is None
    assert rules.taken_step(SECRET, rules.app_code(SECRET, step + 1), at, step) == step + 1


@pytest.mark.parametrize("typed", ["123456", "123 456", "123-456", " 123456 ", "１２３４５６"])
def test_digits_are_read_as_they_are_meant(typed: str) -> None:
    assert rules.digits_of(typed) == "123456"


@pytest.mark.parametrize("typed", ["", "abc", "9" * 5000])
def test_junk_is_no_code(typed: str) -> None:
    assert len(rules.digits_of(typed)) <= 32


def test_recovery_codes_read_back() -> None:
    code = rules.recovery_code(bytes(range(16)))
    assert code == "abcd-efgh-jkmn-pqrs"
    assert rules.recovery_text("ABCD EFGH JKMN PQRS") == code
    assert rules.recovery_text("abcdefghjkmnpqrs") == code
    assert rules.recovery_text("abcd-efgh") is None
    assert rules.recovery_text("") is None


def test_fresh_for_half_an_hour() -> None:
    at = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
    assert rules.is_fresh(at, at + timedelta(minutes=30))
    assert not rules.is_fresh(at, at + timedelta(minutes=30, seconds=1))
