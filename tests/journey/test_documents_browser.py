"""Papers in a real browser, by keyboard alone: a paid order's receipt as PDF, the documents, the statement of
account, and the calendar file."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from icalendar import Calendar
from pypdf import PdfReader

from tests.journey.live import Live
from tests.journey.walker import DESKTOP, PHONE, Walker, sign_in

pytestmark = pytest.mark.browser


def downloaded(walker: Walker, selector: str) -> bytes:
    """Reach a link by Tab, press Enter, take the file."""
    walker.tab_to(selector)
    with walker.page.expect_download() as waiting:
        walker.page.keyboard.press("Enter")
    return Path(waiting.value.path()).read_bytes()


def words_of(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize(
    "walker",
    [("en-US", DESKTOP, "light"), ("zh-CN", PHONE, "dark")],
    indirect=True,
    ids=["en-desktop-light", "zh-phone-dark"],
)
def test_papers_of_a_renewal(walker: Walker, live: Live) -> None:
    customer = live.signed_in()
    customer.go(f"/contracts/{live.number}/renew").submit("get-quote", term_months="12")
    customer.submit("accept-quote")
    customer.submit("pay", outcome="succeed")
    order = live.wait_for_state("paid")
    page = walker.page
    sign_in(walker)
    page.goto(f"{live.base}/orders/{order.number}")
    walker.look()
    receipt = words_of(downloaded(walker, '[data-action="download-receipt"]'))
    assert "20,000.00" in receipt
    assert "极光科技" in receipt
    page.goto(f"{live.base}/orders/{order.number}")
    event = Calendar.from_ical(downloaded(walker, '[data-action="calendar"]'))
    assert live.number in str(event.walk("VEVENT")[0]["SUMMARY"])

    page.goto(f"{live.base}/documents")
    walker.look()
    assert page.locator("[data-row]").count() == 2
    walker.tab_to('[data-action="statement"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/documents/statement*")
    walker.look()
    closing = page.locator('[data-fact="closing"]').get_attribute("data-minor")
    assert closing == "0"
    statement = words_of(downloaded(walker, '[data-action="statement-pdf"]'))
    assert order.number in statement
    assert "20,000.00" in statement
    assert walker.console == []
