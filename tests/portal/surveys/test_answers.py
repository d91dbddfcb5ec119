"""Answers: kept on the first click, changed by the second, only about paid renewals."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from portal.contracts.models import Contract
from portal.kit import outbox
from portal.kit.db import reading, transaction
from portal.kit.errors import Refusal
from portal.kit.events import Switchboard, Told
from portal.orders import queries as orders
from portal.orders.models import Order, OrderState
from portal.surveys import actions, forms, queries, rules, words
from portal.surveys.actions import Said
from portal.surveys.errors import AskClosed, NotYet, ReasonTooLong, ScoreOutOfRange
from portal.surveys.events import SurveyAnswered
from portal.surveys.models import Channel, Dropped, ReasonCode, SurveyAnswer, SurveyKind
from tests.conftest import NOW, make_settings
from tests.portal.pricing.scene import Scene, ordered, staged
from tests.portal.surveys.scene import letters, run_jobs


@pytest.fixture
def scene(app: Flask) -> Scene:
    return staged()


@pytest.fixture
def order(scene: Scene) -> Order:
    return ordered(scene)


def answer(order: Order, who: Scene, score: int = 4, reason: str | None = None, minutes: int = 0) -> SurveyAnswer:
    return say(order, who, Said(SurveyKind.CSAT, score, reason), minutes)


def say(order: Order, who: Scene, said: Said, minutes: int = 0) -> SurveyAnswer:
    with transaction() as db:
        found = orders.lock(db, order.number)
        return actions.answer(db, found, who.owner.id, said, NOW + timedelta(minutes=minutes))


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
        mine = queries.answers_of(db, order.id, scene.owner.id)
        assert {kind: kept.score for kind, kept in mine.items()} == {"csat": 5}
        assert queries.answers_of(db, order.id, scene.cs.id) == {}


def test_each_person_has_an_answer_of_their_own(scene: Scene, order: Order) -> None:
    answer(order, scene, 2)
    with transaction() as db:
        actions.answer(db, orders.lock(db, order.number), scene.cs.id, Said(SurveyKind.CSAT, 5), NOW)
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


@pytest.mark.parametrize(
    ("kind", "score"), [("csat", 0), ("csat", 6), ("csat", -1), ("csat", 10), ("nps", -1), ("nps", 11)]
)
def test_scores_out_of_range(scene: Scene, order: Order, kind: str, score: int) -> None:
    with pytest.raises(ScoreOutOfRange):
        say(order, scene, Said(SurveyKind(kind), score))


@pytest.mark.parametrize(("kind", "score"), [("csat", 0), ("csat", 6), ("nps", -1), ("nps", 11)])
def test_the_database_refuses_them_too(scene: Scene, order: Order, kind: str, score: int) -> None:
    kept = {"order_id": order.id, "person_id": scene.owner.id, "answered_at": NOW, "changed_at": NOW}
    with pytest.raises(IntegrityError), transaction() as db:
        db.add(SurveyAnswer(kind=SurveyKind(kind), score=score, channel=Channel.PAGE, **kept))


def test_two_questions_are_two_answers(scene: Scene, order: Order) -> None:
    say(order, scene, Said(SurveyKind.CSAT, 5))
    say(order, scene, Said(SurveyKind.NPS, 0, "Slow", ReasonCode.SUPPORT))
    say(order, scene, Said(SurveyKind.NPS, 10))
    with reading() as db:
        kept = [(one.kind, one.score, one.reason, one.code) for one in queries.answers_for(db, order.id)]
    assert kept == [("csat", 5, None, None), ("nps", 10, None, None)]


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
    ("refusal", "sentence"),
    [
        (NotYet(state="awaiting_payment"), "We ask about a renewal once it is paid."),
        (ScoreOutOfRange(score=9, least=1, most=5), "Choose a number from 1 to 5."),
        (AskClosed(why="expired"), "This link was open for 30 days and has closed."),
        (AskClosed(why="left"), "This question was for somebody who no longer acts for the company."),
        (ReasonTooLong(length=2001, most=2000), "The reason is too long: up to 2,000 characters."),
    ],
)
@pytest.mark.usefixtures("app")
def test_refusals_have_sentences(refusal: Refusal, sentence: str) -> None:
    assert words.refusal(refusal) == sentence


@pytest.mark.usefixtures("app")
def test_the_questions_and_their_scales() -> None:
    csat, nps = SurveyKind.CSAT, SurveyKind.NPS
    assert words.question(csat) == "How satisfied are you with this renewal?"
    assert words.question(nps) == "How likely are you to recommend Tidewell to a colleague or friend?"
    assert list(words.score_labels(csat)) == list(rules.scores_of(csat)) == [1, 2, 3, 4, 5]
    assert words.score_labels(csat)[5] == "very satisfied"
    assert words.ends(csat) == ("Very dissatisfied", "Very satisfied")
    assert words.ends(nps) == ("Not at all likely", "Extremely likely")


@pytest.mark.usefixtures("app")
def test_every_code_and_reason_not_to_mail_has_words() -> None:
    assert set(words.CODES) == set(ReasonCode)
    assert all(words.dropped(why).endswith(".") for why in Dropped)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"kind": "csat", "score": "4", "reason": " Fine "}, set()),
        ({"kind": "csat", "score": "5", "code": ""}, set()),
        ({"kind": "nps", "score": "10", "code": "price"}, set()),
        ({"kind": "nps", "score": "0"}, set()),
        ({"kind": "csat"}, {"score"}),
        ({"kind": "csat", "score": "6"}, {"score"}),
        ({"kind": "csat", "score": "many"}, {"score"}),
        ({"kind": "nps", "score": "11"}, {"score"}),
        ({"kind": "nps", "score": "-1"}, {"score"}),
        ({"kind": "nps", "score": "ten"}, {"score"}),
        ({"kind": "nps", "score": ""}, {"score"}),
        ({"kind": "nps", "score": "1", "code": "weather"}, {"code"}),
        ({"kind": "ces", "score": "4"}, {""}),
        ({"score": "4"}, {""}),
        ({"kind": "csat", "score": "4", "reason": "x" * 2001}, {"reason"}),
    ],
)
def test_the_form(app: Flask, fields: dict[str, str], wrong: set[str]) -> None:
    with app.test_request_context(method="POST", data=fields):
        form, good = forms.sent(csrf=False)
        assert set(form.errors) == wrong
        assert good == (not wrong)
        if good:
            assert form.said.score == int(fields["score"])
            assert form.said.reason in {"Fine", None}


def test_a_low_score_is_told_to_the_owner_once(scene: Scene, order: Order) -> None:
    with transaction() as db:
        db.execute(update(Contract).values(owner_id=scene.cs.id))
    say(order, scene, Said(SurveyKind.NPS, 6, "Slow support", ReasonCode.SUPPORT))
    run_jobs()
    say(order, scene, Said(SurveyKind.NPS, 3))
    run_jobs()
    (letter,) = letters("desk.low_score")
    assert letter.to_email == scene.cs.email
    for part in ("6 of 10", "Slow support", "Support", order.number, scene.company.name, scene.owner.name):
        assert part in letter.text


@pytest.mark.parametrize(
    ("support", "to"), [("", "cs@portal.example"), ("help@seller.example", "help@seller.example")]
)
def test_without_an_owner_the_team_hears_of_it(
    app: Flask, scene: Scene, order: Order, monkeypatch: pytest.MonkeyPatch, support: str, to: str
) -> None:
    monkeypatch.setitem(app.extensions, "settings", make_settings(PORTAL_SUPPORT_EMAIL=support))
    say(order, scene, Said(SurveyKind.CSAT, 2))
    run_jobs()
    assert [letter.to_email for letter in letters("desk.low_score")] == [to]


@pytest.mark.parametrize(("kind", "score"), [("nps", 7), ("csat", 3)])
def test_a_middling_score_alarms_nobody(scene: Scene, order: Order, kind: str, score: int) -> None:
    say(order, scene, Said(SurveyKind(kind), score))
    run_jobs()
    assert letters("desk.low_score") == []


def test_a_score_that_was_mended_at_once_alarms_nobody(scene: Scene, order: Order) -> None:
    say(order, scene, Said(SurveyKind.NPS, 0))
    say(order, scene, Said(SurveyKind.NPS, 10))
    run_jobs()
    assert letters("desk.low_score") == []
