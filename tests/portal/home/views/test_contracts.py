"""The list, one contract, and the decision not to renew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from portal.accounts.models import CompanyRole, Membership, MemberState
from portal.kit.db import transaction
from tests import factories
from tests.portal.home.conftest import GRACE, LAPSED, OPEN, RUNNING, TODAY, Home
from tests.portal.home.pages import read
from tests.web import post_form


def test_the_list_begins_with_the_answer_and_the_most_urgent(home: Home) -> None:
    due, grace = home.contract(), home.contract(**GRACE)
    for dates in (OPEN, RUNNING, LAPSED):
        home.contract(**dates)
    answer = home.browser.get("/contracts")
    page = read(answer)
    assert page.heading == "Two contracts need you"
    assert page.rows[:2] == [f"contract:{grace.number}", f"contract:{due.number}"]
    standings = [page.fact("contract-standing", row) for row in page.rows]
    assert standings == ["in_grace", "due", "lapsed", "upcoming", "upcoming"]
    assert page.fact("contract-ends-on", page.rows[1]) == "2026-12-12"
    assert answer.text.count("btn-primary") == 1
    primary = page.action("renew", page.rows[0])
    assert primary is not None
    assert "btn-primary" in primary["class"]
    assert "CN¥20,000.00" in answer.text


def test_several_that_are_due_are_paid_one_by_one_and_the_page_says_so(home: Home) -> None:
    told = "Each contract is renewed and paid by itself"
    home.contract()
    assert told not in home.browser.get("/contracts").text
    home.contract(**GRACE)
    assert told in home.browser.get("/contracts").text
    assert told not in home.member(CompanyRole.VIEWER).get("/contracts").text


def test_the_list_takes_six_statements(home: Home, statements: Callable[[], list[str]]) -> None:
    for dates in (GRACE, TODAY, OPEN, RUNNING, LAPSED):
        home.contract(**dates)
    home.place(home.contract())
    statements()
    assert home.browser.get("/contracts").status_code == 200
    assert len(statements()) <= 6


def test_an_open_order_is_resumed_and_not_ordered_twice(home: Home) -> None:
    contract = home.contract()
    order = home.place(contract)
    page = read(home.browser.get("/contracts"))
    row = f"contract:{contract.number}"
    assert page.heading == "One contract needs you"
    assert page.action("renew", row) is None
    resume = page.action("resume", row)
    assert resume is not None
    assert resume["href"] == f"/orders/{order.number}"
    assert "Awaiting payment" in home.browser.get("/contracts").text


def test_a_payment_on_its_way_needs_nobody(home: Home) -> None:
    contract = home.contract()
    order = home.place(contract)
    home.gateway.complete_unpaid(home.gateway.newest.id)
    home.browser.get(f"/orders/{order.number}/return")
    page = read(home.browser.get("/contracts"))
    assert page.heading == "Nothing needs you now"
    assert page.action("resume") is not None


def test_a_renewed_contract_shows_its_new_end(home: Home) -> None:
    contract = home.contract()
    home.pay(contract)
    page = read(home.browser.get("/contracts"))
    row = f"contract:{contract.number}"
    assert page.fact("contract-standing", row) == "renewed"
    assert page.fact("contract-ends-on", row) == "2028-12-12"
    assert page.action("renew", row) is None


def test_a_viewer_sees_no_price_and_no_renewing(home: Home) -> None:
    contract = home.contract()
    browser = home.member(CompanyRole.VIEWER)
    for path in ("/contracts", f"/contracts/{contract.number}"):
        answer = browser.get(path)
        assert answer.status_code == 200
        assert "CN¥" not in answer.text
        assert 'data-action="renew"' not in answer.text
        assert 'data-action="decline"' not in answer.text
    assert read(browser.get("/contracts")).heading == "One contract is due for renewal"
    assert browser.get(f"/contracts/{contract.number}/renew").status_code == 403


def test_a_payer_is_led_to_what_waits_for_payment(home: Home) -> None:
    contract = home.contract()
    home.place(contract)
    payer = home.member(CompanyRole.PAYER)
    page = read(payer.get("/contracts"))
    assert page.heading == "One contract needs you"
    assert page.action("resume") is not None


def test_several_companies_stand_side_by_side(home: Home) -> None:
    home.contract()
    with transaction() as db:
        other = factories.company(db, "Harbor Freight Systems")
        factories.contract(db, other)
        db.add(
            Membership(
                company_id=other.id, person_id=home.owner.id, role=CompanyRole.OWNER, state=MemberState.ACTIVE
            )
        )
    answer = home.browser.get("/contracts")
    assert len(read(answer).rows) == 2
    assert "Harbor Freight Systems" in answer.text
    assert "Aurora" in answer.text


def test_no_contract_yet_says_what_will_be_here(home: Home) -> None:
    answer = home.browser.get("/contracts")
    assert read(answer).heading == "No contracts yet"
    assert "/support" in answer.text


def test_nothing_of_another_company_is_there(home: Home) -> None:
    with transaction() as db:
        foreign = factories.contract(db, factories.company(db, "Other"))
    for path in ("", "/renew", "/decline"):
        assert home.browser.get(f"/contracts/{foreign.number}{path}").status_code == 404
    assert post_form(home.browser, f"/contracts/{foreign.number}/decline").status_code == 404
    assert post_form(home.browser, f"/contracts/{foreign.number}/decline/undo").status_code == 404
    assert home.browser.get("/contracts/CT-0000-00000").status_code == 404


def test_strangers_are_sent_to_sign_in_and_back(home: Home) -> None:
    contract = home.contract()
    answer = home.app.test_client().get(f"/contracts/{contract.number}")
    assert answer.status_code == 302
    assert "sign-in" in answer.location
    assert contract.number in answer.location


def test_one_contract_tells_term_products_price_and_history(
    home: Home, statements: Callable[[], list[str]]
) -> None:
    contract = home.contract(lines=(("insight", 20, 100_000), ("backup", 15, 90_000)))
    statements()
    answer = home.browser.get(f"/contracts/{contract.number}")
    assert len(statements()) <= 6
    page = read(answer)
    assert page.heading == "Insight Analytics, Business and Cloud Backup, Team"
    assert page.fact("contract-ends-on") == "2026-12-12"
    assert page.fact("contract-standing") == "due"
    assert "CN¥35,000.00" in answer.text
    assert "CN¥900.00 per seat and year" in answer.text
    assert "13 December 2025</time> to <time" in answer.text
    assert "taken over from earlier records" in answer.text
    assert page.action("renew") is not None
    assert page.action("decline") is not None


def test_a_renewed_contracts_history_leads_to_its_order(home: Home) -> None:
    contract = home.contract()
    order = home.pay(contract)
    answer = home.browser.get(f"/contracts/{contract.number}")
    assert f"/orders/{order.number}" in answer.text
    assert "already renewed until 12 December 2028" in answer.text
    assert read(answer).action("renew") is None


def test_a_contract_without_price_says_so(home: Home) -> None:
    contract = home.contract(currency="EUR")
    answer = home.browser.get(f"/contracts/{contract.number}")
    assert "We have no price for this yet" in answer.text
    assert read(answer).action("renew") is None
    assert home.browser.get("/contracts").status_code == 200


@pytest.mark.parametrize("dates", [GRACE, TODAY, OPEN, RUNNING, LAPSED])
def test_every_standing_has_its_page(home: Home, dates: dict[str, date]) -> None:
    contract = home.contract(**dates)
    assert home.browser.get(f"/contracts/{contract.number}").status_code == 200


def test_declining_asks_first_and_can_be_undone(home: Home) -> None:
    contract = home.contract()
    url = f"/contracts/{contract.number}/decline"
    question = home.browser.get(url)
    assert "end on 12 December 2026?" in read(question).heading
    assert home.fresh(contract).declined_at is None  # opening the question changes nothing
    assert post_form(home.browser, url, reason="too dear").location == f"/contracts/{contract.number}"
    declined = home.fresh(contract)
    assert declined.declined_at is not None
    assert declined.decline_reason == "too dear"
    page = read(home.browser.get(f"/contracts/{contract.number}"))
    assert page.fact("contract-standing") == "declined"
    assert page.action("undo-decline") is not None
    assert home.browser.get(url).status_code == 302  # there is nothing left to decline
    assert post_form(home.browser, f"{url}/undo").status_code == 303
    assert home.fresh(contract).declined_at is None


def test_declining_twice_or_undoing_nothing_changes_nothing(home: Home) -> None:
    contract = home.contract()
    url = f"/contracts/{contract.number}/decline"
    post_form(home.browser, url)
    post_form(home.browser, url)
    assert "can no longer be declined" in home.browser.get("/contracts").text
    post_form(home.browser, f"{url}/undo")
    post_form(home.browser, f"{url}/undo")
    assert "can no longer be taken back" in home.browser.get("/contracts").text


def test_a_reason_that_is_too_long_is_kept_and_refused(home: Home) -> None:
    contract = home.contract()
    answer = post_form(home.browser, f"/contracts/{contract.number}/decline", reason="x" * 1001)
    assert answer.status_code == 422
    assert "Error: " in read(answer).title
    assert "x" * 1001 in answer.text
    assert home.fresh(contract).declined_at is None


def test_only_those_who_may_decline(home: Home) -> None:
    contract = home.contract()
    billing = home.member(CompanyRole.BILLING)
    assert 'data-action="decline"' not in billing.get(f"/contracts/{contract.number}").text
    assert billing.get(f"/contracts/{contract.number}/decline").status_code == 403


def test_the_pages_speak_chinese(home: Home) -> None:
    contract = home.contract()
    browser = home.member(CompanyRole.OWNER, language="zh_Hans_CN")
    for path in ("/contracts", f"/contracts/{contract.number}", f"/contracts/{contract.number}/renew"):
        answer = browser.get(path)
        assert read(answer).lang == "zh-Hans"
        assert "洞察分析 商业版" in answer.text
        assert "¥20,000.00" in answer.text
    assert "2026年12月12日" in browser.get("/contracts").text


def test_a_contract_due_tomorrow_counts_days_in_its_own_zone(home: Home) -> None:
    """At 06:30 UTC it is still the 21st in Los Angeles."""
    here = home.contract(starts_on=date(2025, 11, 23), ends_on=date(2026, 11, 22), zone="America/Los_Angeles")
    page = read(home.browser.get("/contracts"))
    assert page.fact("contract-standing", f"contract:{here.number}") == "due"


def test_declining_in_grace_stops_at_once_and_says_so(home: Home) -> None:
    contract = home.contract(**GRACE)
    url = f"/contracts/{contract.number}"
    question = home.browser.get(f"{url}/decline")
    assert read(question).heading == "Stop Insight Analytics, Business now?"
    assert "You cannot undo this." in question.text
    post_form(home.browser, f"{url}/decline")
    answer = home.browser.get(url)
    assert "The service has ended." in answer.text
    assert "Grace ends" not in answer.text
    assert "service runs until" not in answer.text
    assert read(answer).action("undo-decline") is None
    assert read(answer).action("renew") is not None


def test_what_has_ended_stands_under_its_own_heading(home: Home) -> None:
    home.contract(**LAPSED)
    home.contract(**RUNNING)
    text = home.browser.get("/contracts").text
    assert '<h2 id="over">Ended</h2>' in text
    assert text.index('id="over"') < text.index("Lapsed") < text.index('id="later"')
    assert "Nothing to do yet" not in text


def test_the_last_day_tells_of_grace(home: Home) -> None:
    home.contract(**TODAY)
    assert "30 days of grace, until 22 December" in home.browser.get("/contracts").text
