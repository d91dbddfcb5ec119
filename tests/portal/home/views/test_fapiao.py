"""A fapiao from the customer's wish to its file, and the red-letter one after a refund."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.accounts.models import Company, CompanyRole, StaffRole
from portal.documents.fapiao import jobs
from portal.documents.fapiao.models import FapiaoRequest, FapiaoState
from portal.kit import files
from portal.kit.db import reading, transaction
from portal.kit.mail import Mail
from tests import factories
from tests.portal.checkout.support import run_jobs
from tests.portal.home.conftest import Home
from tests.portal.home.fapiao import NUMBER, PDF, RED, SPECIAL, USCC, issue, newest, path, typed
from tests.web import hidden, post_form


@pytest.fixture
def finance(home: Home) -> FlaskClient:
    with transaction() as db:
        who = factories.staff(db, StaffRole.FINANCE)
    return home.browse(who)


def test_from_the_wish_to_the_file(home: Home, finance: FlaskClient) -> None:
    order = home.pay(home.contract())
    assert path(order) in home.browser.get(f"/orders/{order.number}").text
    assert post_form(home.browser, path(order), **typed(tax_id="9111 0000 6000 3734 1l")).location == path(order)
    assert "Finance will issue it and write to finance@aurora.example" in home.browser.get(path(order)).text
    with reading() as db:
        details = db.get_one(Company, home.company.id).invoice_details
    assert (details["tax_id"], "email" in details) == (USCC, False)  # an address is somebody's, not the company's
    assert order.number in finance.get("/finance/fapiao").text
    desk = finance.get(f"/finance/fapiao/{newest().id}").text
    assert USCC in desk
    assert "finance@aurora.example" not in desk  # finance sees no whole addresses
    assert issue(finance).status_code == 303
    assert newest().state is FapiaoState.ISSUED
    assert order.number not in finance.get("/finance/fapiao").text
    assert order.number in finance.get("/finance/fapiao?state=issued").text
    sent = home.browser.get(f"{path(order)}/file")
    assert (sent.data, sent.mimetype) == (PDF, "application/pdf")
    assert sent.headers["Content-Disposition"] == f'attachment; filename="fapiao-{NUMBER}.pdf"'
    assert finance.get(f"/finance/fapiao/{newest().id}/file").data == PDF
    run_jobs()
    with reading() as db:
        [letter] = db.scalars(select(Mail).where(Mail.kind == "fapiao.settled"))
    assert (letter.to_email, NUMBER in letter.text) == ("finance@aurora.example", True)


def test_asked_before_the_payment_it_waits_for_it(home: Home, finance: FlaskClient) -> None:
    order = home.place(home.contract())
    post_form(home.browser, path(order), **typed())
    assert "We issue it once your payment has arrived." in home.browser.get(path(order)).text
    assert "Nothing to do here" in finance.get("/finance/fapiao").text
    early = post_form(finance, f"/finance/fapiao/{newest().id}/take-up", version=str(newest().version))
    assert (early.status_code, "once the order is paid" in early.text) == (422, True)
    post_form(home.browser, f"{path(order)}/withdraw")
    assert newest().state is FapiaoState.WITHDRAWN
    post_form(home.browser, path(order), **typed())
    post_form(home.browser, f"/orders/{order.number}/cancel")
    run_jobs()
    assert newest().state is FapiaoState.WITHDRAWN
    gone = home.browser.get(path(order)).text
    assert 'data-action="ask-fapiao"' not in gone


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"tax_id": ""}, "tax_id"),
        ({"tax_id": "91110000600037341A"}, "tax_id"),
        ({"tax_id": "123"}, "tax_id"),
        ({"email": ""}, "email"),
        ({"email": "nobody"}, "email"),
        ({"kind": "lottery"}, "kind"),
        *((SPECIAL | {name: ""}, name) for name in ("registered_address", "phone", "bank", "account")),
    ],
)
def test_what_is_missing_is_told_at_its_field(home: Home, changes: dict[str, str], field: str) -> None:
    order = home.place(home.contract())
    page = post_form(home.browser, path(order), **typed(**changes))
    assert (page.status_code, f'id="{field}-e"' in page.text) == (422, True)
    with reading() as db:
        assert db.scalars(select(FapiaoRequest)).all() == []


def test_details_are_typed_once(home: Home) -> None:
    first, second = home.place(home.contract()), home.place(home.contract())
    assert post_form(home.browser, path(first), **typed(**SPECIAL)).status_code == 303
    page = home.browser.get(path(second))
    assert [hidden(page, name) for name in ("tax_id", "bank", "account")] == [USCC, "工商银行", SPECIAL["account"]]
    shown = home.browser.get(path(first)).text
    assert all(text in shown for text in (USCC, "工商银行", SPECIAL["account"]))
    again = post_form(home.browser, path(first), **typed())
    assert (again.status_code, "asked for already" in again.text) == (422, True)


def test_what_is_typed_for_one_fapiao_is_not_written_over_the_companys(home: Home) -> None:
    order = home.place(home.contract())
    post_form(home.browser, path(order), **typed())
    post_form(home.browser, f"{path(order)}/withdraw")
    assert "The request was taken back." in home.browser.get(path(order)).text
    post_form(home.browser, path(order), **typed(title="浦东分公司"))
    with reading() as db:
        assert db.get_one(Company, home.company.id).invoice_details["title"] == "Aurora Ltd"
    assert hidden(home.browser.get(path(home.place(home.contract()))), "title") == "浦东分公司"  # asked for last


@pytest.mark.parametrize(("field", "text"), [("phone", "abc"), ("phone", "12"), ("account", "!!")])
def test_what_is_no_phone_or_account(home: Home, field: str, text: str) -> None:
    order = home.place(home.contract())
    page = post_form(home.browser, path(order), **typed(**SPECIAL | {field: text}))
    assert (page.status_code, f'id="{field}-e"' in page.text) == (422, True)


def test_who_may_ask_and_who_has_none(home: Home) -> None:
    order = home.place(home.contract())
    viewer, renewer = home.member(CompanyRole.VIEWER), home.member(CompanyRole.RENEWER)
    assert viewer.get(path(order)).status_code == 403
    assert "An owner, payer or billing member" in renewer.get(path(order)).text
    assert post_form(renewer, path(order), **typed()).status_code == 403
    abroad = home.place(home.contract(currency="USD"))
    assert path(abroad) not in home.browser.get(f"/orders/{abroad.number}").text
    none = post_form(home.browser, path(abroad), **typed())
    assert (none.status_code, "has no fapiao now" in none.text) == (422, True)


def test_another_company_sees_nothing_of_it(home: Home, finance: FlaskClient) -> None:
    order = home.pay(home.contract())
    post_form(home.browser, path(order), **typed())
    issue(finance)
    with transaction() as db:
        other = factories.company(db, "Beta")
        stranger = factories.member(db, other)
    browser = home.browse(stranger)
    for end in ("", "/file", f"/red/{RED}"):
        assert browser.get(path(order) + end).status_code == 404
    assert post_form(browser, path(order), **typed()).status_code == 404
    assert post_form(browser, f"{path(order)}/withdraw").status_code == 404


@pytest.mark.parametrize(
    ("number", "body", "sentence"),
    [
        ("123", PDF, "20 digits"),
        ("", PDF, "Type the number"),
        (NUMBER, b"MZ an exe", "PDF, OFD or XML"),
        (NUMBER, b"", "PDF, OFD or XML"),
    ],
)
def test_what_finance_cannot_bring(
    home: Home, finance: FlaskClient, number: str, body: bytes, sentence: str
) -> None:
    order = home.pay(home.contract())
    post_form(home.browser, path(order), **typed())
    page = issue(finance, number, body)
    assert (page.status_code, sentence in page.text) == (422, True)
    assert newest().state is FapiaoState.ISSUING
    none = post_form(finance, f"/finance/fapiao/{newest().id}/issue", number=NUMBER, version=str(newest().version))
    assert (none.status_code, "Choose the file" in none.text) == (422, True)


@pytest.mark.parametrize(("body", "kind"), [(b"PK\x03\x04", "ofd"), (b"\xef\xbb\xbf<?xml ?>", "xml")])
def test_the_other_files(home: Home, finance: FlaskClient, body: bytes, kind: str) -> None:
    order = home.pay(home.contract())
    post_form(home.browser, path(order), **typed())
    assert issue(finance, body=body).status_code == 303
    assert home.browser.get(f"{path(order)}/file").mimetype == f"application/{kind}"


def test_the_slower_of_two_is_told_and_leaves_no_file(home: Home, finance: FlaskClient) -> None:
    order = home.pay(home.contract())
    post_form(home.browser, path(order), **typed())
    issue(finance)
    folder = files.path_of(home.app.extensions["settings"], "0" * 32, files.FAPIAO).parent
    before = set(folder.iterdir())
    late = issue(finance, "4" * 20)
    assert (late.status_code, "Somebody was faster" in late.text) == (409, True)
    assert newest().number == NUMBER
    assert set(folder.iterdir()) == before
    jobs.clear_strays()
    assert home.browser.get(f"{path(order)}/file").status_code == 200


def test_a_number_is_one_orders_alone(home: Home, finance: FlaskClient) -> None:
    for _order in range(2):
        order = home.pay(home.contract())
        post_form(home.browser, path(order), **typed())
        answer = issue(finance)
    assert (answer.status_code, f"Another fapiao has the number {NUMBER}." in answer.text) == (422, True)
    assert newest().state is FapiaoState.ISSUING


def test_a_failure_says_why_and_is_asked_anew(home: Home, finance: FlaskClient) -> None:
    order = home.pay(home.contract())
    post_form(home.browser, path(order), **typed())
    desk = f"/finance/fapiao/{newest().id}/fail"
    assert post_form(finance, desk, why="", version=str(newest().version)).status_code == 422
    post_form(finance, desk, why="The title is not the licence’s.", version=str(newest().version))
    run_jobs()
    page = home.browser.get(path(order)).text
    assert "The title is not the licence’s." in page
    with reading() as db:
        assert "could not be issued" in db.scalars(select(Mail.title).where(Mail.kind == "fapiao.settled")).one()
    assert post_form(home.browser, path(order), **typed()).status_code == 303
    assert newest().state is FapiaoState.REQUESTED
    again = f"/finance/fapiao/{newest().id}/fail"
    post_form(finance, again, why="Still not.", version=str(newest().version))
    run_jobs()
    with reading() as db:  # the second failure is told too
        assert len(list(db.scalars(select(Mail.id).where(Mail.kind == "fapiao.settled")))) == 2


def test_the_invoice_address_stays_what_receipts_print(home: Home) -> None:
    with transaction() as db:
        db.get_one(Company, home.company.id).invoice_details = {"address": "Line one\nLine two", "phone": "021-9"}
    order = home.place(home.contract())
    post_form(home.browser, path(order), **typed(registered_address="上海市"))
    with reading() as db:
        kept = db.get_one(Company, home.company.id).invoice_details
    assert (kept["address"], kept["registered_address"], kept["phone"]) == (
        "Line one\nLine two",
        "上海市",
        "021-9",
    )
