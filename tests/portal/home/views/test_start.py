"""Where people begin, the language switch, and the pages for everybody."""

from __future__ import annotations

import pytest

from portal.accounts.models import Person, StaffRole
from portal.home.rules import TERMS_VERSION
from portal.kit.db import reading, transaction
from tests import factories
from tests.portal.home.conftest import Home
from tests.portal.home.pages import read
from tests.web import post_form


def test_everybody_begins_where_their_work_is(home: Home) -> None:
    assert home.browser.get("/").location == "/contracts"
    assert "sign-in" in home.app.test_client().get("/").location
    with transaction() as db:
        cs, finance = factories.staff(db, StaffRole.CS), factories.staff(db, StaffRole.FINANCE)
    assert home.browse(cs).get("/").location == "/desk/orders"
    assert home.browse(finance).get("/").location == "/finance/payments"


@pytest.mark.parametrize("path", ["/support", "/terms", "/privacy"])
def test_pages_for_everybody(home: Home, path: str) -> None:
    stranger = home.app.test_client()
    for language, lang in (("en", "en"), ("zh-CN", "zh-Hans")):
        answer = stranger.get(path, headers={"Accept-Language": language})
        assert read(answer).lang == lang
    assert home.browser.get(path).status_code == 200


def test_the_terms_carry_the_version_that_orders_keep(home: Home) -> None:
    assert TERMS_VERSION in home.app.test_client().get("/terms").text


def test_support_names_the_address(home: Home) -> None:
    assert "mailto:support@portal.example" in home.app.test_client().get("/support").text


def test_the_language_is_kept_for_the_person_and_leads_back(home: Home) -> None:
    answer = post_form(home.browser, "/language", to="zh_Hans_CN", next="/documents?year=2026")
    assert answer.location == "/documents?year=2026"
    assert read(home.browser.get("/documents")).lang == "zh-Hans"
    with reading() as db:
        assert db.get_one(Person, home.owner.id).language == "zh_Hans_CN"


def test_a_stranger_keeps_the_language_on_the_device(home: Home) -> None:
    stranger = home.app.test_client()
    post_form(stranger, "/language", to="zh_Hans_CN", next="/terms")
    assert read(stranger.get("/terms")).lang == "zh-Hans"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "", "javascript:x"]
)
def test_the_language_switch_leads_nowhere_else(home: Home, target: str) -> None:
    assert post_form(home.browser, "/language", to="en", next=target).location == "/"


def test_an_unknown_language_changes_nothing(home: Home) -> None:
    assert post_form(home.browser, "/language", to="xx", next="/documents").status_code == 303
    assert read(home.browser.get("/documents")).lang == "en"


def test_a_form_without_its_token_is_refused(home: Home) -> None:
    assert home.browser.post("/language", data={"to": "en"}).status_code == 400


def test_support_names_the_contracts_contact_and_the_order(home: Home) -> None:
    with transaction() as db:
        owner = factories.staff(db, StaffRole.CS)
    contract = home.contract(owner_id=owner.id)
    answer = home.browser.get("/support?about=RNW-2026-000124")
    assert f"mailto:{owner.email}?subject=RNW-2026-000124" in answer.text
    assert contract.number in answer.text
    assert "You ask about order" in answer.text
    assert owner.email not in home.app.test_client().get("/support").text


@pytest.mark.parametrize("about", ["<b>x</b>", "RNW-2026-1", "RNW-2026-000124%0AX", ""])
def test_support_repeats_no_made_up_number(home: Home, about: str) -> None:
    answer = home.browser.get(f"/support?about={about}")
    assert answer.status_code == 200
    assert "You ask about order" not in answer.text
