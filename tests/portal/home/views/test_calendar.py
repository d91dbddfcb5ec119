"""The calendar file, read back as a calendar reads it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from icalendar import Calendar
from sqlalchemy import update
from werkzeug.test import TestResponse

from portal.accounts.models import Company, CompanyRole
from portal.contracts.models import Product
from portal.kit.db import transaction
from tests import factories
from tests.portal.home.conftest import Home


def event_of(answer: TestResponse) -> Any:
    assert answer.status_code == 200
    calendar = Calendar.from_ical(answer.data)
    assert calendar["method"] == "PUBLISH"
    (event,) = calendar.walk("VEVENT")
    return event


def test_the_last_day_is_one_whole_free_day_with_a_reminder(home: Home) -> None:
    contract = home.contract()
    answer = home.browser.get(f"/contracts/{contract.number}/end.ics")
    event = event_of(answer)
    assert answer.content_type == "text/calendar; charset=utf-8; method=PUBLISH"
    assert answer.headers["Content-Disposition"] == f"attachment; filename={contract.number}.ics"
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 12, 12), date(2026, 12, 13))
    assert event["transp"] == "TRANSPARENT"
    assert contract.number in event["summary"]
    assert event["url"].endswith(f"/contracts/{contract.number}")
    assert event["url"] in event["description"]
    (alarm,) = event.walk("VALARM")
    assert alarm["trigger"].dt == timedelta(days=-14, hours=9)
    assert home.browser.get(f"/contracts/{contract.number}/end.ics").data == answer.data


def test_a_renewal_moves_the_same_event(home: Home) -> None:
    contract = home.contract()
    before = event_of(home.browser.get(f"/contracts/{contract.number}/end.ics"))
    home.pay(contract)
    after = event_of(home.browser.get(f"/contracts/{contract.number}/end.ics"))
    assert after["dtstart"].dt == date(2028, 12, 12)
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]


def test_chinese_is_folded_between_signs(home: Home) -> None:
    contract = home.contract()
    name = "极光洞察分析平台" * 12
    with transaction() as db:
        db.execute(update(Product).values(names={"en": name, "zh_Hans_CN": name}))
        db.execute(update(Company).values(name="上海, 极光; \\科技"))
    viewer = home.member(CompanyRole.VIEWER, language="zh_Hans_CN")
    answer = viewer.get(f"/contracts/{contract.number}/end.ics")
    event = event_of(answer)
    assert name in event["summary"]
    assert "到期" in event["summary"]
    assert "上海, 极光; \\科技" in event["description"]
    assert answer.data.endswith(b"\r\n")
    assert b"\n" not in answer.data.replace(b"\r\n", b"")
    for line in answer.data.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # no sign is cut in two


def test_what_was_declined_is_not_offered_for_renewal(home: Home) -> None:
    contract = home.contract()
    assert "renew it here" in event_of(home.browser.get(f"/contracts/{contract.number}/end.ics"))["description"]
    with transaction() as db:
        row = db.get_one(type(contract), contract.id)
        row.declined_at = row.created_at
    text = event_of(home.browser.get(f"/contracts/{contract.number}/end.ics"))["description"]
    assert "decided not to renew" in text


def test_foreign_ends_are_not_told(home: Home) -> None:
    with transaction() as db:
        other = factories.contract(db, factories.company(db, "Other"))
    assert home.browser.get(f"/contracts/{other.number}/end.ics").status_code == 404
    assert home.browser.get("/contracts/NO-1/end.ics").status_code == 404


def test_pages_offer_it(home: Home) -> None:
    contract = home.contract()
    address = f"/contracts/{contract.number}/end.ics"
    assert address in home.browser.get(f"/contracts/{contract.number}").text
    order = home.place(contract)
    assert address not in home.browser.get(f"/orders/{order.number}").text
    home.gateway.pay(home.gateway.newest.id)
    assert address in home.browser.get(f"/orders/{order.number}/return", follow_redirects=True).text
