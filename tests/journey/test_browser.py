"""The renewal in a real browser: both languages, phone and desktop, axe clean everywhere, a silent console."""

from __future__ import annotations

import pytest

from tests.journey.conftest import OWNER, PASSWORD, STAFF, Live
from tests.journey.walker import DESKTOP, PHONE, Walker, chromium, sign_in, tab_to, walker

__all__ = ["chromium", "walker"]
pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    "walker",
    [
        ("en-US", DESKTOP, "light"),
        ("zh-CN", PHONE, "dark"),
        ("en-US", PHONE, "light"),
        ("zh-CN", DESKTOP, "dark"),
    ],
    indirect=True,
    ids=["en-desktop-light", "zh-phone-dark", "en-phone-light", "zh-desktop-dark"],
)
def test_renewal(walker: Walker, live: Live) -> None:
    sign_in(walker)
    walker.look()
    walker.page.goto(f"{live.base}/contracts/{live.number}")
    walker.look()
    walker.press("renew")
    walker.look()
    walker.page.check('[name="term_months"][value="24"]')
    walker.press("get-quote")
    walker.look()
    total = walker.page.locator('[data-fact="quote-total"]').first.get_attribute("data-minor")
    assert total == "3680000"  # 20 seats × CN¥1,000.00 × 2 years, −8 %
    walker.press("accept-quote")
    assert walker.page.url.startswith(live.provider)
    walker.page.fill('[name="card_number"]', "4000 0000 0000 0002")
    walker.press("pay")
    assert walker.page.url.startswith(live.provider)  # declined: the page stays and says why
    walker.page.fill('[name="card_number"]', "4242 4242 4242 4242")
    walker.press("pay")
    walker.page.wait_for_url(f"{live.base}/orders/*")
    assert walker.fact("order-state") == "paid"
    walker.look()
    walker.page.check('[name="score"][value="5"]', force=True)
    walker.press("answer-survey")
    walker.look()
    order = live.wait_for_state("paid")
    walker.page.goto(f"{live.base}/orders/{order.number}/receipt")
    walker.look()
    assert walker.fact("receipt-number") in walker.page.inner_text("main")
    for path in ("/documents", "/contracts", "/account", "/team", "/support"):
        walker.page.goto(live.base + path)
        walker.look()
    assert walker.console == []
    assert live.breaks() == []


@pytest.mark.parametrize("walker", [("en-US", DESKTOP, "light")], indirect=True)
def test_by_keyboard_alone(walker: Walker, live: Live) -> None:
    """Tab and Enter reach everything from sign-in to Stripe's page, and focus can be seen."""
    page = walker.page
    page.goto(live.base + "/sign-in")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"  # the skip link comes first
    tab_to(page, '[name="email"]')
    page.keyboard.type(OWNER)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/contracts")
    tab_to(page, '[data-action="renew"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/renew")
    tab_to(page, '[name="term_months"]')
    page.keyboard.press("ArrowDown")
    tab_to(page, '[data-action="get-quote"]')
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    page.wait_for_url("**/quotes/*")
    tab_to(page, '[data-action="accept-quote"]')
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live.provider}/**")


@pytest.mark.parametrize(
    "walker",
    [("zh-CN", PHONE, "light"), ("en-US", DESKTOP, "dark")],
    indirect=True,
    ids=["zh-phone", "en-desktop"],
)
def test_desk_pages(walker: Walker, live: Live) -> None:
    customer = live.signed_in()
    customer.go(f"/contracts/{live.number}/renew").submit("get-quote", term_months="12")
    customer.submit("accept-quote")
    customer.submit("pay", outcome="succeed")
    order = live.wait_for_state("paid")
    sign_in(walker, STAFF)
    for path in (
        "/desk/orders",
        f"/desk/orders/{order.number}",
        "/desk/contracts",
        f"/desk/contracts/{live.number}",
        "/desk/companies",
        "/finance/payments",
    ):
        walker.page.goto(live.base + path)
        assert walker.page.url == live.base + path
        walker.look()
    assert walker.console == []
