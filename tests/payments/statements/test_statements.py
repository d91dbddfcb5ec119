from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from payments.charges import actions as charges
from payments.gateway.base import BalanceFacts
from payments.ledger import queries as ledger
from payments.ledger.models import Account
from payments.money import Money
from payments.statements import actions, queries
from payments.statements.models import BalanceTransaction
from portal.kit.db import transaction
from tests.conftest import NOW
from tests.payments.charges.test_actions import SUBJECT, create
from tests.payments.charges.test_rules import truth

FACTS = BalanceFacts(
    id="txn_1", source_id="ch_1", type="charge", reporting_category="charge", gross_minor=106_000, fee_minor=3_604,
    net_minor=102_396, currency="CNY", created_at=NOW, available_on=NOW + timedelta(days=2),
)  # fmt: skip


def test_a_movement_is_kept_once_and_its_fee_posted_once(app: Flask) -> None:
    with transaction() as db:
        assert actions.keep(db, FACTS, "stripe", SUBJECT, NOW)
        assert not actions.keep(db, FACTS, "stripe", SUBJECT, NOW)
        assert ledger.balance(db, Account.STRIPE_FEES, "CNY") == Money(3_604, "CNY")
        (entry,) = ledger.for_subject(db, SUBJECT)
        assert entry.source == "stripe:txn_1"
        row = queries.of_charges(db, ["ch_1", "ch_2"])["ch_1"]
        assert (row.gross_minor - row.fee_minor, row.net_minor) == (102_396, 102_396)


def test_a_movement_without_fee_posts_nothing(app: Flask) -> None:
    with transaction() as db:
        assert actions.keep(db, replace(FACTS, fee_minor=0), "stripe", SUBJECT, NOW)
        assert ledger.balances(db) == {}


def test_two_who_keep_the_same_at_once_keep_it_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as db:
        actions.keep(db, FACTS, "stripe", SUBJECT, NOW)
    with transaction() as db:
        monkeypatch.setattr(db, "get", lambda *_args: None)
        assert not actions.keep(db, FACTS, "stripe", SUBJECT, NOW)
        assert db.query(BalanceTransaction).count() == 1
        assert ledger.balance(db, Account.STRIPE_FEES, "CNY") == Money(3_604, "CNY")


def test_a_captured_charge_has_its_fee_pending_until_the_movement_is_seen(app: Flask) -> None:
    later = NOW + timedelta(minutes=1)
    with transaction() as db:
        attempt = create(db)
        assert queries.fee_pending(db, later, 10) == []
        charges.succeed(attempt, truth(paid=True, charge_id="ch_1"), NOW)
        db.flush()
        assert queries.fee_pending(db, later, 10) == [attempt]
        assert queries.fee_pending(db, NOW - timedelta(seconds=1), 10) == []
        actions.keep(db, FACTS, "stripe", SUBJECT, NOW)
        assert queries.fee_pending(db, later, 10) == []
