"""No list reads a big table from end to end: the plan of every statement that a list's page may ask."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from portal.accounts.models import StaffRole
from portal.kit.db import database, transaction
from tests import factories
from tests.portal.finance import make

BIG = (
    "orders|quotes|contracts|terms|companies|company_keys|people|memberships|payment_attempts|ledger_entries|"
    "ledger_lines|balance_transactions|audit_notes|receipts"
)
DEEP = "older=20261001T000000.000000Z-5"
ORDERS = [
    f"/desk/orders?view={view}&state={state}&currency={currency}&q={q}&{more}"
    for view in ("all", "needs_look", "awaiting", "paid")
    for state in ("", "paid" if view == "paid" else "awaiting_payment")
    for currency in ("", "CNY")
    for q, more in (("", ""), ("", "from=2026-01-01"), ("", DEEP), ("aurora", ""), ("rnw-2026", ""), ("cs_1", ""))
    if not (view == "paid" and state == "awaiting_payment")
]
CONTRACTS = [
    f"/desk/contracts?window={window}&currency={currency}&owner={owner}&q={q}&{more}"
    for window in ("", "30", "grace", "lapsed")
    for currency in ("", "CNY")
    for owner in ("", "none", "{owner}")
    for q, more in (("", ""), ("", "after=20261001-5"), ("", "before=20261001-5"), ("aurora", ""), ("ct-2", ""))
]
COMPANIES = [f"/desk/companies?{query}" for query in ("", DEEP, "q=极光", "q=owner@", f"q=aurora&{DEEP}")]
PAYMENTS = [
    f"/finance/payments?currency={currency}&unmatched={unmatched}&q={q}&{more}"
    for currency in ("", "CNY")
    for unmatched in ("", "1")
    for q, more in (("", ""), ("", "to=2026-12-01"), ("", DEEP), ("rnw-2026", ""), ("ch_1", ""), ("txn_1", ""))
]
AUDIT = [
    f"/desk/audit?who={who}&action={action}&about={about}&{more}"
    for who in ("", "system", "sales@portal.example")
    for action in ("", "order.paid")
    for about in ("", "RNW-2026-000001")
    for more in ("", "from=2026-01-01", DEEP)
]
# What may be walked from its newest end when nothing narrows the list; the page stops after its rows.
WALKED = "ix_orders_newest|ix_contracts_end|ix_companies_newest|ix_audit_notes_newest"


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> tuple[FlaskClient, int]:
    """The browser of somebody who sees every list, and the id of somebody who owns contracts."""
    with transaction() as db:
        factories.book(db)
        owner = factories.staff(db, StaffRole.SALES)
        who = factories.staff(db, StaffRole.AUDITOR)
        for _ in range(3):
            make.paid(db, make.placed(db))
        make.placed(db)
    factories.sign_in(client, who)
    return client, owner.id


@pytest.fixture
def asked(app: Flask) -> Iterator[Callable[[], list[tuple[str, Any]]]]:
    """The SELECTs since the last call, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        if statement.startswith(("SELECT", "WITH")):
            seen.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)

    def taken() -> list[tuple[str, Any]]:
        copy = list(seen)
        seen.clear()
        return copy

    yield taken
    event.remove(database.engine, "before_cursor_execute", note)


def scans(statement: str, parameters: Any) -> list[str]:
    """Lines of the plan that read a big table, or a whole index of one, from end to end."""
    engine = database.engine
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            lines = [row[3] for row in rows]
            bare = re.compile(rf"SCAN ({BIG})(_\d+)?\b(?! USING (COVERING )?INDEX ({WALKED})\b)")
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
            lines = [row[0] for row in rows]
            bare = re.compile(rf"Seq Scan on ({BIG})\b")
    return [line for line in lines if bare.search(line)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "pages",
    [ORDERS, CONTRACTS, COMPANIES, PAYMENTS, AUDIT],
    ids=["orders", "contracts", "companies", "payments", "audit"],
)
def test_no_page_of_a_list_reads_a_big_table_whole(
    desk: tuple[FlaskClient, int], asked: Callable[[], list[tuple[str, Any]]], pages: list[str]
) -> None:
    client, owner = desk
    known: set[str] = set()
    for page in pages:
        asked()
        assert client.get(page.format(owner=owner)).status_code in {200, 302}
        statements = asked()
        assert len(statements) <= 4, page
        for statement, parameters in statements:
            if statement not in known:
                known.add(statement)
                assert scans(statement, parameters) == [], (page, statement)


def test_the_plan_of_a_scan_is_told(app: Flask) -> None:
    assert scans("SELECT * FROM orders WHERE total_minor = 5", ())
