"""Answers: kept on the first click, changed by the second, only about paid renewals."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from portal.kit import outbox
from portal.kit.db import reading, transaction
from portal.kit.errors import Refusal
from portal.kit.events import Switchboard, Told
from portal.orders import queries as orders
from portal.orders.models import Order, OrderState
from portal.surveys import actions, queries, rules, words
from portal.surveys.errors import NotYet, ReasonTooLong, ScoreOutOfRange
from portal.surveys.events import SurveyAnswered
from portal.surveys.forms import CsatForm
from portal.surveys.models import SurveyAnswer
from tests.conftest import NOW
from tests.portal.pricing.scene import Scene, ordered, staged


@pytest.fixture
def scene(app: Flask) -> Scene:
    return staged()


@pytest.fixture
def order(scene: Scene) -> Order:
    return ordered(scene)


def answer(order: Order, who: Scene, score: int = 4, reason: str | None = None, minutes: int = 0) -> SurveyAnswer:
    with transaction() as db:
        found = orders.lock(db, order.number)
        return actions.answer(db, found, who.owner.id, score, reason, NOW + timedelta(minutes=minutes))


def test_the_first_click_counts(scene: Scene, order: Order) -> None:
    kept = answer(order, scene, 2, "  Slow.\r\nVery slow.  ")
    assert (kept.score, kept.reason, kept.kind, kept.answered_at) == (2, "Slow.\nVery slow.", "csat", NOW)


def test_the_second_changes_it(scene: Scene, order: Order) -> None:
    first = answer(order, scene, 2, "Slow")
    again = answer(order, scene, 5, "   ", minutes=5)
    assert (again.id, again.score, again.reason) == (first.id, 5, None)
    assert (again.answered_at, again.changed_at) == (NOW, NOW + timedelta(minutes=5))
    with reading() as db:
        assert [found.id for found in queries.answers_for(db, order.id)] == [first.id]
        mine = queries.answer_of(db, order.id, scene.owner.id)
        assert mine is not None
        assert mine.score == 5
        assert queries.answer_of(db, order.id, scene.cs.id) is None


def test_each_person_has_an_answer_of_their_own(scene: Scene, order: Order) -> None:
    answer(order, scene, 2)
    with transaction() as db:
        actions.answer(db, orders.lock(db, order.number), scene.cs.id, 5, None, NOW)
    with reading() as db:
        assert [found.score for found in queries.answers_for(db, order.id)] == [2, 5]


def test_two_clicks_at_once_are_one_answer(app: Flask, scene: Scene, order: Order) -> None:
    def click(score: int) -> None:
        with app.app_context():
            answer(order, scene, score)

    threads = [threading.Thread(target=click, args=(score,)) for score in (1, 2, 3, 4, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading() as db:
        assert len(queries.answers_for(db, order.id)) == 1


def test_an_unpaid_order_is_not_asked_about(scene: Scene) -> None:
    with pytest.raises(NotYet):
        answer(ordered(scene, paid=False), scene)


@pytest.mark.parametrize("state", list(OrderState))
def test_only_money_that_stays_is_asked_about(state: OrderState) -> None:
    assert rules.may_answer(state) == (state in {"paid", "partly_refunded"})


@pytest.mark.parametrize("score", [0, 6, -1, 10])
def test_scores_out_of_range(scene: Scene, order: Order, score: int) -> None:
    with pytest.raises(ScoreOutOfRange):
        answer(order, scene, score)


def test_a_reason_has_a_limit(scene: Scene, order: Order) -> None:
    assert answer(order, scene, 3, "好" * 2000).reason == "好" * 2000
    with pytest.raises(ReasonTooLong):
        answer(order, scene, 3, "好" * 2001)


def test_answering_is_told_each_time(scene: Scene, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Told] = []
    board = Switchboard()
    board.react(SurveyAnswered, "tests.heard", heard.append)
    monkeypatch.setattr(outbox, "switchboard", board)
    answer(order, scene, 2)
    answer(order, scene, 5, minutes=1)
    outbox.run_due()
    with reading() as db:
        rows = db.query(outbox.OutboxRow).filter_by(job="tests.heard").order_by(outbox.OutboxRow.id).all()
    assert [row.subject for row in rows] == [order.subject] * 2
    assert [row.facts for row in rows] == [
        {"kind": "csat", "person_id": scene.owner.id, "score": score} for score in (2, 5)
    ]
    assert [told.facts["score"] for told in heard] == [2]  # the second is due a minute from now


@pytest.mark.parametrize(
    ("scores", "share"),
    [
        ([], None),
        ([5], 10_000),
        ([1], 0),
        ([4, 3], 5_000),
        ([4] * 37 + [3] * 7, 8_409),  # the domain guide's 84.09 %
        ([5, 1, 1], 3_333),
        ([5, 5, 1], 6_667),
    ],
)
def test_csat_is_the_share_of_four_and_five(scores: list[int], share: int | None) -> None:
    assert rules.csat_basis_points(scores) == share


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        (NotYet(state="awaiting_payment"), "We ask about a renewal once it is paid."),
        (ScoreOutOfRange(score=9, least=1, most=5), "Choose a number from 1 to 5."),
        (ReasonTooLong(length=2001, most=2000), "The reason is too long: up to 2,000 characters."),
    ],
)
@pytest.mark.usefixtures("app")
def test_refusals_have_sentences(refusal: Refusal, sentence: str) -> None:
    assert words.refusal(refusal) == sentence


@pytest.mark.usefixtures("app")
def test_the_question_and_its_scale() -> None:
    assert words.question() == "How satisfied are you with this renewal?"
    assert list(words.score_labels()) == [1, 2, 3, 4, 5]
    assert words.score_labels()[5] == "very satisfied"
    assert words.ends() == ("Very dissatisfied", "Very satisfied")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"kind": "csat", "score": "4", "reason": " Fine "}, set()),
        ({"kind": "csat", "score": "5"}, set()),
        ({"kind": "csat"}, {"score"}),
        ({"kind": "csat", "score": "6"}, {"score"}),
        ({"kind": "csat", "score": "many"}, {"score"}),
        ({"kind": "nps", "score": "4"}, {"kind"}),
        ({"score": "4"}, {"kind"}),
        ({"kind": "csat", "score": "4", "reason": "x" * 2001}, {"reason"}),
    ],
)
def test_the_form(app: Flask, fields: dict[str, str], wrong: set[str]) -> None:
    with app.test_request_context(method="POST"):
        form: Any = CsatForm(formdata=MultiDict(fields), meta={"csrf": False})
        form.validate()
        assert set(form.errors) == wrong
        if not wrong:
            assert form.score.data in {"4", "5"}
            assert form.reason.data in {"Fine", None}
