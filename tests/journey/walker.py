"""A person with a real browser: walks through pages, looks at each of them, presses what is there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.journey.live import OWNER, PASSWORD, Live
from tests.told import ENABLE, browser

PHONE, DESKTOP = 360, 1280
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


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

    def tab_to(self, selector: str) -> None:
        """Reach it by the Tab key alone."""
        for _ in range(60):
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{selector} cannot be reached by Tab on {self.page.url}")

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
        if message.type in {"error", "warning"} and page.url.startswith(made.ours):
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


def sign_out(walker: Walker) -> None:
    """On a phone the button is in the menu."""
    menu = walker.page.locator(".menu summary")
    if menu.is_visible():
        menu.click()
    walker.press("sign-out")
