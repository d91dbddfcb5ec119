"""Contracts are found whole, in few statements, most urgent first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from portal.accounts.models import StaffRole
from portal.contracts import queries
from portal.kit.db import reading, transaction
from tests import factories
from tests.conftest import NOW


def test_contracts_come_whole_in_two_statements(app: Flask, statements: Callable[[], list[str]]) -> None:
    with transaction() as db:
        company = factories.company(db)
        owner = factories.staff(db, StaffRole.CS)
        for _n in range(5):
            contract = factories.contract(
                db, company, owner_id=owner.id, lines=[("insight", 1, 100), ("backup", 2, 200)]
            )
            factories.term(db, contract, date(2024, 12, 13), date(2025, 12, 12), 12, [("insight", 1, 90)])
    statements()
    with reading() as db:
        found = queries.of_companies(db, [company.id])
    assert len(statements()) == 2
    assert len(found) == 5
    for contract in found:
        assert (contract.company.name, contract.owner_id) == (company.name, owner.id)
        assert [term.starts_on for term in contract.terms] == [date(2024, 12, 13), date(2025, 12, 13)]
        assert [line.product.code for line in contract.terms[1].lines] == ["insight", "backup"]
        assert queries.last_term(contract).starts_on == date(2025, 12, 13)


def test_most_urgent_first_by_the_day_in_each_zone(app: Flask) -> None:
    with transaction() as db:
        company = factories.company(db)
        for number, ends_on in (("far", "2027-11-01"), ("lapsed", "2026-01-31"), ("due", "2026-12-12"),
                                ("grace", "2026-11-13")):  # fmt: skip
            end = date.fromisoformat(ends_on)
            factories.contract(db, company, number=number, starts_on=date(2025, 1, 1), ends_on=end)
    with reading() as db:
        ranked = [contract.number for contract in queries.of_companies(db, [company.id], NOW)]
        by_end = [contract.number for contract in queries.of_companies(db, [company.id])]
    assert ranked == ["grace", "due", "lapsed", "far"]
    assert by_end == ["lapsed", "grace", "due", "far"]


def test_other_companies_contracts_are_not_found(app: Flask) -> None:
    with transaction() as db:
        mine, foreign = factories.company(db), factories.company(db, "Harbor")
        factories.contract(db, foreign)
    with reading() as db:
        assert queries.of_companies(db, [mine.id]) == []
        assert queries.of_companies(db, []) == []


@pytest.mark.parametrize(("number", "there"), [("CT-1", True), ("CT-2", False), ("ct-1", False)])
def test_by_number(app: Flask, number: str, there: bool) -> None:
    with transaction() as db:
        factories.contract(db, factories.company(db), number="CT-1")
    with reading() as db:
        assert (queries.by_number(db, number) is not None) is there


def test_lock_reads_afresh(app: Flask) -> None:
    with transaction() as db:
        contract = factories.contract(db, factories.company(db))
        factories.term(db, contract, date(2026, 12, 13), date(2027, 12, 12), 12, [("insight", 1, 90)])
        held = queries.lock(db, contract.id)
        assert len(held.terms) == 2
