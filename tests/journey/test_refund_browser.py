"""Money that goes back, in a real browser: asked for by CS, agreed to by two of finance, told to the customer."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask_security.utils import hash_password
from pypdf import PdfReader

from portal.accounts.models import StaffRole
from portal.kit.db import transaction
from tests import factories
from tests.journey.live import FINANCE, PASSWORD, STAFF, Live
from tests.journey.walker import DESKTOP, PHONE, Walker, sign_in

pytestmark = pytest.mark.browser

SECOND = "second@portal.example"
WAYS = pytest.mark.parametrize(
    "walker",
    [("zh-CN", PHONE, "dark"), ("en-US", DESKTOP, "light")],
    indirect=True,
    ids=["zh-phone-dark", "en-desktop-light"],
)


@pytest.fixture
def second(live: Live) -> str:
    """Another person of finance, for the second yes."""
    with live.app.app_context(), transaction() as db:
        factories.staff(db, StaffRole.FINANCE, email=SECOND, password=hash_password(PASSWORD))
    return SECOND


def change(walker: Walker, email: str) -> None:
    """Somebody else sits down at this browser."""
    walker.page.context.clear_cookies()
    sign_in(walker, email)


@WAYS
def test_a_refund(walker: Walker, live: Live, second: str) -> None:
    page, base = walker.page, live.base
    customer = live.signed_in()
    customer.go(f"/contracts/{live.number}/renew").submit("get-quote", term_months="12")
    customer.submit("accept-quote").submit("pay", outcome="succeed")
    order = live.wait_for_state("paid")

    sign_in(walker, STAFF)
    page.goto(f"{base}/desk/orders/{order.number}/refund")
    walker.look()
    page.fill('[name="amount"]', "50000")
    page.fill('[name="reason"]', "Two seats too many")
    walker.press("request-refund")
    walker.look()
    assert page.locator("[aria-invalid=true], .field-error").count() > 0  # more than came
    walker.console.clear()  # the browser notes the 422 that we asked for
    page.fill('[name="amount"]', "1234.50")
    walker.press("request-refund")
    walker.look()

    change(walker, FINANCE)
    page.goto(f"{base}/finance/refunds")
    walker.look()
    walker.press("approve-refund")
    walker.look()
    assert page.locator('[data-fact="refund-amount"]').first.get_attribute("data-minor") == "123450"
    walker.press("approve-refund")
    assert live.orders()[-1].state == "paid"
    change(walker, second)
    page.goto(f"{base}/finance/refunds")
    walker.look()
    walker.press("approve-refund")
    walker.press("approve-refund")
    live.wait_for_state("partly_refunded")
    for path in ("/finance/refunds", "/finance/exceptions", "/finance/limits", f"/desk/orders/{order.number}"):
        page.goto(base + path)
        walker.look()

    change(walker, "owner@aurora.example")
    page.goto(f"{base}/orders/{order.number}")
    walker.look()
    assert "1,234.50" in page.inner_text("main")
    page.goto(f"{base}/documents")
    walker.look()
    walker.tab_to('[data-row^="credit-note:"] [data-action="download"]')
    with page.expect_download() as waiting:
        page.keyboard.press("Enter")
    paper = PdfReader(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    assert "1,234.50" in " ".join(each.extract_text() for each in paper.pages)
    page.goto(f"{base}/documents/statement")
    walker.look()
    assert walker.console == []
    assert live.breaks() == []
