from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from payments.charges import actions, queries
from payments.charges.models import AttemptState, PaymentAttempt, ProviderCustomer
from payments.errors import IllegalMove, LiveAttemptExists
from payments.money import Money
from portal.kit.db import reading, transaction
from tests.conftest import NOW
from tests.payments.charges.test_rules import truth

SUBJECT = "order:RNW-2026-000001"


def create(db: Session, key: str = "k1", subject: str = SUBJECT) -> PaymentAttempt:
    return actions.create_attempt(
        db, subject=subject, provider="stripe", key=key, amount=Money(1_060, "CNY"), request={"a": [1, "二"]},
        expires_at=NOW + timedelta(hours=1), at=NOW,
    )  # fmt: skip


def test_an_attempt_keeps_its_exact_request(app: Flask) -> None:
    with transaction() as db:
        attempt_id = create(db).id
    with reading() as db:
        attempt = queries.get(db, attempt_id)
        assert attempt.request == {"a": [1, "二"]}
        assert (attempt.state, attempt.amount) == (AttemptState.CREATED, Money(1_060, "CNY"))
        assert queries.live_for(db, SUBJECT) is attempt
        assert queries.by_key(db, "k1") is attempt
        assert queries.count_of(db, SUBJECT) == 1
        assert queries.count_of(db, "order:none") == 0


def test_one_live_attempt_for_a_subject(app: Flask) -> None:
    with transaction() as db:
        first = create(db)
        with pytest.raises(LiveAttemptExists):
            create(db, "k2")
        create(db, "k3", "order:RNW-2026-000002")
        assert actions.close(first, AttemptState.EXPIRED, None, NOW)
        db.flush()
        create(db, "k4")
        assert [row.idempotency_key for row in queries.of_subject(db, SUBJECT)] == ["k1", "k4"]


def test_a_page_is_recorded_once(app: Flask) -> None:
    with transaction() as db:
        attempt = create(db)
        assert actions.record_session(attempt, "cs_1", "https://x/1", None)
        assert actions.record_session(attempt, "cs_2", "https://x/2", NOW)
        db.flush()
        assert (attempt.session_id, attempt.session_url) == ("cs_1", "https://x/1")
        assert (attempt.state, attempt.session_expires_at) == (AttemptState.OPEN, NOW + timedelta(hours=1))
        assert queries.by_session(db, "cs_1") is attempt
        actions.close(attempt, AttemptState.CANCELLED, None, NOW)
        assert not actions.record_session(attempt, "cs_3", None, None)


def test_a_refused_try_is_news_once(app: Flask) -> None:
    refused = truth(failure_code="lost_card", failure_ref="ch_1", intent_id="pi_1")
    with transaction() as db:
        attempt = create(db)
        assert actions.note_try(attempt, refused, NOW)
        assert not actions.note_try(attempt, refused, NOW)
        assert not actions.note_try(attempt, truth(), NOW)
        db.flush()
        assert (attempt.failure_code, attempt.intent_id) == ("lost_card", "pi_1")
        assert queries.by_intent(db, "pi_1") is attempt
        actions.succeed(attempt, truth(paid=True, charge_id="ch_2", method="alipay"), NOW)
        assert (attempt.failure_code, attempt.charge_id, attempt.captured_minor) == (None, "ch_2", 1_060)
        assert queries.succeeded(db, [SUBJECT]) == [attempt]


def test_processing_is_news_once_and_ends_in_money_or_failure(app: Flask) -> None:
    with transaction() as db:
        attempt = create(db)
        assert actions.process(attempt, truth(), NOW)
        assert not actions.process(attempt, truth(), NOW)
        with pytest.raises(IllegalMove):
            actions.close(attempt, AttemptState.EXPIRED, None, NOW)
        assert actions.close(attempt, AttemptState.FAILED, "bank", NOW)
        assert not actions.close(attempt, AttemptState.FAILED, "again", NOW)
        assert (attempt.failure_code, attempt.closed_at) == ("bank", NOW)


@pytest.mark.parametrize("closed", [AttemptState.FAILED, AttemptState.EXPIRED, AttemptState.CANCELLED])
def test_the_provider_is_right_when_money_came_after_all(app: Flask, closed: AttemptState) -> None:
    with transaction() as db:
        attempt = create(db)
        actions.close(attempt, closed, None, NOW)
        actions.succeed(attempt, truth(paid=True), NOW)
        assert attempt.state is AttemptState.SUCCEEDED
        with pytest.raises(IllegalMove):
            actions.succeed(attempt, truth(paid=True), NOW)


def test_the_longest_unseen_comes_first(app: Flask) -> None:
    with transaction() as db:
        ids = [create(db, f"k{n}", f"order:{n}").id for n in range(4)]
        actions.touch(db, ids[0], NOW + timedelta(seconds=10))
        actions.touch(db, ids[1], NOW + timedelta(seconds=5))
        actions.close(queries.lock(db, ids[2]), AttemptState.EXPIRED, None, NOW)
        db.flush()
        found = queries.unsettled(db, NOW + timedelta(seconds=10), 10)
        assert [row.id for row in found] == [ids[3], ids[1], ids[0]]
        assert [row.id for row in queries.unsettled(db, NOW + timedelta(seconds=5), 1)] == [ids[3]]


def test_a_customer_is_known_by_the_first_name_given(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as db:
        assert queries.customer(db, "company:7", "stripe") is None
        assert actions.keep_customer(db, "company:7", "stripe", "cus_1", NOW) == "cus_1"
        assert actions.keep_customer(db, "company:7", "stripe", "cus_2", NOW) == "cus_1"
        db.flush()
        actions.forget_customer(db, "company:7", "stripe")
        assert db.query(ProviderCustomer).count() == 0


def test_two_tabs_that_make_a_customer_keep_one(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as db:
        actions.keep_customer(db, "company:7", "stripe", "cus_1", NOW)
    blind: Callable[..., None] = lambda *_args: None  # noqa: E731
    monkeypatch.setattr(queries, "customer", blind)
    with transaction() as db:
        assert actions.keep_customer(db, "company:7", "stripe", "cus_2", NOW) == "cus_1"
