"""What a refund does to a fapiao: less to issue, or a red-letter one."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.models import StaffRole
from portal.documents.fapiao import jobs
from portal.documents.fapiao.models import FapiaoState
from portal.kit.db import reading, transaction
from portal.kit.mail import Mail
from tests import factories
from tests.portal.checkout.support import hear, run_jobs
from tests.portal.home.conftest import Home
from tests.portal.home.fapiao import NUMBER, PDF, RED, issue, newest, path, typed
from tests.portal.home.views.test_credit_notes import send_back
from tests.web import post_form


@pytest.fixture
def finance(home: Home) -> FlaskClient:
    with transaction() as db:
        who = factories.staff(db, StaffRole.FINANCE)
    return home.browse(who)


def test_a_refund_opens_one_red_letter_task_however_often_it_is_told(home: Home, finance: FlaskClient) -> None:
    order = home.pay(home.contract())
    post_form(home.browser, path(order), **typed())
    issue(finance)
    send_back(home, order, 100_000)
    run_jobs()
    assert (newest().state, newest().red_minor) == (FapiaoState.RED_REQUESTED, 100_000)
    again = type("Told", (), {"facts": {"number": order.number}})()
    jobs.money_moved_back(again)
    assert newest().red_minor == 100_000
    desk = finance.get(f"/finance/fapiao/{newest().id}").text
    assert "A red-letter fapiao over CN¥1,000.00 is due" in desk
    assert "CN¥56.60" in desk  # the tax in it, which the bureau asks for
    assert issue(finance, RED, red=True).status_code == 303
    run_jobs()
    assert newest().state is FapiaoState.RED_ISSUED
    assert home.browser.get(f"{path(order)}/red/{RED}").data == PDF
    assert home.browser.get(f"{path(order)}/red/{'7' * 20}").status_code == 404
    send_back(home, order, 50_000)
    run_jobs()
    assert (newest().state, newest().red_minor) == (FapiaoState.RED_REQUESTED, 50_000)
    with reading() as db:
        titles = list(db.scalars(select(Mail.title).where(Mail.kind == "fapiao.settled").order_by(Mail.id)))
    assert len(titles) == 2
    assert "Red-letter" in titles[-1]
    for used in (NUMBER, RED):
        taken = issue(finance, used, red=True)
        assert (taken.status_code, f"Another fapiao has the number {used}" in taken.text) == (422, True)


def test_a_wish_is_over_when_all_went_back(home: Home, finance: FlaskClient) -> None:
    order = home.pay(home.contract())
    post_form(home.browser, path(order), **typed())
    send_back(home, order, order.total_minor)
    run_jobs()
    assert newest().state is FapiaoState.WITHDRAWN
    assert "Nothing will be issued" in home.browser.get(path(order)).text
    assert "Nothing to do here" in finance.get("/finance/fapiao").text


def test_a_refund_that_fails_takes_its_red_letter_task_back(home: Home, finance: FlaskClient) -> None:
    order = home.pay(home.contract())
    post_form(home.browser, path(order), **typed())
    issue(finance)
    refund = send_back(home, order, 100_000)
    run_jobs()
    assert newest().state is FapiaoState.RED_REQUESTED
    home.gateway.finish_refund(refund, "failed")
    hear(home.gateway)
    run_jobs()
    assert (newest().state, newest().red_minor) == (FapiaoState.ISSUED, 0)


def test_taken_back_whole_it_can_be_asked_for_again(home: Home, finance: FlaskClient) -> None:
    """All went back and the red letter is there; then the refund fails, and the sale stands again."""
    order = home.pay(home.contract())
    post_form(home.browser, path(order), **typed())
    issue(finance)
    refund = send_back(home, order, order.total_minor)
    run_jobs()
    issue(finance, RED, red=True)
    assert path(order) in home.browser.get(f"/orders/{order.number}").text  # its red letter is the buyer's
    assert 'data-action="ask-fapiao"' not in home.browser.get(path(order)).text
    home.gateway.finish_refund(refund, "failed")
    hear(home.gateway)
    run_jobs()
    assert 'data-action="ask-fapiao"' in home.browser.get(path(order)).text
    assert post_form(home.browser, path(order), **typed()).status_code == 303
    issue(finance, "4" * 20)
    assert (newest().state, newest().number) == (FapiaoState.ISSUED, "4" * 20)


def test_a_lost_dispute_is_money_that_went_back(home: Home, finance: FlaskClient) -> None:
    order = home.pay(home.contract())
    post_form(home.browser, path(order), **typed())
    issue(finance)
    dispute = home.gateway.dispute(str(home.gateway.newest.charge_id))
    hear(home.gateway)
    run_jobs()
    assert newest().state is FapiaoState.ISSUED  # nothing is decided yet
    home.gateway.decide(dispute, "lost")
    hear(home.gateway)
    run_jobs()
    assert (newest().state, newest().red_minor) == (FapiaoState.RED_REQUESTED, order.total_minor)


def test_what_goes_back_before_it_is_issued_is_not_on_it(home: Home, finance: FlaskClient) -> None:
    order = home.pay(home.contract())
    post_form(home.browser, path(order), **typed())
    send_back(home, order, 100_000)
    run_jobs()
    issue(finance)
    assert (newest().amount_minor, newest().state) == (order.total_minor - 100_000, FapiaoState.ISSUED)


def test_money_that_goes_back_while_it_is_issued(home: Home, finance: FlaskClient) -> None:
    """The letter about the fapiao goes out all the same, and its red letter is due."""
    order = home.pay(home.contract())
    post_form(home.browser, path(order), **typed())
    post_form(finance, f"/finance/fapiao/{newest().id}/take-up", version=str(newest().version))
    send_back(home, order, 100_000)
    run_jobs()
    issue(finance)
    assert (newest().state, newest().red_minor) == (FapiaoState.RED_REQUESTED, 100_000)
    run_jobs()
    with reading() as db:
        assert NUMBER in db.scalars(select(Mail.text).where(Mail.kind == "fapiao.settled")).one()
