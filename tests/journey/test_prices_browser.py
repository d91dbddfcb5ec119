"""The price desk in a real browser, by keyboard alone: one person drafts a segment's price and an offer and sees
whom they concern, another publishes them, and the customer reads them on the offer page."""

from __future__ import annotations

import pytest
from flask_security.utils import hash_password

from portal.accounts.models import StaffRole
from portal.kit import clock
from portal.kit.db import transaction
from tests import factories
from tests.journey.live import FINANCE, PASSWORD, Live
from tests.journey.walker import DESKTOP, PHONE, Walker, sign_in

pytestmark = pytest.mark.browser

SALES = "sales2@portal.example"


@pytest.fixture
def sales(live: Live) -> str:
    """Somebody of sales, who drafts."""
    with live.app.app_context(), transaction() as db:
        factories.staff(db, StaffRole.SALES, email=SALES, password=hash_password(PASSWORD))
    return SALES


def write(walker: Walker, name: str, text: str) -> None:
    walker.tab_to(f'[name="{name}"]')
    walker.page.keyboard.press("Control+A")
    walker.page.keyboard.type(text)


def choose(walker: Walker, name: str, presses: int) -> None:
    """Move down in a select or a group of radios."""
    walker.tab_to(f'[name="{name}"]')
    for _ in range(presses):
        walker.page.keyboard.press("ArrowDown")


def press(walker: Walker, selector: str, then: str) -> None:
    walker.tab_to(selector)
    walker.page.keyboard.press("Enter")
    walker.page.wait_for_selector(then)
    walker.look()


def change(walker: Walker, email: str) -> None:
    """Somebody else sits down at this browser."""
    walker.page.context.clear_cookies()
    sign_in(walker, email)


def draft_price(walker: Walker, live: Live) -> str:
    """A segment's price from today, tried on the contracts; the address of the version."""
    page = walker.page
    page.goto(live.base + "/desk/prices")
    walker.look()
    press(walker, '[data-action="new-version"]', '[data-action="save-version"]')
    write(walker, "valid_from", clock.day(clock.now(), "Asia/Shanghai").isoformat())  # the form begins tomorrow
    press(walker, '[data-action="save-version"] [type="submit"]', '[data-action="add-price"]')
    page.select_option('[name="product"]', "insight")
    choose(walker, "whom", 1)
    page.select_option('[name="segment"]', "standard")
    write(walker, "unit_price", "950.00")
    press(walker, '[data-action="add-price"] [type="submit"]', '[data-row^="version-row:"]')
    press(walker, '[data-action="try-version"] [type="submit"]', "#live")
    page.wait_for_selector('[data-fact="affected"]', timeout=20_000)
    walker.look()
    return page.url


def draft_offer(walker: Walker, live: Live) -> str:
    page = walker.page
    page.goto(live.base + "/desk/offers/new")
    walker.look()
    write(walker, "least", "10")
    write(walker, "percent", "3")
    write(walker, "name_en", "Early bird")
    write(walker, "name_zh", "早续优惠")
    press(walker, '[data-action="see-affected"]', "#reach")
    press(walker, '[name="do"][value="save"]', '[data-action="discard-offer"]')
    return page.url


@pytest.mark.parametrize(
    "walker",
    [("en-US", DESKTOP, "light"), ("zh-CN", PHONE, "dark")],
    indirect=True,
    ids=["en-desktop-light", "zh-phone-dark"],
)
def test_a_price_and_an_offer_reach_the_customer(walker: Walker, live: Live, sales: str) -> None:
    page = walker.page
    sign_in(walker, sales)
    version, offer = draft_price(walker, live), draft_offer(walker, live)
    change(walker, FINANCE)
    page.goto(version)
    walker.look()
    press(walker, '[data-action="publish-version"] [type="submit"]', '[data-value="published"]')
    page.goto(offer)
    walker.look()
    press(walker, '[data-action="publish-offer"] [type="submit"]', '[data-action="end"]')
    page.goto(live.base + "/desk/offers")
    walker.look()
    page.goto(live.base + "/desk/versions")
    walker.look()
    page.context.clear_cookies()
    sign_in(walker)
    page.goto(f"{live.base}/contracts/{live.number}/renew?term_months=24&seats=20")
    walker.look()
    total = page.locator('[data-fact="quote-total"]').first.get_attribute("data-minor")
    assert total == "3391120"  # 20 × 950.00 × 2 years, −8 %, −3 %
    steps = page.inner_text(".why")
    assert "950.00" in steps
    assert any(name in steps for name in ("Early bird", "早续优惠"))
    assert walker.console == []
