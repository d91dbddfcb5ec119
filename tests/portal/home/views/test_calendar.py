"""The calendar file of a contract's end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask.testing import FlaskClient
from icalendar import Calendar

from portal.accounts.models import CompanyRole
from portal.contracts.models import Contract
from portal.kit.db import transaction
from tests import factories
from tests.conftest import NOW


def signed_in(client: FlaskClient, role: CompanyRole = CompanyRole.VIEWER, **person: str) -> Contract:
    with transaction() as db:
        company = factories.company(db)
        contract = factories.contract(db, company, number="CT-2023-00417")
        who = factories.member(db, company, role, **person)
    factories.sign_in(client, who)
    return contract


def event(client: FlaskClient) -> Any:
    answer = client.get("/contracts/CT-2023-00417/end.ics")
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert "filename=CT-2023-00417.ics" in answer.headers["Content-Disposition"]
    assert b"\r\n" in answer.data
    assert max(len(line) for line in answer.data.split(b"\r\n")) <= 75
    calendar: Any = Calendar.from_ical(answer.data)
    assert calendar["METHOD"] == "PUBLISH"
    [found] = calendar.walk("VEVENT")
    return found


def test_the_last_day_is_a_whole_day_that_blocks_nothing(client: FlaskClient) -> None:
    signed_in(client)
    found = event(client)
    assert (found["DTSTART"].dt, found["DTEND"].dt) == (date(2026, 12, 12), date(2026, 12, 13))
    assert found["TRANSP"] == "TRANSPARENT"
    assert found["UID"] == "CT-2023-00417.end@localhost"
    assert found["URL"] == "http://localhost/contracts/CT-2023-00417"
    assert found["SUMMARY"] == "Insight Analytics, Business: last day of contract CT-2023-00417"
    [alarm] = found.walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(days=-30)
    again = client.get("/contracts/CT-2023-00417/end.ics").data
    assert again == client.get("/contracts/CT-2023-00417/end.ics").data


def test_a_renewal_moves_the_same_event(client: FlaskClient) -> None:
    contract = signed_in(client)
    before = event(client)
    with transaction() as db:
        kept = db.get_one(Contract, contract.id)
        factories.term(db, kept, date(2026, 12, 13), date(2028, 12, 12), 24, (("insight", 20, 100_000),))
        kept.ends_on = date(2028, 12, 12)
    after = event(client)
    assert after["UID"] == before["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert after["DTSTART"].dt == date(2028, 12, 12)
    assert after["DTSTAMP"].dt == NOW


def test_chinese_words_come_back_whole(client: FlaskClient) -> None:
    signed_in(client, language="zh_Hans_CN")
    found = event(client)
    assert found["SUMMARY"] == "洞察分析 商业版：合同 CT-2023-00417 到期"
    assert "2026年12月12日" in found["DESCRIPTION"]
    assert found["SUMMARY"].params["LANGUAGE"] == "zh-Hans"


def test_strangers_find_nothing(client: FlaskClient) -> None:
    signed_in(client)
    with transaction() as db:
        other = factories.member(db, factories.company(db, "Harbor"), CompanyRole.OWNER)
    factories.sign_in(client, other)
    assert client.get("/contracts/CT-2023-00417/end.ics").status_code == 404
