"""Create, correct, extend and decline contracts; what each leaves in the audit trail and tells others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.accounts.models import Company, StaffRole
from portal.audit.models import AuditNote
from portal.contracts import actions as contracts
from portal.contracts import errors, queries, rules
from portal.contracts.events import ContractChanged
from portal.contracts.models import Contract, Segment, Term, TermLine
from portal.contracts.rules import LineSpec, Standing
from portal.kit.db import reading, transaction
from portal.kit.events import Told, switchboard
from portal.kit.outbox import OutboxRow
from tests import factories
from tests.conftest import NOW

BY = "person:1"
LINES = [LineSpec("insight", 20, 100_000), LineSpec("backup", 5, 80_000)]


@pytest.fixture
def told(app: Flask) -> Iterator[Callable[[], list[tuple[str, str]]]]:
    """The facts that contracts told: (subject, occurrence)."""

    def ignore(_told: Told) -> None:
        return None

    switchboard.react(ContractChanged, "test.contract_changed", ignore)

    def seen() -> list[tuple[str, str]]:
        with reading() as db:
            rows = db.scalars(select(OutboxRow).where(OutboxRow.job == "test.contract_changed"))
            return [(row.subject, row.occurrence) for row in rows]

    yield seen
    switchboard._reactions.pop(ContractChanged.__name__)
    switchboard._handlers.pop("test.contract_changed")


def notes(contract: Contract) -> list[AuditNote]:
    with reading() as db:
        wanted = select(AuditNote).where(AuditNote.subject == f"contract:{contract.number}").order_by(AuditNote.id)
        return list(db.scalars(wanted))


def made(**changes: Any) -> Contract:
    with transaction() as db:
        return factories.contract(db, factories.company(db), **changes)


def again(contract: Contract) -> Contract:
    with reading() as db:
        found = queries.by_number(db, contract.number)
    assert found is not None
    return found


def create(**changes: Any) -> Contract:
    with transaction() as db:
        factories.products(db)
        given: dict[str, Any] = {
            "number": "CT-1", "company": changes.pop("company", None) or factories.company(db), "currency": "CNY",
            "zone": "Asia/Shanghai", "language": None, "segment": Segment.STANDARD, "owner_id": None,
            "starts_on": date(2025, 12, 13), "ends_on": date(2026, 12, 12), "lines": LINES, "by": BY, "at": NOW,
        }  # fmt: skip
        return contracts.create_contract(db, **(given | changes))


def test_a_contract_is_created_with_its_first_term(app: Flask) -> None:
    contract = again(create())
    (term,) = contract.terms
    assert contract.ends_on == term.ends_on == date(2026, 12, 12)
    assert (term.months, term.anchor_on, term.months_from_anchor) == (12, date(2025, 12, 13), 12)
    assert term.order_number is None
    assert [(line.product_code, line.seats, line.unit_minor) for line in term.lines] == [
        ("insight", 20, 100_000), ("backup", 5, 80_000),
    ]  # fmt: skip
    (note,) = notes(contract)
    assert (note.actor, note.action) == (BY, "contract.created")
    assert note.facts["term"]["lines"] == [["insight", 20, 100_000], ["backup", 5, 80_000]]


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"number": "a/b"}, errors.NumberUnusable),
        ({"number": "new"}, errors.NumberUnusable),
        ({"ends_on": date(2025, 12, 12)}, errors.DatesReversed),
        ({"lines": []}, errors.NoLines),
        ({"lines": [LineSpec("nothing", 1, 1)]}, errors.UnknownProduct),
    ],
)
def test_what_cannot_be_created(app: Flask, changes: dict[str, Any], refused: type[Exception]) -> None:
    with pytest.raises(refused):
        create(**changes)
    with reading() as db:
        assert db.scalar(select(Contract)) is None


def test_a_number_is_given_once(app: Flask) -> None:
    contract = create()
    with pytest.raises(errors.NumberTaken):
        create(company=Company(id=contract.company_id))


def test_extend_adds_a_term_and_clears_the_decline(app: Flask, told: Callable[[], list[tuple[str, str]]]) -> None:
    contract = made(declined_at=NOW, decline_reason="price")
    with transaction() as db:
        held = queries.lock(db, contract.id)
        plan = rules.next_term(queries.last_term(held), 24, date(2026, 11, 22))
        term = contracts.extend(db, held, plan, LINES, "RNW-2026-000001", BY, NOW)
        assert held.terms[-1] is term, "the caller sees the new term at once"
    after = again(contract)
    assert (after.ends_on, after.rev, after.declined_at, after.decline_reason) == (
        date(2028, 12, 12),
        2,
        None,
        None,
    )
    assert (term.starts_on, term.order_number) == (date(2026, 12, 13), "RNW-2026-000001")
    assert rules.standing(after.terms, date(2026, 11, 22), declined=False) is Standing.RENEWED
    assert notes(contract)[-1].action == "contract.extended"
    assert told() == [(f"contract:{contract.number}", "2")]


def test_one_order_extends_once(app: Flask) -> None:
    contract = made()
    for _turn in range(2):
        with transaction() as db:
            held = queries.lock(db, contract.id)
            plan = rules.next_term(held.terms[0], 12, date(2026, 11, 22))
            contracts.extend(db, held, plan, LINES, "RNW-2026-000001", BY, NOW)
    after = again(contract)
    assert len(after.terms) == 2
    assert after.rev == 2
    assert len(notes(contract)) == 1


def test_an_order_priced_on_an_older_term_is_left_to_people(app: Flask) -> None:
    contract = made()
    plan = rules.next_term(contract_term(contract), 12, date(2026, 11, 22))
    with transaction() as db:
        contracts.extend(db, queries.lock(db, contract.id), plan, LINES, "RNW-2026-000001", BY, NOW)
    with transaction() as db, pytest.raises(errors.TermDoesNotJoin) as refused:
        contracts.extend(db, queries.lock(db, contract.id), plan, LINES, "RNW-2026-000002", BY, NOW)
    assert refused.value.facts == {"starts_on": "2026-12-13", "expected": "2027-12-13"}
    gap = rules.TermPlan(date(2028, 1, 1), date(2028, 12, 31), 12, date(2028, 1, 1), 12)
    with transaction() as db, pytest.raises(errors.TermDoesNotJoin):
        contracts.extend(db, queries.lock(db, contract.id), gap, LINES, "RNW-2026-000002", BY, NOW)


def test_a_lapsed_contract_starts_anew_on_the_day_of_the_money(app: Flask) -> None:
    contract = made(starts_on=date(2025, 1, 1), ends_on=date(2025, 12, 31))
    with transaction() as db:
        held = queries.lock(db, contract.id)
        plan = rules.next_term(held.terms[0], 12, date(2026, 11, 20), date(2026, 11, 22))
        contracts.extend(db, held, plan, LINES, "RNW-2026-000001", BY, NOW)
    assert again(contract).terms[-1].starts_on == date(2026, 11, 22)


def test_correcting_the_zone_outdates_prices_but_a_new_owner_does_not(
    app: Flask, told: Callable[[], list[tuple[str, str]]]
) -> None:
    contract = made()
    with transaction() as db:
        owner = factories.staff(db, StaffRole.CS)
        held = queries.lock(db, contract.id)
        given: dict[str, Any] = {
            "zone": held.zone,
            "language": held.language,
            "segment": held.segment,
            "by": BY,
            "at": NOW,
        }
        assert contracts.correct_contract(db, held, owner_id=owner.id, **given)
        assert held.rev == 1
        assert not contracts.correct_contract(db, held, owner_id=owner.id, **given), "nothing new, nothing noted"
        assert contracts.correct_contract(db, held, owner_id=owner.id, **(given | {"zone": "Europe/Berlin"}))
        assert held.rev == 2
    assert told() == [(f"contract:{contract.number}", "2")]
    first, second = notes(contract)
    assert first.facts == {"before": {"owner_id": None}, "after": {"owner_id": owner.id}}
    assert second.facts == {"before": {"zone": "Asia/Shanghai"}, "after": {"zone": "Europe/Berlin"}}


def test_of_two_who_save_the_second_is_told(app: Flask) -> None:
    contract = made()
    seen = again(contract).version
    given: dict[str, Any] = {"language": None, "segment": Segment.STANDARD, "owner_id": None, "by": BY, "at": NOW}
    with transaction() as db:
        contracts.correct_contract(db, queries.lock(db, contract.id), zone="Asia/Tokyo", version=seen, **given)
    with transaction() as db, pytest.raises(errors.ContractChangedMeanwhile):
        contracts.correct_contract(db, queries.lock(db, contract.id), zone="Asia/Seoul", version=seen, **given)
    with transaction() as db, pytest.raises(errors.ContractChangedMeanwhile):
        correct(queries.lock(db, contract.id), db, version=seen)
    assert again(contract).zone == "Asia/Tokyo"


def correct(contract: Contract, db: Any, **changes: Any) -> bool:
    given: dict[str, Any] = {
        "currency": "CNY", "starts_on": date(2025, 12, 13), "ends_on": date(2026, 12, 12),
        "lines": [LineSpec("insight", 20, 100_000)], "by": BY, "at": NOW,
    }  # fmt: skip
    return contracts.correct_term(db, contract, **(given | changes))


def contract_term(contract: Contract) -> Term:
    return again(contract).terms[-1]


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


def test_an_open_order_also_keeps_the_contract_as_it_is(app: Flask) -> None:
    contract = made()
    app.extensions[queries.OPEN_ORDERS] = lambda db, ids: set(ids)
    try:
        with transaction() as db, pytest.raises(errors.ContractHasOrders):
            correct(queries.lock(db, contract.id), db, ends_on=date(2026, 12, 31))
    finally:
        del app.extensions[queries.OPEN_ORDERS]


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
