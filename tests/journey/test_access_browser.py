"""The pages of accounts, companies, access and the audit trail in a real browser: axe finds nothing, no script and
no style is refused, and staff look at the portal as a customer and come back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.accounts.models import CompanyRole, Membership, StaffRole
from portal.kit import clock
from portal.kit.db import transaction
from portal.orders import actions as orders
from portal.pricing import actions as pricing
from tests import factories
from tests.journey.live import OWNER, STAFF, Live
from tests.journey.walker import DESKTOP, PHONE, Walker, sign_in, sign_out

ADMIN = "admin@portal.example"
LOOKS = pytest.mark.parametrize(
    "walker",
    [("zh-CN", PHONE, "dark"), ("en-US", DESKTOP, "light")],
    indirect=True,
    ids=["zh-phone", "en-desktop"],
)
pytestmark = pytest.mark.browser


def add_admin(live: Live) -> None:
    with live.app.app_context(), transaction() as db:
        known = db.scalars(select(Membership)).one().person
        factories.staff(db, StaffRole.ADMIN, ADMIN, password=known.password)


def walk(walker: Walker, live: Live, *paths: str) -> None:
    for path in paths:
        answer = walker.page.goto(live.base + path)
        assert answer is not None
        assert (answer.status, walker.page.url) == (200, live.base + path)
        walker.look()


def asked_to_agree(live: Live) -> str:
    """A renewal that waits for somebody's yes; its page."""
    with live.app.app_context(), transaction() as db:
        place = db.scalars(select(Membership)).one()
        asker = factories.member(db, place.company, CompanyRole.RENEWER)
        contract = factories.contract(db, place.company)
        at = clock.now()
        quote = pricing.seal(db, contract, 12, None, f"person:{asker.id}", at)
        orders.ask_approval(db, quote, f"person:{asker.id}", asker.email, None, "2026-01", at)
        return f"/quotes/{quote.id}"


def complaints(walker: Walker) -> list[str]:
    """What the browser said, but that a form was refused, which the pages themselves say."""
    return [line for line in walker.console if not line.startswith("Failed to load resource")]


@LOOKS
def test_what_a_customers_owner_has(walker: Walker, live: Live) -> None:
    quote = asked_to_agree(live)
    sign_in(walker, OWNER)
    company = live.contract().company_id
    walk(
        walker, live, "/team", f"/team/{company}/leave", "/team/approval", "/account", "/account/data",
        "/account/security", quote, "/privacy",
    )  # fmt: skip
    assert complaints(walker) == []


@LOOKS
def test_what_an_administrator_has(walker: Walker, live: Live) -> None:
    add_admin(live)
    sign_in(walker, ADMIN)
    walk(walker, live, "/desk/access", "/desk/cover", "/desk/audit", "/desk/people")
    walker.page.fill("[name=email]", OWNER)
    walker.press("find-person")
    walker.look()
    walker.page.fill('[data-action="erase-person"] [name=email]', "somebody@else.example")
    walker.press("erase-person")
    walker.look()
    assert complaints(walker) == []


@LOOKS
def test_looking_as_a_customer(walker: Walker, live: Live) -> None:
    sign_in(walker, STAFF)
    walk(walker, live, f"/desk/companies/{live.contract().company_id}", "/desk/cover")
    walker.page.goto(f"{live.base}/desk/companies/{live.contract().company_id}")
    walker.page.click('[data-action="ask-view"]')
    walker.look()
    walker.press("view-as")
    walker.look()  # nothing was chosen
    walker.page.check("input[name=reason] >> nth=0")
    walker.press("view-as")
    assert walker.page.url == f"{live.base}/contracts"
    walk(walker, live, "/contracts", f"/contracts/{live.number}", f"/contracts/{live.number}/renew", "/team")
    walker.page.goto(f"{live.base}/contracts/{live.number}/renew")
    walker.press("get-quote")
    assert "403" in walker.page.inner_text("main")
    walker.look()
    walker.press("end-view")
    assert walker.page.url == f"{live.base}/desk/companies/{live.contract().company_id}"
    sign_out(walker)
    assert complaints(walker) == []
