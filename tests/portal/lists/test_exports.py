"""The lists as files: what they hold, what they may not run, who gets them, how many statements they take."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from portal.accounts.models import StaffRole
from portal.kit import csvout, xlsxout
from portal.kit.db import transaction
from tests import factories
from tests.conftest import NOW
from tests.portal.finance import make

FILES = ("/desk/orders", "/desk/contracts", "/desk/companies", "/finance/payments")


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> FlaskClient:
    """The browser of somebody who sees every list."""
    with transaction() as db:
        factories.book(db)
        who = factories.staff(db, StaffRole.AUDITOR)
    factories.sign_in(client, who)
    return client


def csv_rows(desk: FlaskClient, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(desk.get(address).get_data().decode("utf-8-sig"))))


def xlsx_rows(desk: FlaskClient, address: str) -> list[dict[str, Any]]:
    response = desk.get(address)
    assert response.content_type.endswith("spreadsheetml.sheet")
    sheet: list[Any] = (
        CalamineWorkbook.from_filelike(io.BytesIO(response.get_data())).get_sheet_by_index(0).to_python()
    )
    head, *rows = sheet
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_orders_hold_what_the_filters_chose_in_both_files(desk: FlaskClient) -> None:
    with transaction() as db:
        order = make.placed(db, factories.company(db, "Marlow 极光"), currency="JPY", seats=3, po_number="PO-1")
        make.paid(db, order)
        make.placed(db, at=NOW - timedelta(hours=1))
    [row] = csv_rows(desk, "/desk/orders.csv?view=paid&q=极光")
    assert (row["Order"], row["Company"], row["State"], row["Currency"], row["Total"]) == (
        order.number, "Marlow 极光", "Paid", "JPY", "60000",
    )  # fmt: skip
    assert row["Placed (Asia/Shanghai)"] == "2026-11-22 14:30:00"
    [sheet] = xlsx_rows(desk, "/desk/orders.xlsx?view=paid&q=极光")
    assert (sheet["Order"], sheet["Total"], sheet["PO number"]) == (order.number, 60_000.0, "PO-1")
    assert sheet["Placed (Asia/Shanghai)"] == datetime(2026, 11, 22, 14, 30)  # noqa: DTZ001 - a sheet's own
    assert len(csv_rows(desk, "/desk/orders.csv")) == 2


def test_contracts_hold_days_and_standings(desk: FlaskClient) -> None:
    with transaction() as db:
        factories.contract(db, factories.company(db), number="CT-1", ends_on=date(2026, 12, 12))
    [row] = xlsx_rows(desk, "/desk/contracts.xlsx")
    assert (row["Contract"], row["Standing"], row["Last day"]) == ("CT-1", "Due soon", date(2026, 12, 12))
    [row] = csv_rows(desk, "/desk/contracts.csv?window=30")
    assert (row["First day"], row["Last day"]) == ("2025-12-13", "2026-12-12")


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@x", "＝1", "＋1", "－1", "＠x", "  =1+1", "\u3000=1"])
def test_what_people_typed_never_runs(desk: FlaskClient, evil: str) -> None:
    with transaction() as db:
        factories.company(db, evil)
    [row] = csv_rows(desk, "/desk/companies.csv")
    assert row["Name"] == f"'{evil}"
    response = desk.get("/desk/companies.xlsx")
    assert xlsx_rows(desk, "/desk/companies.xlsx")[0]["Name"] == evil
    assert b"<f>" not in response.get_data()


@pytest.mark.parametrize("evil", ["\t=1", "\r=1", "\n=1"])
def test_blanks_at_the_start_do_not_help(evil: str) -> None:
    assert csvout.safe(evil) == f"'{evil}"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("path", FILES)
def test_the_number_of_statements_does_not_grow(
    desk: FlaskClient, statements: Callable[[], list[str]], path: str, kind: str
) -> None:
    with transaction() as db:
        for _ in range(3):
            make.paid(db, make.placed(db))
    statements()
    desk.get(f"{path}.{kind}").get_data()
    few = len(statements())
    with transaction() as db:
        for _ in range(30):
            make.paid(db, make.placed(db))
    statements()
    answer = desk.get(f"{path}.{kind}")
    answer.get_data()
    assert len(statements()) == few <= 3
    assert f'-2026-11-22.{kind}"' in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("role", list(StaffRole))
def test_amounts_are_for_those_who_see_prices(app: Flask, client: FlaskClient, role: StaffRole) -> None:
    with transaction() as db:
        factories.book(db)
        make.placed(db)
        who = factories.staff(db, role)
    factories.sign_in(client, who)
    [row] = csv_rows(client, "/desk/orders.csv")
    assert ("Total" in row) == (role is not StaffRole.DATA)
    status = 403 if role in (StaffRole.DATA, StaffRole.ADMIN) else 200
    assert client.get("/finance/payments.xlsx").status_code == status


def test_the_heads_speak_the_readers_language(desk: FlaskClient) -> None:
    with transaction() as db:
        factories.company(db)
        who = factories.staff(db, StaffRole.CS, language="zh_Hans_CN")
    factories.sign_in(desk, who)
    assert desk.get("/desk/contracts.csv").text.startswith("\ufeff合同")


def test_more_rows_than_a_sheet_holds_are_refused_with_the_way_out(
    desk: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsxout, "MOST_ROWS", 3)
    with transaction() as db:
        for _ in range(3):
            factories.company(db)
    answer = desk.get("/desk/companies.xlsx?q=aurora", follow_redirects=True)
    assert answer.request.path == "/desk/companies"
    assert "at most 2 rows" in answer.text
    assert len(csv_rows(desk, "/desk/companies.csv?q=aurora")) == 3


def test_an_unknown_kind_of_file_is_no_page(desk: FlaskClient) -> None:
    assert desk.get("/desk/orders.pdf").status_code == 404
