from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from payments.gateway.base import EventFacts
from payments.inbox import actions, queries, rules
from payments.inbox.models import EventState, ProviderEvent
from portal.kit.db import reading, transaction
from tests.conftest import NOW


def keep(event_id: str = "evt_1", at: object = NOW) -> bool:
    facts = EventFacts(event_id, "checkout.session.completed", "cs_1", False, NOW)
    with transaction() as db:
        return actions.keep(db, facts, "stripe", at)  # type: ignore[arg-type]


def claim(after: timedelta = timedelta()) -> list[ProviderEvent]:
    with transaction() as db:
        return list(actions.claim(db, NOW + after))


def only() -> ProviderEvent:
    with reading() as db:
        return db.query(ProviderEvent).one()


def test_t4_an_event_is_kept_once(app: Flask) -> None:
    assert keep()
    assert not keep()
    (event,) = claim()
    assert (event.event_id, event.object_id, event.tries) == ("evt_1", "cs_1", 1)
    with transaction() as db:
        actions.finish(db, event.id, NOW)
    assert not keep()
    assert only().state is EventState.DONE


def test_a_claimed_event_is_nobody_elses_until_its_lease_ends(app: Flask) -> None:
    keep()
    assert len(claim()) == 1
    assert claim(rules.LEASE - timedelta(seconds=1)) == []
    assert len(claim(rules.LEASE)) == 1


def test_who_waits_longest_comes_first(app: Flask) -> None:
    for number in range(30):
        keep(f"evt_{number}", NOW - timedelta(seconds=number))
    taken = claim()
    assert len(taken) == rules.AT_ONCE
    assert taken[0].event_id == "evt_29"
    with reading() as db:
        assert queries.any_due(db, NOW)
        assert not queries.any_due(db, NOW - timedelta(days=1))


def test_a_failed_handling_waits_ever_longer_and_never_ends(app: Flask) -> None:
    keep()
    at, waits = timedelta(), []
    for _try in range(9):
        (event,) = claim(at)
        with transaction() as db:
            actions.retry(db, event, "x" * 900, NOW + at)
        waits.append(only().due_at - (NOW + at))
        at = only().due_at - NOW
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=2)
    assert waits[-1] == timedelta(hours=1)
    assert len(str(only().error)) == 500
    with reading() as db:
        assert [event.event_id for event in queries.alarms(db, NOW + at)] == ["evt_1"]


def test_a_parked_event_is_looked_at_each_half_minute_for_a_day_then_hourly_for_a_month(app: Flask) -> None:
    keep()
    (event,) = claim()
    with transaction() as db:
        actions.park(db, event, "no such order", NOW)
    assert only().due_at == NOW + timedelta(seconds=30)
    with reading() as db:
        assert queries.alarms(db, NOW + timedelta(seconds=59)) == []
        assert len(queries.alarms(db, NOW + timedelta(seconds=60))) == 1
    (event,) = claim(timedelta(days=2))
    with transaction() as db:
        actions.park(db, event, "no such order", NOW + timedelta(days=2))
    assert only().due_at == NOW + timedelta(days=2, hours=1)
    assert claim(timedelta(days=30)) == []


def test_what_asks_nothing_is_ignored(app: Flask) -> None:
    keep()
    (event,) = claim()
    with transaction() as db:
        actions.ignore(db, event.id, "not ours", NOW)
    assert (only().state, only().error, only().handled_at) == (EventState.IGNORED, "not ours", NOW)
    assert claim(timedelta(days=1)) == []
    with reading() as db:
        assert [row.event_id for row in queries.about(db, ["cs_1", "cs_2"])] == ["evt_1"]


@pytest.mark.parametrize(("tries", "seconds"), [(0, 2), (1, 2), (2, 10), (7, 3_600), (99, 3_600)])
def test_waits(tries: int, seconds: int) -> None:
    assert rules.retry_wait(tries) == timedelta(seconds=seconds)
