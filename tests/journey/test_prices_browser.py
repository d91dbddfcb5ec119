"""The price desk in a real browser, by keyboard alone: a segment's price and an offer, which the customer then
reads on the offer page."""

from __future__ import annotations

import pytest

from portal.kit import clock
from tests.journey.live import FINANCE, Live
from tests.journey.walker import DESKTOP, PHONE, Walker, sign_in

pytestmark = pytest.mark.browser


def write(walker: Walker, name: str, text: str) -> None:
    walker.tab_to(f'[name="{name}"]')
    walker.page.keyboard.press("Control+A")
    walker.page.keyboard.type(text)


def choose(walker: Walker, name: str, presses: int) -> None:
    """Move down in a select or a group of radios."""
    walker.tab_to(f'[name="{name}"]')
    for _ in range(presses):
        walker.page.keyboard.press("ArrowDown")


def save(walker: Walker) -> None:
    """First see who is affected, then save."""
    page = walker.page
    walker.tab_to('[data-action="see-affected"]')
    page.keyboard.press("Enter")
    page.wait_for_selector("#reach")
    walker.look()
    walker.tab_to('[name="do"][value="save"]')
    page.keyboard.press("Enter")
    page.wait_for_selector('[data-action="end"]')
    walker.look()


@pytest.mark.parametrize(
    "walker",
    [("en-US", DESKTOP, "light"), ("zh-CN", PHONE, "dark")],
    indirect=True,
    ids=["en-desktop-light", "zh-phone-dark"],
)
def test_a_price_and_an_offer_reach_the_customer(walker: Walker, live: Live) -> None:
    page = walker.page
    sign_in(walker, FINANCE)
    page.goto(live.base + "/desk/prices")
    walker.look()
    walker.tab_to('[data-action="new-price"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/prices/new")
    walker.look()
    page.select_option('[name="product"]', "insight")
    choose(walker, "whom", 1)
    page.select_option('[name="segment"]', "standard")
    write(walker, "unit_price", "950.00")
    write(walker, "valid_from", clock.day(clock.now(), "Asia/Shanghai").isoformat())  # the form begins tomorrow
    save(walker)
    page.goto(live.base + "/desk/offers/new")
    walker.look()
    write(walker, "least", "10")
    write(walker, "percent", "3")
    write(walker, "name_en", "Early bird")
    write(walker, "name_zh", "早续优惠")
    save(walker)
    page.goto(live.base + "/desk/offers")
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
