"""Create, correct, extend and decline contracts; what each leaves in the audit trail and tells others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import Company, StaffRole
from portal.contracts import actions as contracts
from portal.contracts import errors, queries, rules
from portal.contracts.models import Contract, Segment
from portal.contracts.rules import LineSpec, Standing
from portal.kit.db import reading, transaction
from tests import factories
from tests.conftest import NOW
from tests.portal.contracts.action_scene import BY, LINES, again, contract_term, correct, create, made, notes


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
