"""The page that the question's mail opens: no sign-in, no answer by looking, every answer kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from structlog.testing import capture_logs

from portal.accounts.models import Membership, MemberState, Person
from portal.kit.db import reading, transaction
from portal.orders.models import Order, OrderState
from portal.surveys import queries
from tests import factories
from tests.portal.pricing.scene import Scene, ordered, staged
from tests.portal.surveys.scene import DUE, answer, answers, asks, mailed
from tests.web import Browser, post_form

READ = DUE + timedelta(minutes=3)


@pytest.fixture
def scene(app: Flask) -> Scene:
    return staged()


@pytest.fixture
def order(scene: Scene) -> Order:
    return ordered(scene)


@pytest.fixture
def page(order: Order) -> Iterator[str]:
    """The address of the question's page, three minutes after the mail went out."""
    token = mailed()
    with time_machine.travel(READ, tick=False):
        yield f"/survey/{token}"


def at(when: datetime) -> time_machine.travel:
    return time_machine.travel(when, tick=False)


def test_looking_keeps_no_answer(client: FlaskClient, page: str) -> None:
    for look in (client.get, client.head):
        assert look(f"{page}?score=3").status_code == 200
        assert look(page).status_code == 200
    assert answers() == []
    assert 'value="3" checked' in " ".join(client.get(f"{page}?score=3").text.split())
    for odd in ("11", "-1", "ten", "", "3.5", "9" * 30):
        shown = client.get(f"{page}?score={odd}")
        assert shown.status_code == 200
        assert "checked" not in shown.text
    assert asks()[0].opened == 1 << 3


def test_the_button_saves_without_a_session(client: FlaskClient, page: str, scene: Scene) -> None:
    answer = client.post(page, data={"kind": "nps", "score": "9", "code": "ease", "reason": "Quick"})
    assert (answer.status_code, answer.location) == (303, page)
    (kept,) = answers()
    assert (kept.score, kept.code, kept.reason, kept.person_id) == (9, "ease", "Quick", scene.owner.id)
    assert (kept.channel, kept.quick, kept.several) == ("mail", False, False)
    shown = client.get(page)
    assert "Saved. Thank you." in shown.text
    assert "You answered 9" in shown.text


def test_a_second_answer_changes_the_first(client: FlaskClient, page: str) -> None:
    client.post(page, data={"kind": "nps", "score": "2", "reason": "Slow"})
    shown = client.get(f"{page}?score=10")
    assert "You answered 2" in shown.text
    assert "Slow" in shown.text
    assert 'value="10" checked' in " ".join(shown.text.split())
    client.post(page, data={"kind": "nps", "score": "10"})
    (kept,) = answers()
    assert (kept.score, kept.reason) == (10, None)


@pytest.mark.parametrize(("seconds", "quick"), [(9, True), (10, False)])
def test_an_answer_sooner_than_anybody_reads_is_kept_and_marked(
    client: FlaskClient, order: Order, seconds: int, quick: bool
) -> None:
    page = f"/survey/{mailed()}"
    with at(DUE + timedelta(seconds=seconds)):
        client.post(page, data={"kind": "nps", "score": "0"})
    (kept,) = answers()
    assert (kept.score, kept.quick, kept.several) == (0, quick, False)


def test_a_scanner_that_opens_every_link_is_noticed(client: FlaskClient, page: str) -> None:
    for score in range(11):
        client.get(f"{page}?score={score}")
    client.post(page, data={"kind": "nps", "score": "10"})
    (kept,) = answers()
    assert (kept.several, kept.quick) == (True, False)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "nps", "score": "11"},
        {"kind": "nps", "score": "-1"},
        {"kind": "nps", "score": "ten"},
        {"kind": "nps", "score": ""},
        {"kind": "nps"},
        {"kind": "csat", "score": "4"},
        {"kind": "ces", "score": "4"},
        {"kind": "nps", "score": "4", "reason": "x" * 3000},
    ],
)
def test_what_no_button_sends_is_an_error(client: FlaskClient, page: str, fields: dict[str, str]) -> None:
    answer = client.post(page, data=fields)
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert fields.get("reason", "") in answer.text
    assert answers() == []


def test_the_page_speaks_the_mails_language_until_another_is_chosen(
    client: FlaskClient, page: str, scene: Scene
) -> None:
    with transaction() as db:
        db.execute(update(Person).where(Person.id == scene.owner.id).values(language="zh_Hans_CN"))
    shown = client.get(page, headers={"Accept-Language": "en"})
    assert "您有多大可能" in shown.text
    wrong = client.post(page, data={"kind": "nps", "score": "11"}, headers={"Accept-Language": "en"})
    assert "请选择 0 到 10 之间的数字" in wrong.text
    with client.session_transaction() as cookie:
        cookie["language"] = "en"
    assert "How likely are you" in client.get(page).text


