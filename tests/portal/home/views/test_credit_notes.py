"""Credit notes: in the list, as PDF, in the statement and in the letter; for whom, in which language."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select

from payments.money import Money
from portal.accounts.models import CompanyRole, Person, StaffRole
from portal.checkout import flows
from portal.checkout.flows import refunding
from portal.kit.db import reading, transaction
from portal.kit.mail import Mail
from portal.orders.models import Order, OrderState
from tests import factories
from tests.portal.checkout.support import broken, run_jobs
from tests.portal.home.conftest import Home
from tests.portal.home.pages import read

PART = 100_000  # of 3,680,000


@dataclass(frozen=True)
class Back:
    """An order of which a part went back, by a refund and its credit note."""

    order: Order
    refund: str
    number: str = "C-2026-000001"

    @property
    def pdf(self) -> str:
        return f"/orders/{self.order.number}/credit-notes/{self.number}.pdf"


def send_back(home: Home, order: Order, minor: int) -> str:
    """Two people send a part of the order's money back; the refund at the provider."""
    source = f"stripe:{home.gateway.newest.charge_id}"
    refund_id = flows.request_refund(source, Money(minor, order.currency), "because", "person:901")
    flows.agree(refund_id, "person:902")
    flows.agree(refund_id, "person:903")
    return next(reversed(home.gateway.refunds))


@pytest.fixture
def back(home: Home) -> Back:
    order = home.pay(home.contract())
    return Back(order, send_back(home, order, PART))


def text_of(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf"), answer.text[:300]
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)


def test_it_stands_among_the_documents(home: Home, back: Back) -> None:
    answer = home.browser.get("/documents")
    rows = read(answer).rows
    assert rows == [f"credit-note:{back.number}", f"order:{back.order.number}", f"quote:{back.order.quote_id}"]
    assert "Credited" in answer.text
    assert "CN¥1,000.00" in answer.text
    assert back.pdf in answer.text
    assert read(home.browser.get("/documents?kind=credit_note")).rows == rows[:1]
    assert read(home.browser.get("/documents?kind=receipt")).rows == rows[1:2]


def test_the_paper_says_what_is_taken_back_with_its_tax(home: Home, back: Back) -> None:
    text = text_of(home.browser, back.pdf)
    for told in (f"Credit note {back.number}", "R-2026-000001", back.order.number, "Aurora Ltd", "CN¥1,000.00",
                 "943.40", "56.60", "VAT, 6%", "Total credited", "TEST",
                 "Tax number 91110000600037341L"):  # fmt: skip
        assert told in text, told
    assert back.pdf in home.browser.get(f"/orders/{back.order.number}").text


def test_it_is_read_in_chinese(home: Home, back: Back) -> None:
    with transaction() as db:
        db.get_one(Person, home.owner.id).language = "zh_Hans_CN"
    text = text_of(home.browser, back.pdf)
    for told in (f"贷项通知单 {back.number}", "¥1,000.00", "收据"):
        assert told in text, told
    assert "贷项通知单" in home.browser.get("/documents").text
    assert "贷项通知单" in home.browser.get("/documents/statement").text


def test_the_statement_names_it(home: Home, back: Back) -> None:
    text = home.browser.get("/documents/statement").text
    assert f"credit note {back.number}" in text
    assert "Nothing is open" in text
    assert f"credit note {back.number}" in text_of(home.browser, "/documents/statement.pdf")


def test_a_refund_that_did_not_arrive_makes_it_void(home: Home, back: Back) -> None:
    home.gateway.finish_refund(back.refund, "failed")
    refunding.sync_refund(back.refund)
    assert "Void" in home.browser.get("/documents").text
    assert "Void: the refund did not reach you" in text_of(home.browser, back.pdf)
    assert back.number not in home.browser.get(f"/orders/{back.order.number}").text
    assert back.number not in home.browser.get("/documents/statement").text
    assert broken() == []


def test_whose_it_is(home: Home, back: Back) -> None:
    assert home.member(CompanyRole.VIEWER).get(back.pdf).status_code == 403
    with transaction() as db:
        stranger = factories.member(db, factories.company(db, "Other"))
        finance, data = factories.staff(db, StaffRole.FINANCE), factories.staff(db, StaffRole.DATA)
    assert home.browse(stranger).get(back.pdf).status_code == 404
    assert home.browse(stranger).get("/documents").text.count("credit-note:") == 0
    assert f"Credit note {back.number}" in text_of(home.browse(finance), f"/desk{back.pdf}")
    assert home.browse(data).get(f"/desk{back.pdf}").status_code == 403
    assert f"/desk{back.pdf}" in home.browse(finance).get(f"/desk/orders/{back.order.number}").text


def test_only_under_its_own_order(home: Home, back: Back) -> None:
    other = home.pay(home.contract())
    assert home.browser.get(back.pdf.replace(back.order.number, other.number)).status_code == 404
    assert home.browser.get(back.pdf.replace("000001", "000009")).status_code == 404


def mails_of(order: Order) -> dict[str, list[str]]:
    with reading() as db:
        found: dict[str, list[str]] = {}
        for mail in db.scalars(select(Mail).where(Mail.subject == order.subject).order_by(Mail.id)):
            found.setdefault(mail.kind, []).append(mail.text)
        return found


def test_the_letter_names_it_once(home: Home, back: Back) -> None:
    run_jobs()
    refunding.sync_refund(back.refund)
    run_jobs()
    [letter] = mails_of(back.order)["order.money_back"]
    assert back.number in letter
    assert "CN¥1,000.00" in letter


def test_held_money_goes_back_without_a_credit_note(home: Home) -> None:
    order = home.place(home.contract())
    page = home.gateway.newest
    page.amount -= 100
    home.gateway.pay(page.id)
    home.browser.get(f"/orders/{order.number}/return")
    send_back(home, order, page.amount)
    run_jobs()
    [letter] = mails_of(order)["order.money_back"]
    assert "redit note" not in letter
    assert home.browser.get("/documents").text.count("credit-note:") == 0
    assert "Nothing is open" in home.browser.get("/documents/statement").text


def test_money_that_went_back_before_the_letter_of_payment_was_written(home: Home) -> None:
    """That letter would tell of a term that is over; the one about the refund does not wait for it."""
    order = home.pay(home.contract())
    send_back(home, order, order.total_minor)
    run_jobs()
    assert home.fresh(home.contract()) is not None
    with reading() as db:
        assert db.get_one(Order, order.id).state is OrderState.REFUNDED
    told = mails_of(order)
    assert "order.paid" not in told
    assert len(told["order.money_back"]) == 1
