"""Receipt and quote as PDF: read back as a reader's program reads them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import typst
from pypdf import PdfReader
from sqlalchemy import update
from werkzeug.test import TestResponse

from portal.accounts.models import Company, Person, StaffRole
from portal.documents import paper
from portal.kit.db import reader, transaction
from portal.orders.models import Order, OrderState
from tests import factories
from tests.portal.home.conftest import Home
from tests.web import Browser

NASTY = '#panic() *b* $x$ @a \\ "q" [c] </x> 上海𠮷龍瀧﨑㛃'


def text_of(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.text[:500]
    assert answer.mimetype == "application/pdf"
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.data)).pages)


def test_the_receipt_says_what_its_page_says(home: Home) -> None:
    order = home.pay(home.contract())
    answer = home.browser.get(f"/orders/{order.number}/receipt.pdf")
    text = text_of(answer)
    for told in ("Receipt R-2026-000001", order.number, "Aurora Ltd", "34,716.98", "2,083.02", "CN¥36,800.00",
                 "Tax number 91110000600037341L", "VAT, 6%", "TEST"):  # fmt: skip
        assert told in text, told
    assert answer.headers["Content-Disposition"] == "attachment; filename=R-2026-000001.pdf"


def test_the_receipt_is_tagged_and_names_its_language(home: Home) -> None:
    order = home.pay(home.contract())
    answer = home.browser.get(f"/orders/{order.number}/receipt.pdf")
    read = PdfReader(BytesIO(answer.data))
    root: Any = read.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is not None
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "en-GB"
    assert read.metadata is not None
    assert read.metadata.title == "Receipt R-2026-000001"
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert home.browser.get(f"/orders/{order.number}/receipt.pdf").data == answer.data


def test_names_are_words_never_markup_and_chinese_can_be_read_out(home: Home) -> None:
    with transaction() as db:
        db.execute(update(Company).values(name=NASTY))
        db.execute(update(Person).values(language="zh"))
    text = text_of(home.browser.get(home.quote(home.contract()) + "/quote.pdf"))
    assert "".join(NASTY.split()) in "".join(text.split())
    assert "报价" in text
    assert "¥36,800.00" in text


@pytest.mark.parametrize("what", ["receipt.pdf", "quote.pdf"])
def test_strangers_find_nothing(home: Home, what: str) -> None:
    order = home.pay(home.contract())
    address = f"/orders/{order.number}/{what}" if what == "receipt.pdf" else f"/quotes/{order.quote_id}/{what}"
    assert home.browser.get(address).status_code == 200
    with transaction() as db:
        other = factories.member(db, factories.company(db, name="Other"), email="other@else.example")
    stranger = Browser(home.app)
    factories.sign_in(stranger, other)
    assert stranger.get(address).status_code == 404
    assert home.browser.get(f"/orders/RNW-0000-000000/{what}").status_code == 404


def test_a_quote_says_what_became_of_it(home: Home) -> None:
    contract = home.contract()
    quote = home.quote(contract)
    assert "Accepted" not in text_of(home.browser.get(f"{quote}/quote.pdf"))
    order = home.place(contract)
    address = f"/quotes/{order.quote_id}/quote.pdf"
    assert f"Accepted with order {order.number}." in text_of(home.browser.get(address))
    home.gateway.pay(home.gateway.newest.id)
    home.browser.get(f"/orders/{order.number}/return")
    text = text_of(home.browser.get(address))
    assert f"Accepted with order {order.number}." in text
    assert "contract changed" not in text.lower()


def test_an_order_closed_unpaid_leaves_a_quote_that_no_longer_holds(home: Home) -> None:
    order = home.place(home.contract())
    with transaction() as db:
        row = db.get_one(Order, order.id)
        row.state = OrderState.EXPIRED
    text = text_of(home.browser.get(f"/quotes/{order.quote_id}/quote.pdf"))
    assert "Accepted" not in text
    assert "Work out today's price" in " ".join(text.split())


@pytest.mark.parametrize("role", [StaffRole.CS, StaffRole.FINANCE])
def test_staff_have_the_customers_papers(home: Home, role: StaffRole) -> None:
    order = home.pay(home.contract())
    with transaction() as db:
        staff = factories.staff(db, role)
    desk = home.browse(staff)
    for there, here, page in (
        (f"orders/{order.number}/receipt.pdf", f"/orders/{order.number}/receipt.pdf", f"orders/{order.number}"),
        (f"quotes/{order.quote_id}/quote.pdf", f"/quotes/{order.quote_id}/quote.pdf", f"quotes/{order.quote_id}"),
    ):
        answer = desk.get(f"/desk/{there}")
        assert text_of(answer)
        assert answer.data == home.browser.get(here).data
        assert f"/desk/{there}" in desk.get(f"/desk/{page}").text
        assert home.browser.get(f"/desk/{there}").status_code in {403, 404}
    assert f"/desk/orders/{order.number}/receipt.pdf" in desk.get(f"/desk/orders/{order.number}/receipt").text
    assert desk.get("/desk/orders/RNW-0000-000000/receipt.pdf").status_code == 404
    assert desk.get("/desk/quotes/none/quote.pdf").status_code == 404


def test_staff_without_prices_have_no_papers(home: Home) -> None:
    order = home.pay(home.contract())
    with transaction() as db:
        staff = factories.staff(db, StaffRole.DATA)
    desk = home.browse(staff)
    assert desk.get(f"/desk/orders/{order.number}/receipt.pdf").status_code == 403
    assert desk.get(f"/desk/quotes/{order.quote_id}/quote.pdf").status_code == 403


@pytest.mark.parametrize(("language", "title"), [("en", "We could not make this PDF"), ("zh", "无法生成这份 PDF")])
def test_what_cannot_be_set_is_told_and_the_page_is_offered(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str, title: str
) -> None:
    order = home.pay(home.contract())
    broken = tmp_path / "paper.typ"
    broken.write_text("#panic()")
    monkeypatch.setattr(paper, "TEMPLATE", broken)
    with transaction() as db:
        db.execute(update(Person).values(language=language))
    answer = home.browser.get(f"/orders/{order.number}/receipt.pdf")
    assert answer.status_code == 500
    assert title in answer.text
    assert f'href="/orders/{order.number}/receipt"' in answer.text
    assert "Content-Disposition" not in answer.headers


def test_nothing_in_the_database_waits_while_pages_are_set(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    order = home.pay(home.contract())
    whole, open_then = typst.compile, []

    def watched(*args: Any, **options: Any) -> Any:
        open_then.append(reader().in_transaction())
        return whole(*args, **options)

    monkeypatch.setattr(typst, "compile", watched)
    text_of(home.browser.get(f"/orders/{order.number}/receipt.pdf"))
    text_of(home.browser.get(f"/quotes/{order.quote_id}/quote.pdf"))
    assert open_then == [False, False]
