"""Asking by mail: planned when the order is paid, once, a week later, and only while all stands as it must."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from portal.accounts.models import CompanyRole, Membership, MemberState, Person
from portal.audit.models import AuditNote
from portal.kit.db import reading, transaction
from portal.kit.events import Told
from portal.orders.models import Order, OrderState
from portal.surveys import actions, jobs, rules
from portal.surveys.models import AskState, Dropped, SurveyKind
from portal.surveys.rules import Standing
from tests import factories
from tests.conftest import NOW
from tests.portal.pricing import scene as scenes
from tests.portal.pricing.scene import Scene, ordered, staged
from tests.portal.surveys.scene import DUE, answer, asks, letters, run_at, run_jobs, token

GOOD = Standing(OrderState.PAID, False, False, True, False, False)


@pytest.fixture
def scene(app: Flask) -> Scene:
    return staged()


@pytest.fixture
def order(scene: Scene) -> Order:
    made = ordered(scene)
    run_jobs()
    return made


def another(scene: Scene) -> Order:
    """A second order of the same person, paid at the same instant."""
    with transaction() as db:
        contract = factories.contract(db, scene.company)
    return ordered(Scene(scene.company, contract, scene.owner, scene.cs))


def set_state(order: Order, state: OrderState) -> None:
    with transaction() as db:
        db.execute(update(Order).where(Order.id == order.id).values(state=state))


def test_a_paid_order_asks_who_placed_it(scene: Scene, order: Order) -> None:
    (ask,) = asks()
    assert (ask.order_id, ask.person_id, ask.state) == (order.id, scene.owner.id, AskState.OPEN)
    assert (ask.asked_at, ask.due_at) == (NOW, DUE)
    assert letters() == []


def test_an_unpaid_order_asks_nobody(scene: Scene) -> None:
    ordered(scene, paid=False)
    run_at(DUE)
    assert asks() == []


def test_the_mail_goes_out_a_week_later_once(scene: Scene, order: Order) -> None:
    run_at(DUE - timedelta(seconds=1))
    assert letters() == []
    run_at(DUE)
    run_at(DUE + timedelta(days=1))
    jobs.mail_nps(Told(order.subject, f"person:{scene.owner.id}", {"person_id": scene.owner.id}))
    (letter,) = letters()
    assert letter.to_email == scene.owner.email
    assert letter.title == "One question about Tidewell"
    for score in range(11):
        assert f"http://localhost/survey/{token()}?score={score}\n" in letter.text
        assert f'href="http://localhost/survey/{token()}?score={score}"' in letter.html
    assert letter.stop_url == f"http://localhost/survey/{token()}/stop"
    (ask,) = asks()
    assert (ask.state, ask.mailed_at) == (AskState.MAILED, DUE)
    assert ask.expires_at == DUE + timedelta(days=30)
    assert token() not in str(ask.token_hash)


def test_a_missed_week_is_made_up_for(order: Order) -> None:
    """Nobody worked for ten days: the plan waits in the outbox."""
    run_at(DUE + timedelta(days=10))
    assert len(letters()) == 1


def test_the_mail_speaks_its_readers_language(scene: Scene) -> None:
    with transaction() as db:
        db.execute(update(Person).where(Person.id == scene.owner.id).values(language="zh_Hans_CN"))
    ordered(scene)
    run_jobs()
    run_at(DUE)
    (letter,) = letters()
    assert "您有多大可能向同事或朋友推荐 Tidewell？" in letter.text
    assert "完全不可能" in letter.text
    assert "非常可能" in letter.text


def leaves(scene: Scene, order: Order) -> None:
    with transaction() as db:
        db.execute(update(Membership).values(state=MemberState.LEFT))


def is_switched_off(scene: Scene, order: Order) -> None:
    with transaction() as db:
        db.execute(update(Person).where(Person.id == scene.owner.id).values(active=False))


def answers(scene: Scene, order: Order) -> None:
    answer(order, scene.owner.id, 0)


def opts_out(scene: Scene, order: Order) -> None:
    with transaction() as db:
        actions.opt_out(db, scene.owner.id, NOW)


def is_refunded(scene: Scene, order: Order) -> None:
    set_state(order, OrderState.REFUNDED)


def disputes(scene: Scene, order: Order) -> None:
    set_state(order, OrderState.DISPUTED)


def disputes_another(scene: Scene, order: Order) -> None:
    set_state(another(scene), OrderState.DISPUTED)


def answers_about_another(scene: Scene, order: Order) -> None:
    answer(another(scene), scene.owner.id, 5, kind=SurveyKind.CSAT)


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (answers, Dropped.ANSWERED),
        (leaves, Dropped.LEFT),
        (is_switched_off, Dropped.LEFT),
        (opts_out, Dropped.OPTED_OUT),
        (is_refunded, Dropped.ORDER_STATE),
        (disputes, Dropped.MONEY_OPEN),
        (disputes_another, Dropped.MONEY_OPEN),
        (answers_about_another, Dropped.ASKED_LATELY),
    ],
)
def test_what_keeps_the_mail_from_going_out_is_noted(
    scene: Scene, order: Order, happens: Callable[[Scene, Order], None], why: Dropped
) -> None:
    happens(scene, order)
    run_at(DUE)
    assert [letter for letter in letters() if letter.subject == order.subject] == []
    first = asks()[0]
    assert (first.state, first.dropped, first.token_hash) == (AskState.DROPPED, why, None)
    with reading() as db:
        notes = db.scalars(
            select(AuditNote).where(AuditNote.action == "survey.not_mailed", AuditNote.subject == order.subject)
        )
        assert [note.facts["dropped"] for note in notes] == [why]


def test_a_csat_answer_about_the_same_order_leaves_nps_open(scene: Scene, order: Order) -> None:
    answer(order, scene.owner.id, 5, kind=SurveyKind.CSAT)
    run_at(DUE)
    assert len(letters()) == 1


def test_two_orders_of_one_person_are_one_mail_in_90_days(scene: Scene, order: Order) -> None:
    another(scene)
    run_jobs()
    run_at(DUE)
    assert len(letters()) == 1
    assert sorted(ask.state for ask in asks()) == [AskState.DROPPED, AskState.MAILED]
    assert [ask.dropped for ask in asks() if ask.dropped] == [Dropped.ASKED_LATELY]


@pytest.mark.parametrize(("days", "mails"), [(89, 1), (91, 2)])
def test_after_90_days_somebody_is_asked_again(scene: Scene, order: Order, days: int, mails: int) -> None:
    run_at(DUE)
    later = another(scene)
    with transaction() as db:
        found = db.get_one(Order, later.id)
        found.paid_at = NOW + timedelta(days=days)
    run_at(NOW + timedelta(days=days))
    run_at(DUE + timedelta(days=days, seconds=1))
    assert len(letters()) == mails


def test_a_month_too_late_is_not_asked_any_more(order: Order) -> None:
    run_at(DUE + timedelta(days=31))
    assert letters() == []
    assert asks()[0].dropped is Dropped.TOO_LATE


def test_two_workers_at_once_write_one_mail(app: Flask, scene: Scene, order: Order) -> None:
    told = Told(order.subject, f"person:{scene.owner.id}", {"person_id": scene.owner.id})

    def work() -> None:
        with app.app_context():
            jobs.mail_nps(told)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(letters()) == 1
    assert asks()[0].state is AskState.MAILED


def test_asking_twice_is_asking_once(order: Order) -> None:
    jobs.ask(Told(order.subject, "1", {"number": order.number}))
    run_at(DUE)
    assert len(asks()) == len(letters()) == 1


def test_an_order_that_is_gone_is_tried_again(app: Flask) -> None:
    with pytest.raises(LookupError):
        jobs.ask(Told("order:RNW-2026-000404", "1", {}))


def test_who_placed_it_and_may_not_answer_any_more_is_not_asked(scene: Scene) -> None:
    leaves(scene, ordered(scene))
    run_jobs()
    assert asks() == []


def test_an_order_without_an_owner_still_asks(app: Flask) -> None:
    made = staged(owner_id=None)
    with transaction() as db:
        viewer = factories.member(db, made.company, CompanyRole.VIEWER)
    scenes.ordered(Scene(made.company, made.contract, viewer, made.cs))
    run_jobs()
    assert [ask.person_id for ask in asks()] == [viewer.id]


@given(
    st.builds(
        Standing,
        state=st.sampled_from(OrderState),
        answered=st.booleans(),
        money_open=st.booleans(),
        may_answer=st.booleans(),
        opted_out=st.booleans(),
        lately=st.booleans(),
    ),
    st.integers(-60, 60),
)
def test_only_a_standing_without_fault_is_mailed(standing: Standing, days: int) -> None:
    why = rules.why_not(standing, DUE, DUE + timedelta(days=days))
    clean = standing == GOOD or standing == Standing(OrderState.PARTLY_REFUNDED, False, False, True, False, False)
    assert (why is None) == (clean and days <= 30)


@pytest.mark.parametrize(("seconds", "quick"), [(None, True), (0, True), (9, True), (10, False), (3600, False)])
def test_sooner_than_anybody_reads(seconds: int | None, quick: bool) -> None:
    delivered = None if seconds is None else NOW - timedelta(seconds=seconds)
    assert rules.is_quick(delivered, NOW) is quick


@pytest.mark.parametrize(("opened", "several"), [(0, False), (1 << 10, False), (0b11, True), (2047, True)])
def test_several_scores_of_one_mail(opened: int, several: bool) -> None:
    assert rules.is_several(opened) is several
