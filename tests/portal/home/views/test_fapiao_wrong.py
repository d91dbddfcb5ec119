"""A fapiao that is wrong: its number or file put right, or all of it taken back."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.models import StaffRole
from portal.documents.fapiao.models import FapiaoState
from portal.kit.db import reading, transaction
from portal.kit.mail import Mail
from portal.orders.models import Order
from tests import factories
from tests.portal.checkout.support import run_jobs
from tests.portal.home.conftest import Home
from tests.portal.home.fapiao import NUMBER, PDF, RED, issue, newest, path, typed
from tests.portal.home.views.test_credit_notes import send_back
from tests.web import post_form

RIGHT = "5" * 20


@pytest.fixture
def finance(home: Home) -> FlaskClient:
    with transaction() as db:
        who = factories.staff(db, StaffRole.FINANCE)
    return home.browse(who)


@pytest.fixture
def order(home: Home, finance: FlaskClient) -> Order:
    """One whose fapiao is issued."""
    made = home.pay(home.contract())
    post_form(home.browser, path(made), **typed())
    issue(finance)
    return made


def mend(finance: FlaskClient, number: str, version: int | None = None) -> int:
    kept = (io.BytesIO(PDF + b" the right one"), "right.pdf")
    desk, seen = f"/finance/fapiao/{newest().id}/mend", str(version or newest().version)
    return post_form(finance, desk, number=number, version=seen, file=kept).status_code


def letters() -> list[str]:
    with reading() as db:
        return list(db.scalars(select(Mail.text).where(Mail.kind == "fapiao.settled").order_by(Mail.id)))


def test_a_wrong_number_or_file_is_put_right(home: Home, finance: FlaskClient, order: Order) -> None:
    run_jobs()
    assert mend(finance, "12") == 422
    assert mend(finance, RIGHT, version=1) == 409
    assert mend(finance, RIGHT) == 303
    assert (newest().state, newest().number) == (FapiaoState.ISSUED, RIGHT)
    assert home.browser.get(f"{path(order)}/file").data.endswith(b"the right one")
    assert mend(finance, RIGHT) == 303  # only the file this time
    run_jobs()
    assert [RIGHT in text for text in letters()] == [False, True, True]
    assert "Another number or file was sent to you before by mistake." in letters()[-1]
    assert "Number or file of a fapiao put right" in finance.get(f"/desk/orders/{order.number}").text


def test_a_number_of_another_fapiao_is_refused(home: Home, finance: FlaskClient, order: Order) -> None:
    second = home.pay(home.contract())
    post_form(home.browser, path(second), **typed())
    issue(finance, RIGHT)
    assert mend(finance, NUMBER) == 422
    assert newest().number == RIGHT


def test_what_is_wrong_itself_is_taken_back_and_asked_for_again(
    home: Home, finance: FlaskClient, order: Order
) -> None:
    void = f"/finance/fapiao/{newest().id}/void"
    empty = post_form(finance, void, why=" ", version=str(newest().version))
    assert (empty.status_code, "Write what is wrong on it." in empty.text) == (422, True)
    assert post_form(finance, void, why="Wrong title.", version="1").status_code == 409
    assert post_form(finance, void, why="Wrong title.", version=str(newest().version)).status_code == 303
    assert (newest().state, newest().red_minor) == (FapiaoState.RED_REQUESTED, order.total_minor)
    assert order.number in finance.get("/finance/fapiao").text
    page = home.browser.get(path(order)).text
    assert "There is a mistake in it: Wrong title." in page
    assert 'data-action="ask-fapiao"' not in page
    issue(finance, RED, red=True)
    assert "A red-letter fapiao took it back" in home.browser.get(path(order)).text
    assert post_form(home.browser, path(order), **typed(title="极光")).status_code == 303
    issue(finance, RIGHT)
    for paper in (NUMBER, RED):  # the buyer has to book what was taken back, too
        assert f"{path(order)}/red/{paper}" in home.browser.get(path(order)).text
        assert home.browser.get(f"{path(order)}/red/{paper}").data == PDF
    run_jobs()
    assert [number in text for number, text in zip((NUMBER, RED, RIGHT), letters(), strict=True)] == [True] * 3


def test_a_refund_changes_nothing_about_what_is_taken_back_whole(
    home: Home, finance: FlaskClient, order: Order
) -> None:
    post_form(finance, f"/finance/fapiao/{newest().id}/void", why="Wrong.", version=str(newest().version))
    send_back(home, order, 100_000)
    run_jobs()
    assert (newest().state, newest().red_minor) == (FapiaoState.RED_REQUESTED, order.total_minor)
