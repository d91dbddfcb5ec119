"""Permissions beside every route, and what the guard does with them."""

from __future__ import annotations

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from structlog.testing import capture_logs
from werkzeug.exceptions import HTTPException

from portal.accounts.models import CompanyRole, StaffRole
from portal.kit import guard
from portal.kit.db import transaction
from portal.kit.guard import Act, Actor, Door, needs
from tests import factories
from tests.portal.accounts import scene


def actor(staff_role: str | None = None, staff_acts: frozenset[Act] = frozenset(), **companies: Act) -> Actor:
    given = {int(name.removeprefix("c")): frozenset({act}) for name, act in companies.items()}
    return Actor(1, "Lin", "l@x.example", None, "auto", "Asia/Shanghai", staff_role, given, staff_acts)


def test_an_act_holds_in_the_companies_that_grant_it() -> None:
    lin = actor(c1=Act.PAY, c2=Act.RENEW)
    assert lin.can(Act.PAY)
    assert lin.can("pay", 1)
    assert not lin.can(Act.PAY, 2)
    assert not lin.can(Act.PAY, 3)
    assert not lin.can(Act.DECLINE)
    assert lin.companies_for(Act.RENEW) == [2]
    assert lin.ref == "person:1"


def test_staff_acts_hold_everywhere() -> None:
    hao = actor("cs", frozenset({Act.READ_DESK}))
    assert hao.is_staff
    assert hao.can(Act.READ_DESK)
    assert hao.can(Act.READ_DESK, 7)
    assert not hao.can(Act.MANAGE_STAFF)


@pytest.mark.parametrize(
    ("who", "company", "code"),
    [
        (actor(c1=Act.PAY), 1, None),
        (actor(c1=Act.RENEW), 1, 403),  # sees the company, lacks the act
        (actor(c1=Act.PAY), 2, 404),  # must not learn that company 2 exists
        (actor("cs"), 2, 403),
    ],
)
def test_foreign_things_do_not_exist(app: Flask, who: Actor, company: int, code: int | None) -> None:
    with app.app_context(), app.test_request_context("/"):
        g.actor = who
        assert guard.allowed(Act.PAY, company) is (code is None)
        if code is None:
            guard.require(Act.PAY, company)
            return
        with pytest.raises(HTTPException) as caught:
            guard.require(Act.PAY, company)
    assert caught.value.code == code


def test_me_is_for_views_behind_a_door(app: Flask) -> None:
    with app.app_context(), app.test_request_context("/"), pytest.raises(RuntimeError):
        guard.me()


def test_every_route_declares_its_need(shared_app: Flask) -> None:
    assert [line for line in guard.matrix(shared_app) if line[3] is None] == []


def test_a_route_that_declares_nothing_is_refused() -> None:
    app = Flask("small")
    app.testing = True
    guard.init_app(app, lambda: None, lambda: None)
    app.add_url_rule("/forgotten", "forgotten", lambda: "open")
    with pytest.raises(RuntimeError, match="forgotten declares no permission"):
        app.test_client().get("/forgotten")
    guard.declare("forgotten", Door.PUBLIC)
    assert app.test_client().get("/forgotten").text == "open"
    assert app.test_client().get("/nowhere").status_code == 404


def test_needs_marks_the_view() -> None:
    @needs(Act.PAY)
    def view() -> str:
        return ""

    app = Flask("small")
    app.add_url_rule("/pay", "pay", view, methods=["POST"])
    assert guard.needed(app, "pay") is Act.PAY
    assert ("pay", "/pay", ("POST",), Act.PAY) in guard.matrix(app)


def plain_routes(app: Flask, method: str) -> list[str]:
    """Addresses without arguments that take `method` and need somebody to be signed in."""
    return [
        rule
        for _endpoint, rule, methods, need in guard.matrix(app)
        if method in methods and "<" not in rule and need is not Door.PUBLIC
    ]


def test_strangers_are_shown_the_sign_in_page_everywhere(app: Flask, client: FlaskClient) -> None:
    for rule in plain_routes(app, "GET"):
        answer = client.get(rule)
        assert answer.status_code == 302, rule
        assert answer.location.startswith("/sign-in?next=/"), rule


def test_customers_never_reach_the_desk(app: Flask, client: FlaskClient) -> None:
    factories.sign_in(client, scene.member(scene.company(), CompanyRole.OWNER))
    desk = [rule for rule in plain_routes(app, "GET") if rule.startswith(("/desk", "/finance"))]
    assert desk
    assert {rule: client.get(rule).status_code for rule in desk} == dict.fromkeys(desk, 403)


def test_the_auditor_changes_nothing(app: Flask) -> None:
    """Whatever an auditor may post to is about themselves."""
    own = {"/account", "/confirm", "/join", "/sign-out", "/language", "/sign-in", "/forgot", "/set-password",
           "/stripe", "/survey/", "/desk/view/end"}  # fmt: skip
    from portal.accounts import matrix  # noqa: PLC0415

    reached = {
        rule
        for _endpoint, rule, methods, need in guard.matrix(app)
        if set(methods) - {"GET"} and need is not None and matrix.opens(need, StaffRole.AUDITOR)
    }
    assert {rule for rule in reached if not rule.startswith(tuple(own))} == set()


def test_who_tries_doors_leaves_a_line(app: Flask, client: FlaskClient) -> None:
    with transaction() as db:
        mine = factories.member(db, factories.company(db), CompanyRole.VIEWER)
        other = factories.contract(db, factories.company(db, "Beta"))
    factories.sign_in(client, mine)
    with capture_logs() as lines:
        client.get("/desk/orders")
        client.get(f"/contracts/{other.number}")
        client.post("/team/1/members", data={"csrf_token": "made up"})
    told = [(line["event"], line.get("path", line.get("act")), line["who"]) for line in lines]
    me = f"person:{mine.id}"
    assert told == [
        ("request.refused", "/desk/orders", me),
        ("access.refused", "see_contracts", me),
        ("request.refused", "/team/<id:company_id>/members", me),
    ]
    assert mine.email not in str(lines)
