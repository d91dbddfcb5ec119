"""The payments as a file for a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from payments.money import Money
from portal.audit import actions as audit
from portal.documents import actions as documents
from portal.kit import search
from portal.kit.db import transaction
from tests import factories
from tests.conftest import NOW
from tests.portal.finance import make

SELLER = {"name": "Tidewell", "address": "1 Harbour Road", "tax_id": "", "zone": "Asia/Shanghai"}


def test_the_export_holds_what_the_filters_chose(desk: FlaskClient) -> None:
    with transaction() as db:
        evil = factories.company(db, '=HYPERLINK("https://evil.example")')
        order = make.placed(db, evil, currency="JPY", seats=1)
        charge = make.paid(db, order, fee=680)
        lost = make.suspended(db, "order:RNW-2099-000001", Money(12_345, "CNY"), NOW - timedelta(hours=1))
        make.paid(db, make.placed(db, currency="USD"), NOW - timedelta(days=3))
    response = desk.get("/finance/payments.csv?from=2026-11-22")
    assert response.content_type == "text/csv; charset=utf-8"
    assert 'filename="payments-2026-11-22.csv"' in response.headers["Content-Disposition"]
    raw = response.get_data()
    assert raw.startswith(b"\xef\xbb\xbf")
    head, first, second = csv.reader(io.StringIO(raw.decode("utf-8-sig")))
    row = dict(zip(head, first, strict=True))
    assert row["Company"] == '\'=HYPERLINK("https://evil.example")'
    assert (row["Order"], row["Charge"], row["State"]) == (order.number, charge, "Booked")
    assert (row["Currency"], row["Gross"], row["Fee"], row["Net"]) == ("JPY", "20000", "680", "19320")
    assert row["Date and time (Asia/Shanghai)"] == "2026-11-22 14:30:00"
    row = dict(zip(head, second, strict=True))
    assert (row["Charge"], row["Gross"], row["Fee"], row["State"]) == (lost, "123.45", "", "In suspense")
    assert row["Reason"] == "No order belongs to this money."


@pytest.mark.slow
def test_a_long_export_is_whole(desk: FlaskClient) -> None:
    with transaction() as db:
        charges = [make.suspended(db, "order:RNW-2099-000001", Money(1, "CNY")) for _ in range(search.BATCH + 3)]
    lines = desk.get("/finance/payments.csv").get_data(as_text=True).splitlines()
    assert len(lines) == len(charges) + 1
    assert len(set(lines)) == len(lines)


def test_the_export_names_the_receipt_and_what_a_stranger_claims(desk: FlaskClient) -> None:
    with transaction() as db:
        order = make.placed(db)
        make.paid(db, order)
        receipt = documents.issue(db, order, SELLER, NOW)
        make.suspended(db, "session:cs_lost", Money(500, "CNY"), NOW - timedelta(hours=1), charge="pi_lost")
        audit.note(db, "system", "payment.unknown", "session:cs_lost", NOW, reference="RNW-2026-777777")
    head, first, second = csv.reader(io.StringIO(desk.get("/finance/payments.csv").get_data().decode("utf-8-sig")))
    row = dict(zip(head, first, strict=True))
    assert (row["Receipt number"], row["Sale before tax"], row["Sale’s tax"]) == (
        receipt.number, "18867.92", "1132.08",
    )  # fmt: skip
    row = dict(zip(head, second, strict=True))
    assert (row["Checkout session"], row["Payment intent"]) == ("cs_lost", "pi_lost")
    assert (row["Names the order"], row["Receipt number"]) == ("RNW-2026-777777", "")
    page = desk.get("/finance/payments").get_data(as_text=True)
    for shown in (receipt.number, "1,132.08", "cs_lost", "pi_lost", "RNW-2026-777777"):
        assert shown in page, shown
