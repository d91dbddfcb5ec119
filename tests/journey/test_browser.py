"""The renewal in a real browser: both languages, phone and desktop, axe clean everywhere, a silent console."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.journey.conftest import OWNER, PASSWORD, STAFF, Live
from tests.told import ENABLE, browser

PHONE, DESKTOP = 360, 1280
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = browser()
    if path is None:
        if os.environ.get("TEST_REQUIRE_ALL"):
            pytest.fail(f"no Chromium, and everything is required here: {ENABLE}")
        pytest.skip(f"no Chromium; to enable the browser journeys: {ENABLE}")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield running
        running.close()


@dataclass
class Walker:
    """A page, and what was wrong with those it has seen."""

    page: Page
    ours: str
    looked: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)

    def look(self) -> None:
        """Check the page on screen: axe, sideways scroll."""
        self.looked.append(self.page.url)
        result = Axe().run(self.page)
        assert result.violations_count == 0, f"{self.page.url}\n{result.generate_report()}"
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.page.url} scrolls sideways by {wide} px"

    def press(self, action: str) -> None:
        """Click the control with this data-action: the element itself, or the button of its form."""
        control = self.page.locator(f'[data-action="{action}"]').first
        if control.evaluate("element => element.tagName") == "FORM":
            control = control.locator("button").last
        control.click()
        self.page.wait_for_load_state()

    def fact(self, name: str) -> str:
        found = self.page.locator(f'[data-fact="{name}"]').first
        return found.get_attribute("data-value") or found.get_attribute("datetime") or found.inner_text()


@pytest.fixture
def walker(request: pytest.FixtureRequest, chromium: Browser, live: Live) -> Iterator[Walker]:
    language, width, scheme = request.param
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, locale=language, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    made = Walker(page, live.base)

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and page.url.startswith(live.base):
            made.console.append(message.text)

    page.on("console", note)
    yield made
    context.close()


def sign_in(walker: Walker, email: str = OWNER) -> None:
    walker.page.goto(walker.ours + "/sign-in")
    walker.look()
    walker.page.fill('[name="email"]', email)
    walker.page.fill('[name="password"]', PASSWORD)
    walker.press("sign-in")


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
    _tab_to(page, '[name="email"]')
    page.keyboard.type(OWNER)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/contracts")
    _tab_to(page, '[data-action="renew"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/renew")
    _tab_to(page, '[name="term_months"]')
    page.keyboard.press("ArrowDown")
    _tab_to(page, '[data-action="get-quote"]')
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    page.wait_for_url("**/quotes/*")
    _tab_to(page, '[data-action="accept-quote"]')
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live.provider}/**")


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(60):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by Tab on {page.url}")


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
