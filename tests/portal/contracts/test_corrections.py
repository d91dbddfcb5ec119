"""Correct, decline and undo: what may change on a contract, and when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.contracts import actions as contracts
from portal.contracts import errors, queries, rules
from portal.contracts.models import TermLine
from portal.kit.db import reading, transaction
from tests import factories
from tests.conftest import NOW
from tests.portal.contracts.action_scene import BY, LINES, again, correct, create, made, notes


def test_correcting_a_term_replaces_it_and_keeps_what_it_was(
    app: Flask, told: Callable[[], list[tuple[str, str]]]
) -> None:
    contract = made()
    with transaction() as db:
        held = queries.lock(db, contract.id)
        assert not correct(held, db), "the same facts change nothing"
        assert correct(held, db, ends_on=date(2026, 12, 31), lines=LINES, currency="USD")
        assert len(held.terms) == 1
    after = again(contract)
    term = after.terms[0]
    assert (after.ends_on, after.currency, after.rev) == (date(2026, 12, 31), "USD", 2)
    assert [line.product_code for line in term.lines] == ["insight", "backup"]
    assert rules.next_term(term, 12, term.ends_on).starts_on == date(2027, 1, 1)
    (note,) = notes(contract)
    assert note.facts["before"]["ends_on"] == "2026-12-12"
    assert note.facts["after"]["lines"][1] == ["backup", 5, 80_000]
    assert told() == [(f"contract:{contract.number}", "2")]
    with reading() as db:
        assert len(list(db.scalars(select(TermLine)))) == 2, "the old lines are gone"


def test_an_ordered_contract_is_not_corrected_by_hand(app: Flask) -> None:
    contract = made()
    with transaction() as db:
        held = queries.lock(db, contract.id)
        contracts.extend(db, held, rules.next_term(held.terms[0], 12, NOW.date()), LINES, "RNW-1", BY, NOW)
    with transaction() as db, pytest.raises(errors.ContractHasOrders):
        correct(queries.lock(db, contract.id), db)
    with transaction() as db, pytest.raises(errors.ContractHasOrders):
        contracts.record_term(db, queries.lock(db, contract.id), starts_on=date(2027, 12, 13),
                              ends_on=date(2028, 12, 12), lines=LINES, by=BY, at=NOW)  # fmt: skip


def test_an_open_order_also_keeps_the_contract_as_it_is(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    contract = made()
    monkeypatch.setitem(app.extensions, queries.OPEN_ORDERS, lambda db, ids: set(ids))
    with transaction() as db, pytest.raises(errors.ContractHasOrders):
        correct(queries.lock(db, contract.id), db, ends_on=date(2026, 12, 31))


def test_terms_do_not_overlap_and_history_keeps_its_currency(app: Flask) -> None:
    contract = made()
    with transaction() as db:
        factories.term(db, contract, date(2024, 12, 13), date(2025, 12, 12), 12, [("insight", 20, 90_000)])
    with transaction() as db, pytest.raises(errors.TermOverlaps):
        correct(queries.lock(db, contract.id), db, starts_on=date(2025, 12, 12))
    with transaction() as db, pytest.raises(errors.CurrencyHasHistory):
        correct(queries.lock(db, contract.id), db, currency="USD")
    with transaction() as db, pytest.raises(errors.DatesReversed):
        correct(queries.lock(db, contract.id), db, ends_on=date(2025, 12, 1))


def test_a_term_agreed_elsewhere_keeps_the_anchor(app: Flask) -> None:
    contract = create(starts_on=date(2024, 2, 29), ends_on=date(2027, 2, 27))
    with transaction() as db:
        held = queries.lock(db, contract.id)
        contracts.record_term(
            db, held, starts_on=date(2027, 2, 28), ends_on=date(2028, 2, 28), lines=LINES, by=BY, at=NOW
        )
        assert (held.terms[-1].anchor_on, held.terms[-1].months_from_anchor) == (date(2024, 2, 29), 48)
        assert rules.next_term(held.terms[-1], 12, date(2028, 1, 1)).starts_on == date(2028, 2, 29)
        assert held.ends_on == date(2028, 2, 28)


def at(day: date) -> datetime:
    return NOW.replace(year=day.year, month=day.month, day=day.day)


def test_decline_and_undo(app: Flask) -> None:
    contract = made()
    with transaction() as db:
        held = queries.lock(db, contract.id)
        contracts.decline(db, held, "too expensive", BY, NOW)
        assert (held.declined_at, held.decline_reason, held.rev) == (NOW, "too expensive", 1)
    with transaction() as db, pytest.raises(errors.CannotDecline):
        contracts.decline(db, queries.lock(db, contract.id), None, BY, NOW)
    with transaction() as db:
        contracts.undo_decline(db, queries.lock(db, contract.id), BY, at(date(2026, 12, 12)))
    assert again(contract).declined_at is None
    assert [note.action for note in notes(contract)] == ["contract.declined", "contract.decline_undone"]


def test_a_decline_cannot_be_undone_after_the_end(app: Flask) -> None:
    contract = made(declined_at=NOW)
    with transaction() as db, pytest.raises(errors.CannotUndoDecline) as refused:
        contracts.undo_decline(db, queries.lock(db, contract.id), BY, at(date(2026, 12, 13)))
    assert refused.value.facts["ends_on"] == date(2026, 12, 12)


def test_the_last_day_is_the_zones(app: Flask) -> None:
    """At 23:30 in Los Angeles on the last day it is the next day in UTC already."""
    contract = made(zone="America/Los_Angeles", declined_at=NOW)
    last_minutes = rules.expiry(date(2026, 12, 12), "America/Los_Angeles") - timedelta(minutes=30)
    with transaction() as db:
        contracts.undo_decline(db, queries.lock(db, contract.id), BY, last_minutes)
    assert again(contract).declined_at is None


def test_the_database_holds_one_term_for_an_order(app: Flask) -> None:
    first, second = made(), made()
    with pytest.raises(IntegrityError), transaction() as db:
        for contract in (first, second):
            held = queries.lock(db, contract.id)
            contracts.extend(db, held, rules.next_term(held.terms[0], 12, NOW.date()), LINES, "RNW-1", BY, NOW)
    assert len(again(first).terms) == 1
