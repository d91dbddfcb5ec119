"""Staff's page of what customers say: figures, list, filters, export."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import CompanyRole, StaffRole
from portal.contracts.models import Segment
from portal.kit.db import transaction
from portal.orders.models import Order
from portal.surveys import actions
from portal.surveys.models import Channel, SurveyAnswer, SurveyKind
from tests import factories
from tests.conftest import NOW
from tests.portal.home.pages import Page, read
from tests.portal.pricing.scene import Scene, ordered, staged
from tests.portal.surveys.scene import DUE, answer, answers, run_at, run_jobs


@pytest.fixture
def scene(app: Flask) -> Scene:
    return staged()


@pytest.fixture
def order(scene: Scene) -> Order:
    made = ordered(scene)
    run_jobs()
    return made


@pytest.fixture
def desk(scene: Scene, client: FlaskClient) -> FlaskClient:
    factories.sign_in(client, scene.cs)
    return client


def look(desk: FlaskClient, query: str = "") -> Page:
    return read(desk.get(f"/desk/surveys{query}"))


def many(order: Order, scores: dict[int, int], kind: SurveyKind = SurveyKind.NPS, at: datetime = NOW) -> None:
    """So many answers of each score, each by a person of their own."""
    with transaction() as db:
        for score, count in scores.items():
            for _n in range(count):
                person = factories.person(db)
                db.add(
                    SurveyAnswer(
                        order_id=order.id, person_id=person.id, kind=kind, score=score, channel=Channel.PAGE,
                        answered_at=at, changed_at=at,
                    )
                )  # fmt: skip


def test_nobody_answered_yet(desk: FlaskClient) -> None:
    text = desk.get("/desk/surveys").text
    assert "An answer appears here as soon as" in text
    assert "Nobody was asked" in text


def test_fifty_answers_have_a_score_and_an_interval(desk: FlaskClient, order: Order) -> None:
    many(order, {10: 28, 7: 12, 6: 10})
    page = look(desk)
    assert page.fact("nps") == "36.00"
    assert page.fact("nps-interval") == "13.99 58.01"
    assert [page.fact(name) for name in ("promoters", "passives", "detractors")] == ["28", "12", "10"]
    assert "nps-few" not in page.facts


def test_few_answers_are_counted_and_have_no_headline(desk: FlaskClient, order: Order) -> None:
    many(order, {10: 5})
    page = look(desk)
    assert "nps" not in page.facts
    assert page.fact("nps-few") == "5"
    assert page.fact("nps-interval").startswith("17.")
    assert page.fact("nps-interval").endswith(" 100.00")


def test_csat_is_a_share_with_wilsons_interval(desk: FlaskClient, order: Order) -> None:
    many(order, {5: 30, 4: 7, 3: 7}, SurveyKind.CSAT)
    page = look(desk)
    assert (page.fact("csat"), page.fact("csat-interval")) == ("84.09", "70.63 92.07")


def test_few_csat_answers_are_counted(desk: FlaskClient, order: Order) -> None:
    many(order, {5: 2, 1: 1}, SurveyKind.CSAT)
    assert "2 of 3 gave 4 or 5: too few for a score." in desk.get("/desk/surveys").text


def test_what_somebody_said_last_counts_once_in_a_period(desk: FlaskClient, scene: Scene, order: Order) -> None:
    with transaction() as db:
        contract = factories.contract(db, scene.company)
    second = ordered(Scene(scene.company, contract, scene.owner, scene.cs))
    answer(order, scene.owner.id, 0)
    answer(second, scene.owner.id, 10, NOW + timedelta(hours=1))
    page = look(desk)
    assert (page.fact("promoters"), page.fact("detractors")) == ("1", "0")
    assert len([row for row in page.rows if row.startswith("answer:")]) == 2
    answer(order, scene.owner.id, 1, NOW + timedelta(hours=2))
    assert look(desk).fact("detractors") == "1"


def test_a_period_is_the_sellers_and_is_compared_with_the_one_before(desk: FlaskClient, order: Order) -> None:
    """30 November 16:30 UTC is December in Shanghai."""
    many(order, {10: 40, 0: 10}, at=datetime(2026, 11, 30, 16, 30, tzinfo=UTC))
    many(order, {10: 10, 0: 40}, at=datetime(2026, 11, 30, 15, 30, tzinfo=UTC))
    assert look(desk, "?period=2026-12").fact("nps") == "60.00"
    assert look(desk, "?period=2026-12").fact("nps-change") == "120.00"
    assert look(desk, "?period=2026-11").fact("nps") == "-60.00"
    assert "nps-change" not in look(desk, "?period=2026-11").facts
    assert look(desk, "?period=2026-Q4").fact("nps") == "0.00"
    assert "No answer matches" in desk.get("/desk/surveys?period=2026-Q3").text


def test_asked_and_answered(desk: FlaskClient, scene: Scene, order: Order) -> None:
    with transaction() as db:
        viewer = factories.member(db, scene.company, CompanyRole.VIEWER)
        contract = factories.contract(db, scene.company)
    ordered(Scene(scene.company, contract, scene.owner, scene.cs))
    run_jobs()
    answer(order, scene.owner.id, 9)
    answer(order, viewer.id, 2)  # unasked: counts as an answer, not in the rate
    run_at(DUE)
    page = look(desk)
    assert page.fact("asked") == "2"
    assert (page.fact("rate-nps"), page.fact("rate-csat")) == ("5000", "0")
    assert page.fact("mailed") == "0"
    assert (page.fact("dropped-answered"), page.fact("dropped-asked_lately")) == ("1", "1")


def test_filters_narrow_figures_and_list_and_survive(desk: FlaskClient, scene: Scene, order: Order) -> None:
    with transaction() as db:
        contract = factories.contract(db, scene.company, segment=Segment.STRATEGIC, owner_id=scene.cs.id)
    other = ordered(Scene(scene.company, contract, scene.owner, scene.cs))
    many(order, {10: 3})
    many(other, {0: 2})
    for query in ("?segment=strategic", f"?owner={scene.cs.id}"):
        page = look(desk, query)
        assert (page.fact("promoters"), page.fact("detractors")) == ("0", "2")
        assert f"surveys.csv{query}" in desk.get(f"/desk/surveys{query}").text
    assert len(look(desk, "?kind=csat").rows) == 0
    text = desk.get("/desk/surveys?segment=huge&owner=99999&period=2026-13&kind=ces&colour=red").text
    for told in ("huge", "99999", "2026-13", "ces", "colour"):
        assert f"“{told}”" in text


def test_pages_follow_one_another_without_gap(desk: FlaskClient, order: Order) -> None:
    many(order, {10: 60, 0: 60})
    seen: list[str] = []
    query = "?period=2026-11"
    for _page in range(3):
        text = desk.get(f"/desk/surveys{query}").text
        page = Page()
        page.feed(text)
        seen += page.rows
        older = re.search(r'href="[^"]*[?;]older=([^&"]+)', text)
        query = f"?period=2026-11&older={older[1]}" if older else ""
    assert query == ""
    assert len(seen) == len(set(seen)) == 120


@pytest.mark.parametrize("rows", [1, 50])
def test_the_number_of_statements_does_not_grow(
    desk: FlaskClient, order: Order, statements: Callable[[], list[str]], rows: int
) -> None:
    many(order, {10: rows})
    statements()
    desk.get("/desk/surveys")
    assert len(statements()) <= 6


def test_the_list_shows_what_was_said_and_what_is_doubtful(desk: FlaskClient, scene: Scene, order: Order) -> None:
    answer(order, scene.owner.id, 3, reason="<b>Slow</b>")
    with transaction() as db:
        kept = db.get_one(SurveyAnswer, answers()[0].id)
        kept.quick = kept.several = True
    text = desk.get("/desk/surveys").text
    assert "&lt;b&gt;Slow&lt;/b&gt;" in text
    assert order.number in text
    assert scene.contract.number in text
    assert "Answered within 10 seconds of delivery" in text
    assert "Several scores opened from one mail" in text


def test_the_export_holds_the_same_and_runs_nothing(desk: FlaskClient, scene: Scene, order: Order) -> None:
    answer(order, scene.owner.id, 3, reason="=1+1")
    answer(order, scene.owner.id, 5, kind=SurveyKind.CSAT)
    exported = desk.get("/desk/surveys.csv?kind=nps")
    head, *rows = csv.reader(io.StringIO(exported.get_data().decode("utf-8-sig")))
    assert head[1:3] == ["Question", "Score"]
    assert [row[2] for row in rows] == ["3"]
    assert rows[0][4] == "'=1+1"
    assert order.number in rows[0]


def test_customers_stay_out(client: FlaskClient, scene: Scene) -> None:
    factories.sign_in(client, scene.owner)
    assert client.get("/desk/surveys").status_code == 403
    assert client.get("/desk/surveys.csv").status_code == 403


@pytest.mark.parametrize("role", list(StaffRole))
def test_all_staff_may_read(app: Flask, client: FlaskClient, role: StaffRole) -> None:
    with transaction() as db:
        who = factories.staff(db, role)
    factories.sign_in(client, who)
    assert client.get("/desk/surveys").status_code == 200


def test_an_opted_out_person_shows_among_those_not_mailed(desk: FlaskClient, scene: Scene, order: Order) -> None:
    with transaction() as db:
        actions.opt_out(db, scene.owner.id, NOW)
    run_at(DUE)
    assert look(desk).fact("dropped-opted_out") == "1"
