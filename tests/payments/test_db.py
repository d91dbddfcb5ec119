from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import pytest
from sqlalchemy import insert, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError, StatementError

from payments.charges.models import MOVES, AttemptState
from payments.charges.models import PaymentAttempt as Attempt
from payments.db import UtcDateTime, move
from payments.errors import GatewayUnreachable, IllegalMove
from payments.inbox.models import EventState, ProviderEvent
from portal.kit.db import reading, transaction
from tests.conftest import NOW

SQLITE = sqlite.dialect()


class Light(StrEnum):
    RED = "red"
    GREEN = "green"


def event(**changes: object) -> dict[str, object]:
    return {
        "provider": "stripe", "event_id": "evt_1", "type": "x", "object_id": "o", "livemode": False,
        "created_at": NOW, "received_at": NOW, "due_at": NOW, "state": EventState.NEW, "tries": 0,
    } | changes  # fmt: skip


def test_times_are_kept_in_utc_and_naive_ones_refused(app: object) -> None:
    shanghai = datetime(2026, 11, 22, 14, 30, tzinfo=timezone(timedelta(hours=8)))
    with transaction() as db:
        db.execute(insert(ProviderEvent).values(event(created_at=shanghai)))
    with reading() as db:
        row = db.query(ProviderEvent).one()
        assert (row.created_at, row.created_at.tzinfo, row.handled_at) == (NOW, UTC, None)
    with pytest.raises(StatementError, match="naive"), transaction() as db:
        db.execute(insert(ProviderEvent).values(event(event_id="evt_2", created_at=datetime(2026, 1, 1))))  # noqa: DTZ001


def test_times_read_from_either_database() -> None:
    column = UtcDateTime()
    assert column.process_result_value(datetime(2026, 1, 1), SQLITE) == datetime(2026, 1, 1, tzinfo=UTC)  # noqa: DTZ001
    east = datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    assert column.process_result_value(east, SQLITE) == datetime(2026, 1, 1, tzinfo=UTC)
    assert column.process_result_value(None, SQLITE) is None
    assert column.process_bind_param(None, SQLITE) is None


def test_the_database_itself_refuses_an_unknown_state(app: object) -> None:
    with transaction() as db:
        db.execute(insert(ProviderEvent).values(event()))
    with pytest.raises(IntegrityError), transaction() as db:
        db.execute(text("UPDATE provider_events SET state = 'lost'"))


def test_states_move_by_their_table() -> None:
    moves = {Light.RED: frozenset({Light.GREEN}), Light.GREEN: frozenset[Light]()}
    assert move(moves, Light.RED, Light.GREEN) is Light.GREEN
    with pytest.raises(IllegalMove) as refusal:
        move(moves, Light.GREEN, Light.RED)
    assert refusal.value.facts == {"now": "green", "to": "red"}


def test_the_attempts_table_knows_every_state_and_captured_is_final() -> None:
    assert set(MOVES) == set(AttemptState)
    assert MOVES[AttemptState.SUCCEEDED] == frozenset()
    assert Attempt.__tablename__ == "payment_attempts"


def test_refusals_carry_facts() -> None:
    error = GatewayUnreachable(status=500)
    assert (error.code, error.facts) == ("gateway_unreachable", {"status": 500})
