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
from tests.portal.checkout.support import run_jobs
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
    assert "a red-letter fapiao over CN¥1,000.00 is due" in finance.get(f"/finance/fapiao/{newest().id}").text
    assert issue(finance, RED, red=True).status_code == 303
    run_jobs()
    assert newest().state is FapiaoState.RED_ISSUED
    assert home.browser.get(f"{path(order)}/red/{RED}").data == PDF
    assert home.browser.get(f"{path(order)}/red/{NUMBER}").status_code == 404
    send_back(home, order, 50_000)
    run_jobs()
    assert (newest().state, newest().red_minor) == (FapiaoState.RED_REQUESTED, 50_000)
    with reading() as db:
        titles = list(db.scalars(select(Mail.title).where(Mail.kind == "fapiao.settled").order_by(Mail.id)))
    assert len(titles) == 2
    assert "Red-letter" in titles[-1]


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