@pytest.mark.parametrize(("days", "code"), [(30, 410), (29, 200)])
def test_after_thirty_days_the_link_is_closed_and_nothing_typed_is_lost(
    client: FlaskClient, order: Order, days: int, code: int
) -> None:
    page = f"/survey/{mailed()}"
    with at(DUE + timedelta(days=days)):
        shown = client.get(f"{page}?score=3")
        sent = client.post(page, data={"kind": "nps", "score": "3", "reason": "My long thoughts"})
    assert shown.status_code == code
    if code == 410:
        assert "This link was open for 30 days and has closed." in shown.text
        assert sent.status_code == 410
        assert "My long thoughts" in sent.text
        assert f"/orders/{order.number}/survey" in sent.text
        assert answers() == []
    else:
        assert len(answers()) == 1


def test_somebody_who_left_is_told_so_and_learns_nothing(client: FlaskClient, page: str, order: Order) -> None:
    with transaction() as db:
        db.execute(update(Membership).values(state=MemberState.LEFT))
    for shown in (client.get(page), client.post(page, data={"kind": "nps", "score": "1"})):
        assert shown.status_code == 410
        assert "no longer acts for the company" in shown.text
        assert order.number not in shown.text
    assert answers() == []


def test_a_disputed_order_is_not_asked_about(client: FlaskClient, page: str, order: Order) -> None:
    with transaction() as db:
        db.execute(update(Order).values(state=OrderState.DISPUTED))
    for shown in (client.get(page), client.post(page, data={"kind": "nps", "score": "1", "reason": "Hm"})):
        assert shown.status_code == 409
    assert "Hm" in shown.text
    assert answers() == []


@pytest.mark.parametrize("path", ["/survey/nobody", "/survey/nobody/stop", "/survey/" + "x" * 5000])
def test_an_unknown_link_does_not_exist(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.post(path, data={"score": "1"}).status_code == 404


def test_two_clicks_at_once_are_one_answer(app: Flask, page: str) -> None:
    codes: list[int] = []

    def click(score: int) -> None:
        codes.append(Browser(app).post(page, data={"kind": "nps", "score": str(score)}).status_code)

    threads = [threading.Thread(target=click, args=(score,)) for score in (0, 5, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [303, 303, 303]
    assert len(answers()) == 1


def test_one_click_ends_the_questions(client: FlaskClient, page: str, scene: Scene) -> None:
    """As a mail program does it (RFC 8058): a POST without cookies, no redirect to follow."""
    assert client.get(f"{page}/stop").status_code == 200
    with reading() as db:
        assert not queries.has_opted_out(db, scene.owner.id)
    for _twice in range(2):
        answer = client.post(f"{page}/stop", data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "You get no more questions by e-mail" in answer.text
    with reading() as db:
        assert queries.has_opted_out(db, scene.owner.id)
    client.post(f"{page}/stop", data={"again": "1"})
    with reading() as db:
        assert not queries.has_opted_out(db, scene.owner.id)


def test_the_choice_stands_in_the_account_too(client: FlaskClient, scene: Scene) -> None:
    factories.sign_in(client, scene.owner)
    assert "/account/questions" in client.get("/account").text
    for again, said in (("0", "You get no more questions"), ("1", "No more questions by e-mail?")):
        answer = post_form(client, "/account/questions", again=again)
        assert answer.status_code == 303
        assert said in client.get(answer.location).text
        with reading() as db:
            assert queries.has_opted_out(db, scene.owner.id) is (again == "0")


def test_the_way_to_stop_outlives_the_question(client: FlaskClient, order: Order) -> None:
    page = f"/survey/{mailed()}"
    with at(DUE + timedelta(days=400)):
        assert client.post(f"{page}/stop").status_code == 200


def test_no_token_in_the_logs(app: Flask, client: FlaskClient, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("the database is away")

    monkeypatch.setattr(queries, "by_token", broken)
    with capture_logs() as told:
        assert client.get(page).status_code == 500
    assert [line["path"] for line in told] == ["/survey/<token>"]


def test_a_signed_in_answer_takes_the_marks_off(
    client: FlaskClient, page: str, scene: Scene, order: Order
) -> None:
    client.get(f"{page}?score=1")
    client.get(f"{page}?score=2")
    client.post(page, data={"kind": "nps", "score": "2"})
    assert answers()[0].several
    answer(order, scene.owner.id, 9, READ)
    (kept,) = answers()
    assert (kept.score, kept.channel, kept.several) == (9, "page", False)
