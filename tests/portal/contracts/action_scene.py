"""What the tests of actions stand on."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from portal.audit.models import AuditNote
from portal.contracts import actions as contracts
from portal.contracts import queries
from portal.contracts.models import Contract, Segment, Term
from portal.contracts.rules import LineSpec
from portal.kit.db import reading, transaction
from tests import factories
from tests.conftest import NOW

BY = "person:1"
LINES = [LineSpec("insight", 20, 100_000), LineSpec("backup", 5, 80_000)]


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


def correct(contract: Contract, db: Any, **changes: Any) -> bool:
    given: dict[str, Any] = {
        "currency": "CNY", "starts_on": date(2025, 12, 13), "ends_on": date(2026, 12, 12),
        "lines": [LineSpec("insight", 20, 100_000)], "by": BY, "at": NOW,
    }  # fmt: skip
    return contracts.correct_term(db, contract, **(given | changes))


def contract_term(contract: Contract) -> Term:
    return again(contract).terms[-1]
