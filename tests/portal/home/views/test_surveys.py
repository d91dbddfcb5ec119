"""The survey stands in nobody's way, is saved at once and can be changed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.accounts.models import CompanyRole
from portal.contracts.models import Contract
from portal.kit.db import reading, transaction
from portal.surveys.models import SurveyAnswer
from tests import factories
from tests.portal.home.conftest import Home
from tests.portal.home.pages import read
from tests.web import post_form


@pytest.fixture
def contract(home: Home) -> Contract:
    return home.contract()


def answers() -> list[SurveyAnswer]:
    with reading() as db:
        return list(db.scalars(select(SurveyAnswer)))


def test_one_click_saves_and_a_second_changes(home: Home, contract: Contract) -> None:
    number = home.pay(contract).number
    url = f"/orders/{number}/survey"
    answer = post_form(home.browser, url, kind="csat", score="4")
    assert answer.location == f"/orders/{number}#survey"
    page = home.browser.get(f"/orders/{number}")
    assert "Saved. Thank you." in page.text
    assert "Change answer" in page.text
    assert 'value="4" checked' in " ".join(page.text.split())
    post_form(home.browser, url, kind="csat", score="2", reason=" slow ")
    (kept,) = answers()
    assert (kept.score, kept.reason, kept.person_id) == (2, "slow", home.owner.id)
    assert "slow" in home.browser.get(url).text


def test_opening_a_link_with_a_score_stores_nothing(home: Home, contract: Contract) -> None:
    number = home.pay(contract).number
    assert home.browser.get(f"/orders/{number}/survey?score=1").status_code == 200
    assert answers() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "csat"},
        {"kind": "csat", "score": "6"},
        {"kind": "csat", "score": "x"},
        {"kind": "nps", "score": "11"},
        {"kind": "nps", "score": "-1"},
        {"kind": "nps", "score": "ten"},
        {"kind": "ces", "score": "3"},
        {"score": "3"},
        {"kind": "csat", "score": "3", "reason": "x" * 2001},
    ],
)
def test_what_no_button_sends_is_an_error_and_the_renewal_stays(
    home: Home, contract: Contract, fields: dict[str, str]
) -> None:
    number = home.pay(contract).number
    answer = post_form(home.browser, f"/orders/{number}/survey", **fields)
    assert answer.status_code == 422
    page = read(answer)
    assert page.title.startswith("Error: ")
    assert "Your renewal is not affected." in answer.text
    assert page.fact("order-state") == "paid"
    assert answers() == []


def test_nothing_is_asked_before_the_money_is_there(home: Home, contract: Contract) -> None:
    number = home.place(contract).number
    answer = post_form(home.browser, f"/orders/{number}/survey", kind="csat", score="1", reason="So far, fine")
    assert answer.status_code == 409
    assert "We ask about a renewal once it is paid." in answer.text
    assert "So far, fine" in answer.text
    assert answers() == []
    page = home.browser.get(f"/orders/{number}/survey")
    assert "We ask about a renewal once it is paid." in page.text


def test_each_person_has_an_answer_of_their_own(home: Home, contract: Contract) -> None:
    number = home.pay(contract).number
    post_form(home.browser, f"/orders/{number}/survey", kind="csat", score="5")
    viewer = home.member(CompanyRole.VIEWER)
    assert "Save answer" in viewer.get(f"/orders/{number}").text
    post_form(viewer, f"/orders/{number}/survey", kind="csat", score="1")
    assert sorted(answer.score for answer in answers()) == [1, 5]


def test_each_question_is_saved_by_itself_and_changed(home: Home, contract: Contract) -> None:
    number = home.pay(contract).number
    url = f"/orders/{number}/survey"
    for page in (home.browser.get(f"/orders/{number}"), home.browser.get(url)):
        assert 'name="kind" value="csat"' in page.text
        assert 'name="kind" value="nps"' in page.text
    post_form(home.browser, url, kind="nps", score="0")
    post_form(home.browser, url, kind="nps", score="10", code="support", reason="Fast")
    post_form(home.browser, url, kind="csat", score="3")
    kept = {answer.kind: (answer.score, answer.code, answer.reason) for answer in answers()}
    assert kept == {"nps": (10, "support", "Fast"), "csat": (3, None, None)}
    order = read(home.browser.get(f"/orders/{number}"))
    assert (order.fact("nps-score"), order.fact("csat-score")) == ("10", "3")


def test_what_was_typed_stays_beside_the_error(home: Home, contract: Contract) -> None:
    number = home.pay(contract).number
    answer = post_form(home.browser, f"/orders/{number}/survey", kind="nps", score="7", reason="好" * 3000)
    assert answer.status_code == 422
    assert "up to 2,000 characters" in answer.text
    assert "好" * 3000 in answer.text
    assert 'value="7" checked' in " ".join(answer.text.split())


def test_errors_in_chinese(home: Home, contract: Contract) -> None:
    number = home.pay(contract).number
    post_form(home.browser, "/language", to="zh_Hans_CN", next="/")
    answer = post_form(home.browser, f"/orders/{number}/survey", kind="nps", score="11")
    assert "请选择 0 到 10 之间的数字" in answer.text


def test_a_foreign_order_does_not_exist(home: Home, contract: Contract) -> None:
    number = home.pay(contract).number
    with transaction() as db:
        other = factories.company(db, name="Other")
    stranger = home.member(CompanyRole.OWNER, of=other)
    assert post_form(stranger, f"/orders/{number}/survey", kind="nps", score="1").status_code == 404
    assert answers() == []
