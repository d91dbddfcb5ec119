from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from payments.errors import Unbalanced
from payments.ledger import actions, queries
from payments.ledger.models import Account, EntryKind, LedgerEntry, LedgerLine
from payments.money import Money
from portal.kit.db import reading, transaction
from tests.conftest import NOW

A = Account
ORDER = "order:RNW-2026-000001"


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


def test_the_domain_guides_rows_one_two_and_eight(app: Flask) -> None:
    """1,060 with 60 VAT is sold and charged with a fee of 36.04; 5,000 come from nowhere and find their order."""
    with transaction() as db:
        actions.sale(db, ORDER, cny(100_000), cny(6_000), NOW, NOW)
        actions.charge(db, "stripe:ch_1", ORDER, cny(106_000), NOW, NOW)
        actions.fee(db, "stripe:txn_1", ORDER, cny(3_604), NOW, NOW)
        actions.suspense(db, "stripe:ch_2", "session:cs_2", cny(500_000), NOW, NOW)
    with reading() as db:
        assert queries.balances(db) == {
            (A.RECEIVABLE, "CNY"): cny(0), (A.DEFERRED_REVENUE, "CNY"): cny(-100_000),
            (A.OUTPUT_TAX, "CNY"): cny(-6_000), (A.STRIPE_CLEARING, "CNY"): cny(602_396),
            (A.STRIPE_FEES, "CNY"): cny(3_604), (A.UNAPPLIED_CASH, "CNY"): cny(-500_000),
        }  # fmt: skip
        assert queries.balance(db, A.STRIPE_CLEARING, "CNY") == cny(602_396)
        assert queries.balance(db, A.STRIPE_CLEARING, "USD") == Money(0, "USD")
        assert [entry.source for entry in queries.suspended(db)] == ["stripe:ch_2"]
        assert [entry.kind for entry in queries.for_subject(db, ORDER)] == ["sale", "charge", "fee"]
        assert queries.unbalanced(db) == []
    with transaction() as db:
        actions.apply(db, "stripe:ch_2", "order:RNW-2026-000002", cny(500_000), NOW, NOW)
        assert queries.suspended(db) == []
        assert queries.balance(db, A.UNAPPLIED_CASH, "CNY") == cny(0)


def test_a_sale_without_tax_has_no_tax_line(app: Flask) -> None:
    with transaction() as db:
        entry = actions.sale(db, ORDER, cny(100), cny(0), NOW, NOW)
        assert [(line.account, line.minor) for line in entry.lines] == [
            (A.RECEIVABLE, 100), (A.DEFERRED_REVENUE, -100),
        ]  # fmt: skip


def test_nothing_is_posted_twice(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as db:
        first = actions.charge(db, "stripe:ch_1", ORDER, cny(100), NOW, NOW)
        assert actions.charge(db, "stripe:ch_1", ORDER, cny(100), NOW, NOW) is first
        assert actions.charge(db, "stripe:ch_1", ORDER, cny(999), NOW, NOW) is first
        assert queries.find(db, ["stripe:ch_0", "stripe:ch_1"], EntryKind.CHARGE) is first
        assert queries.find(db, ["stripe:ch_1"], EntryKind.FEE) is None


def test_two_who_post_the_same_at_once_post_it_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction() as db:
        first = actions.charge(db, "stripe:ch_1", ORDER, cny(100), NOW, NOW).id
    real, looks = actions._standing, [None]
    monkeypatch.setattr(actions, "_standing", lambda *args: looks.pop() if looks else real(*args))
    with transaction() as db:
        assert actions.charge(db, "stripe:ch_1", ORDER, cny(100), NOW, NOW).id == first


def test_a_posting_that_breaks_otherwise_is_an_error(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "_standing", lambda *_args: None)
    with pytest.raises(IntegrityError), transaction() as db:
        actions.charge(db, "stripe:ch_1", ORDER, cny(100), NOW, NOW)
        actions.charge(db, "stripe:ch_1", ORDER, cny(100), NOW, NOW)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [(A.RECEIVABLE, cny(0)), (A.OUTPUT_TAX, cny(0))],
        [(A.RECEIVABLE, cny(1))],
        [(A.RECEIVABLE, cny(2)), (A.OUTPUT_TAX, cny(-1))],
        [(A.RECEIVABLE, cny(1)), (A.OUTPUT_TAX, Money(-1, "USD"))],
    ],
)
def test_an_entry_balances_in_each_currency(app: Flask, lines: list[tuple[Account, Money]]) -> None:
    with transaction() as db:
        with pytest.raises(Unbalanced):
            actions.post(db, EntryKind.CHARGE, "stripe:x", None, lines, NOW, NOW)
        assert db.query(LedgerEntry).count() == 0


def test_two_currencies_may_each_balance(app: Flask) -> None:
    lines = [
        (A.RECEIVABLE, cny(715)), (A.STRIPE_CLEARING, cny(-715)),
        (A.RECEIVABLE, Money(-100, "USD")), (A.STRIPE_CLEARING, Money(100, "USD")),
    ]  # fmt: skip
    with transaction() as db:
        assert len(actions.post(db, EntryKind.CHARGE, "stripe:x", None, lines, NOW, NOW).lines) == 4


def test_what_is_written_stays(app: Flask) -> None:
    with transaction() as db:
        actions.charge(db, "stripe:ch_1", ORDER, cny(100), NOW, NOW)
    with pytest.raises(ValueError, match="append-only"), transaction() as db:
        db.query(LedgerEntry).one().subject = "x"
    with pytest.raises(ValueError, match="append-only"), transaction() as db:
        db.query(LedgerEntry).one().lines[0].minor = 7
    with pytest.raises(ValueError, match="append-only"), transaction() as db:
        entry = db.query(LedgerEntry).one()
        for line in list(entry.lines):
            db.delete(line)


def test_lines_written_past_us_are_seen(app: Flask) -> None:
    with transaction() as db:
        entry = actions.charge(db, "stripe:ch_1", ORDER, cny(100), NOW, NOW)
        row = {"entry_id": entry.id, "position": 9, "account": A.OUTPUT_TAX, "minor": 5, "currency": "CNY"}
        db.execute(insert(LedgerLine).values(row))
        assert queries.unbalanced(db) == [(entry.id, "CNY", 5)]
