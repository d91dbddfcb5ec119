"""The total is one figure from one row: offer, quote, quote PDF, order, Stripe's page and session, receipt and its
PDF, mails, desk, finance and, once it went back, the credit note all say the same. A new price that is published
meanwhile changes nothing of what was held."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
import requests
from pypdf import PdfReader
from sqlalchemy import select

from payments.ledger import queries as ledger
from payments.money import Money
from portal.checkout import flows
from portal.documents.models import CreditNote
from portal.kit import clock
from portal.kit.db import reading, transaction
from portal.kit.mail import Mail
from portal.pricing import actions as pricing
from portal.pricing.rules import PromotionKind
from tests import factories
from tests.fakes.waiting import eventually
from tests.journey.live import FINANCE, STAFF, Live
from tests.journey.surfer import Surfer

# 21 seats × CN¥1,000.00 × 2 years, −8 %, −3.33 %: each step rounded half-up.
TOTAL = Money(3_735_329, "CNY")
FIGURE = "37,353.29"


def offer(live: Live) -> None:
    """An offer that makes an uneven price."""
    with live.app.app_context(), transaction() as db:
        factories.promotion(
            db, kind=PromotionKind.EARLY, names={"en": "Early", "zh_Hans_CN": "早续"}, basis_points=333, least=1,
            valid_from=date(2026, 1, 1),
        )  # fmt: skip


def dearer(live: Live) -> None:
    """From today everybody pays more; what is held stays."""
    with live.app.app_context(), transaction() as db:
        today = clock.day(clock.now(), "Asia/Shanghai")
        pricing.add_price(
            db, product_code="insight", currency="CNY", unit_minor=150_000, valid_from=today, book="dearer",
            instead=True, by="person:1", at=clock.now(),
        )  # fmt: skip


def given_back(live: Live, order: str) -> str:
    """Two people send everything back; the number of the credit note."""
    with live.app.app_context():
        with reading() as db:
            source = next(e.source for e in ledger.for_subject(db, f"order:{order}") if "stripe:ch" in e.source)
        refund_id = flows.request_refund(source, TOTAL, "because", "person:901")
        flows.agree(refund_id, "person:902")
        flows.agree(refund_id, "person:903")
    live.wait_for_state("refunded")
    with live.app.app_context(), reading() as db:
        return db.scalars(select(CreditNote.number)).one()


def shown(surfer: Surfer, path: str, fact: str = "quote-total") -> int:
    surfer.go(path)
    return int(surfer.fact(fact, "data-minor"))


def pdf(surfer: Surfer, path: str) -> str:
    answer = surfer.http.get(surfer.base + path, timeout=20)
    assert answer.headers["Content-Type"] == "application/pdf"
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)


def at_the_provider(live: Live) -> list[tuple[int, str]]:
    """Amount and currency of every session and charge, by the provider's own API."""
    found = []
    for kind, name in (("checkout/sessions", "amount_total"), ("charges", "amount")):
        answer = requests.get(f"{live.provider}/v1/{kind}", auth=("sk_test_portal", ""), timeout=20).json()
        found += [(each[name], each["currency"]) for each in answer["data"]]
    return found


def mails(live: Live, order: str) -> list[str]:
    """The texts of the mails about the order; the receipt's among them."""
    with live.app.app_context(), reading() as db:
        texts = [mail.text for mail in db.scalars(select(Mail)) if order in mail.text]
    return texts if any("R-20" in text for text in texts) else []


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_place_says_the_same(live: Live, language: str) -> None:
    offer(live)
    customer = live.signed_in(language=language)
    renew = f"/contracts/{live.number}/renew?term_months=24&seats=21"
    assert shown(customer, renew) == TOTAL.minor
    customer.submit("get-quote")
    quote = customer.fact("quote-id")
    assert int(customer.fact("quote-total", "data-minor")) == TOTAL.minor
    assert FIGURE in pdf(customer, f"/quotes/{quote}/quote.pdf")
    dearer(live)
    assert shown(customer, f"/quotes/{quote}") == TOTAL.minor
    customer.submit("accept-quote")
    assert FIGURE in customer.text  # Stripe's page
    customer.submit("pay", outcome="succeed")
    order = customer.fact("order-number")
    live.wait_for_state("paid")
    assert at_the_provider(live) == [(TOTAL.minor, "cny")] * 2

    assert FIGURE in customer.go(f"/orders/{order}").text
    assert FIGURE in customer.go(f"/orders/{order}/receipt").text
    assert FIGURE in pdf(customer, f"/orders/{order}/receipt.pdf")
    for text in eventually(lambda: mails(live, order), 20):
        figures = re.findall(r"\d{1,3}(?:,\d{3})*\.\d{2}", text)
        assert set(figures) >= {FIGURE}, text
        assert "R-20" not in text or "−3,360.00" in text  # the steps stand in the mail too

    desk, money = live.signed_in(STAFF), live.signed_in(FINANCE)
    for staff, path in ((desk, f"/desk/orders/{order}"), (desk, f"/desk/quotes/{quote}")):
        assert FIGURE in staff.go(path).text
    assert FIGURE in desk.go("/desk/orders").text
    assert FIGURE in money.go("/finance/payments").text
    [row] = live.orders()
    assert row.total == TOTAL
    note = given_back(live, order)
    assert FIGURE in pdf(customer, f"/orders/{order}/credit-notes/{note}.pdf")
    assert live.breaks() == []
