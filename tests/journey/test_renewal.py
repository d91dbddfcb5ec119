"""A customer renews, over plain HTTP: from the contract's page to Stripe's in three screens, then receipt and
survey; with webhooks lost, doubled, late; on both databases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.emulator import Emulator
from tests.journey.live import FINANCE, STAFF, Live, live_portal
from tests.journey.surfer import Surfer


def walk_to_provider(surfer: Surfer, number: str, months: str = "24") -> int:
    """From the contract's page to the provider's; returns how many screens of ours it took."""
    surfer.go(f"/contracts/{number}")
    before = len(surfer.screens)
    surfer.follow("renew")
    surfer.submit("get-quote", term_months=months)
    assert surfer.fact("quote-total", "data-minor")
    surfer.submit("accept-quote")
    return len(surfer.screens) - before


def renewed(live: Live, months: int) -> None:
    """One payment, one extension, a balanced ledger."""
    contract = live.contract()
    ordered = [term for term in contract.terms if term.order_number]
    assert len(ordered) == 1
    assert ordered[0].months == months
    assert ordered[0].starts_on == contract.terms[0].ends_on + timedelta(days=1)
    assert live.breaks() == []


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_renew_pay_receipt_survey(live: Live, language: str) -> None:
    surfer = live.surfer(language)
    surfer.sign_in("owner@aurora.example", "renewal-demo-2026")
    assert "/contracts" in surfer.url
    assert walk_to_provider(surfer, live.number) <= 3
    assert surfer.url.startswith(live.provider)
    surfer.submit("pay", outcome="succeed")
    assert surfer.url.startswith(live.base)
    assert surfer.fact("order-state") == "paid"
    assert surfer.fact("receipt-number").startswith("R-")
    surfer.submit("answer-survey", score="4")
    assert surfer.status == 200
    renewed(live, 24)

    number = surfer.fact("order-number")
    desk = live.signed_in(STAFF)
    desk.go(f"/desk/orders/{number}")
    assert desk.fact("order-state") == "paid"
    assert "evt_" in desk.text
    money = live.signed_in(FINANCE)
    money.go("/finance/payments")
    assert number in money.text


def test_lost_webhooks_are_made_up_for(live: Live) -> None:
    assert live.sandbox
    live.sandbox.modes(drop=True)
    surfer = live.signed_in()
    walk_to_provider(surfer, live.number, "12")
    # The browser dies at the worst moment: paid, and never back at our page.
    form = surfer.form("pay")
    surfer.http.post(surfer.url, data=form.values | {"outcome": "succeed"}, allow_redirects=False, timeout=20)
    assert live.orders()[0].state == "awaiting_payment"  # nobody told us yet
    live.sweep_now()
    live.wait_for_state("paid")
    renewed(live, 12)


def test_doubled_and_disordered_webhooks_pay_once(live: Live) -> None:
    assert live.sandbox
    live.sandbox.modes(duplicate=3, reorder=True)
    surfer = live.signed_in()
    walk_to_provider(surfer, live.number, "12")
    surfer.submit("pay", outcome="decline")
    surfer.submit("pay", outcome="succeed")
    live.wait_for_state("paid")
    renewed(live, 12)


def test_delayed_method_is_not_paid_until_the_money_is_there(live: Live) -> None:
    surfer = live.signed_in()
    walk_to_provider(surfer, live.number, "12")
    surfer.submit("pay", outcome="pending_then_succeed")
    assert surfer.fact("order-state") in {"processing", "paid"}
    live.wait_for_state("paid")
    renewed(live, 12)


def test_a_delayed_payment_that_fails_leaves_the_order_payable(live: Live) -> None:
    surfer = live.signed_in()
    walk_to_provider(surfer, live.number, "12")
    surfer.submit("pay", outcome="pending_then_fail")
    order = live.wait_for_state("awaiting_payment")
    surfer.go(f"/orders/{order.number}")
    surfer.submit("pay")
    surfer.submit("pay", outcome="succeed")
    assert surfer.fact("order-state") == "paid"
    renewed(live, 12)


def test_two_tabs_and_a_reload_make_one_payment(live: Live) -> None:
    first, second = live.signed_in(), live.signed_in()
    walk_to_provider(first, live.number, "12")
    second.go(f"/contracts/{live.number}/renew")
    second.go(f"/orders/{live.orders()[0].number}")
    second.submit("pay")
    assert second.url == first.url  # the same page at the provider
    first.submit("pay", outcome="succeed")
    second.go(second.url)
    assert len(live.orders()) == 1
    renewed(live, 12)


def test_leaving_the_providers_page_keeps_order_and_price(live: Live) -> None:
    surfer = live.signed_in()
    walk_to_provider(surfer, live.number, "12")
    surfer.follow("cancel-at-provider")
    assert surfer.url.startswith(live.base)
    assert surfer.fact("order-state") == "awaiting_payment"
    surfer.submit("pay")
    surfer.submit("pay", outcome="succeed")
    renewed(live, 12)


def test_stripe_down_keeps_the_order_payable(live: Live) -> None:
    assert live.sandbox
    surfer = live.signed_in()
    live.sandbox.misbehave({"status": 500, "path_prefix": "/v1/", "count": 50})
    walk_to_provider(surfer, live.number, "12")
    assert surfer.url.startswith(live.base)
    assert surfer.fact("order-state") == "awaiting_payment"
    live.sandbox.misbehave()
    surfer.submit("pay")
    surfer.submit("pay", outcome="succeed")
    assert surfer.fact("order-state") == "paid"
    renewed(live, 12)


def test_another_emulator_does_as_well(database_url: str, tmp_path: Path) -> None:
    """Other ids, no control addresses, another page: nothing of the portal hangs on our sandbox."""
    with live_portal(database_url, tmp_path, emulator=Emulator()) as live:
        surfer = live.signed_in()
        walk_to_provider(surfer, live.number, "36")
        assert "/ses-" in surfer.url
        surfer.send(surfer.page.forms[0], karte="4242424242424242")
        assert surfer.fact("order-state") == "paid"
        live.wait_for_state("paid")
        renewed(live, 36)
