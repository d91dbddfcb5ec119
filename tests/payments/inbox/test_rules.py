"""From when events are listed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from payments.inbox.rules import OVERLAP, REST_AFTER, list_from

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_the_list_begins_before_the_last_one_and_no_earlier_than_the_provider_knows() -> None:
    assert list_from(None, NOW) == (NOW - REST_AFTER, False)
    assert list_from(NOW - timedelta(minutes=1), NOW) == (NOW - timedelta(minutes=1) - OVERLAP, False)
    assert list_from(NOW - REST_AFTER - timedelta(days=1), NOW) == (NOW - REST_AFTER, True)


def test_a_clock_that_once_ran_ahead_leaves_no_gap() -> None:
    assert list_from(NOW + timedelta(days=9), NOW) == (NOW - OVERLAP, False)
