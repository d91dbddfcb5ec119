"""Receipt and quote as PDF: read back as a reader's program reads them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import update
from werkzeug.test import TestResponse

from portal.accounts.models import Company, Person
from portal.kit.db import transaction
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
    reader = PdfReader(BytesIO(answer.data))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is not None
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "en-GB"
    assert reader.metadata is not None
    assert reader.metadata.title == "Receipt R-2026-000001"
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
