"""Ways to sign in, in a real browser: a passkey from Chromium's virtual authenticator, an app, a mailed code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page

from portal.accounts.factors import rules
from portal.kit import clock
from tests.journey.live import OWNER, PASSWORD, Live
from tests.journey.walker import DESKTOP, PHONE, Walker, sign_in, sign_out
from tests.portal.accounts.factors import moves

pytestmark = pytest.mark.browser

WALKERS = pytest.mark.parametrize(
    "walker",
    [("en-US", DESKTOP, "light"), ("zh-CN", PHONE, "dark")],
    indirect=True,
    ids=["en-desktop", "zh-phone"],
)


@contextmanager
def authenticator(page: Page) -> Iterator[None]:
    """A device with a fingerprint reader that always knows its owner."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield
    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": made["authenticatorId"]})
    session.detach()


def named(walker: Walker, live: Live) -> str:
    """The portal by its name: browsers make no passkeys for a number."""
    walker.ours = live.base.replace("127.0.0.1", "localhost")
    return walker.ours


@WALKERS
def test_a_passkey_is_made_and_signs_in(walker: Walker, live: Live) -> None:
    page, home = walker.page, named(walker, live)
    with authenticator(page):
        sign_in(walker)
        page.goto(home + "/account/security")
        walker.look()
        page.fill('[name="name"]', "工作电脑")
        walker.press("add-passkey")
        page.wait_for_selector(".codes")
        walker.look()
        walker.press("kept-codes")
        assert "工作电脑" in page.inner_text("main")
        walker.look()
        sign_out(walker)
        page.goto(home + "/sign-in")
        walker.look()
        walker.press("sign-in-passkey")
        page.wait_for_url(home + "/contracts")
        # With a password the passkey is the second step.
        sign_out(walker)
        page.goto(home + "/sign-in")
        page.fill('[name="email"]', OWNER)
        page.fill('[name="password"]', PASSWORD)
        walker.press("sign-in")
        page.wait_for_url("**/sign-in/second*")
        walker.look()
        walker.press("second-passkey")
        page.wait_for_url(home + "/contracts")
    assert walker.console == []


@WALKERS
def test_no_passkey_at_hand_is_said_and_the_rest_works(walker: Walker, live: Live) -> None:
    page, home = walker.page, named(walker, live)
    with authenticator(page):
        page.goto(home + "/sign-in")
        walker.press("sign-in-passkey")
        page.wait_for_selector("[data-passkey-failed]:visible")
        walker.look()
        page.fill('[name="email"]', OWNER)
        page.fill('[name="password"]', PASSWORD)
        walker.press("sign-in")
        page.wait_for_url(home + "/contracts")


@WALKERS
def test_an_app_is_added_and_asked_for(walker: Walker, live: Live) -> None:
    page = walker.page
    sign_in(walker)
    page.goto(live.base + "/account/app")
    walker.look()
    secret = moves.app_secret_in(page.content())
    page.fill('[name="code"]', rules.app_code(secret, rules.app_step(clock.now())))
    walker.press("add-app")
    codes = page.locator(".codes li").all_inner_texts()
    assert len(codes) == 10
    sign_out(walker)
    sign_in(walker)
    page.wait_for_url("**/sign-in/second*")
    walker.look()
    page.fill('[name="code"]', codes[0])
    walker.press("second-step")
    page.wait_for_url(live.base + "/contracts")
    assert walker.console == []


@WALKERS
def test_a_mailed_code_signs_in(walker: Walker, live: Live) -> None:
    page = walker.page
    page.goto(live.base + "/sign-in")
    walker.press("sign-in-code")
    walker.look()
    page.fill('[name="email"]', OWNER)
    walker.press("ask-code")
    walker.look()
    page.fill('[name="code"]', live.mailed_code())
    walker.press("type-code")
    page.wait_for_url(live.base + "/contracts")
    assert walker.console == []
