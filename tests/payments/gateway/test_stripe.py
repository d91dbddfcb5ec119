"""The gateway through the real SDK, over HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import stripe

from payments.errors import BrokenAnswer, GatewayRefused, GatewayUnreachable, NotAtProvider
from payments.gateway import stripe_calls as gateways
from payments.gateway.base import CustomerWish, SessionMade, SessionStatus, WishedLine
from payments.gateway.stripe import StripeGateway
from tests.fakes.emulator import Emulator
from tests.payments.gateway.conftest import open_transactions, wish

AURORA = CustomerWish("company:7", "Aurora 极光科技", "lin@aurora.example")


def made_session(gateway: StripeGateway, key: str = "k1", **changes: object) -> SessionMade:
    request = gateway.prepare(wish(gateway.create_customer(AURORA), **changes))  # type: ignore[arg-type]
    return gateway.open_session(request, key)


def press(session: SessionMade, card: str = "4242424242424242") -> None:
    """The customer sends the form of the hosted page."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_args: Any) -> None:
            return None

    assert session.url
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.build_opener(Stay).open(session.url, urlencode({"karte": card}).encode(), timeout=5)
    answer.value.close()
    assert answer.value.code == 303


def test_a_session_asks_for_exactly_the_wish(gateway: StripeGateway, emulator: Emulator) -> None:
    made = made_session(gateway)
    assert made.url == f"{emulator.base}/kasse/{made.session_id}"
    _method, path, sent, key = emulator.asked[-1]
    assert (path, key) == ("/v1/checkout/sessions", "k1")
    assert sent["mode"] == "payment"
    assert sent["ui_mode"] == "hosted_page"
    assert sent["customer"].startswith("kunde-")
    assert sent["client_reference_id"] == "RNW-2026-000001"
    assert sent["metadata"] == sent["payment_intent_data"]["metadata"]
    assert sent["metadata"] == {
        "order": "RNW-2026-000001", "quote": "Q-2026-000001", "attempt": "order:RNW-2026-000001:1",
    }  # fmt: skip
    assert sent["adaptive_pricing"] == {"enabled": "false"}
    assert sent["locale"] == "zh"
    assert "{CHECKOUT_SESSION_ID}" in sent["success_url"]
    first = sent["line_items"]["0"]
    assert (first["quantity"], first["price_data"]["unit_amount"]) == ("1", "3680000")
    assert first["price_data"]["product_data"] == {"name": "Insight 洞察", "description": "20 seats, 24 months"}
    assert gateway.fetch_session(made.session_id).amount_minor == 3_680_090
    assert "payment_method_types" not in sent


def test_the_same_key_and_request_give_the_same_page(gateway: StripeGateway, emulator: Emulator) -> None:
    request = gateway.prepare(wish(gateway.create_customer(AURORA)))
    stored = json.loads(json.dumps(request))  # as the attempt's row gives it back
    assert gateway.open_session(request, "k") == gateway.open_session(stored, "k")
    assert len(emulator.sessions) == 1
    with pytest.raises(GatewayRefused) as refusal:
        gateway.open_session(request | {"locale": "en"}, "k")
    assert refusal.value.facts["code"] == "idempotency_error"


def test_the_same_customer_is_made_once(gateway: StripeGateway, emulator: Emulator) -> None:
    assert gateway.create_customer(AURORA) == gateway.create_customer(AURORA)
    assert len(emulator.customers) == 1
    gateway.create_customer(CustomerWish("company:7", "Aurora", "other@aurora.example"))
    assert len(emulator.customers) == 2


def test_a_failure_that_stripe_repeats_under_its_key_does_not_keep_a_customer_away(
    gateway: StripeGateway, emulator: Emulator
) -> None:
    emulator.headers["Idempotent-Replayed"] = "true"
    emulator.faults += [(500, b'{"error": {"type": "api_error"}}')] * 3  # the SDK's first try and its two others
    assert gateway.create_customer(AURORA).startswith("kunde-")
    ((_method, _path, _params, key),) = emulator.asked
    assert key
    assert key.startswith("customer:company:7:")
    assert key.count(":") == 4  # the key that failed, and something new


def test_a_failure_of_the_moment_is_not_asked_again_under_another_key(
    gateway: StripeGateway, emulator: Emulator
) -> None:
    emulator.faults += [(500, b'{"error": {"type": "api_error"}}')] * 3
    with pytest.raises(GatewayUnreachable):
        gateway.create_customer(AURORA)
    assert emulator.customers == {}


def test_the_truth_from_open_to_paid(gateway: StripeGateway, emulator: Emulator) -> None:
    made = made_session(gateway)
    truth = gateway.fetch_session(made.session_id)
    assert (truth.status, truth.paid, truth.intent_id, truth.method) == (SessionStatus.OPEN, False, None, None)
    assert (truth.reference, truth.quote_id) == ("RNW-2026-000001", "Q-2026-000001")
    assert truth.attempt_key == "order:RNW-2026-000001:1"
    press(made, "4000000000000002")
    truth = gateway.fetch_session(made.session_id)
    assert (truth.status, truth.failure_code) == (SessionStatus.OPEN, "lost_card")
    assert truth.failure_ref == f"{truth.intent_id}:lost_card"
    assert gateway.session_of_intent(str(truth.intent_id)) == made.session_id
    assert gateway.session_of_intent("pi_elsewhere") is None
    press(made)
    truth = gateway.fetch_session(made.session_id)
    assert (truth.status, truth.paid, truth.amount_minor, truth.currency) == (
        SessionStatus.COMPLETE, True, 3_680_090, "CNY",
    )  # fmt: skip
    assert truth.method == "card mastercard 4242"
    assert truth.failure_code is None
    assert truth.payment_id == truth.charge_id
    assert truth.balance is not None
    assert (truth.balance.gross_minor, truth.balance.fee_minor, truth.balance.net_minor) == (
        3_680_090, 31, 3_680_059,
    )  # fmt: skip
    assert truth.balance == gateway.fetch_balance(str(truth.charge_id))


def test_an_expired_page_stays_closed(gateway: StripeGateway) -> None:
    made = made_session(gateway)
    gateway.expire_session(made.session_id)
    assert gateway.fetch_session(made.session_id).status is SessionStatus.EXPIRED
    with pytest.raises(GatewayRefused) as refusal:
        gateway.expire_session(made.session_id)
    assert refusal.value.facts["code"] == "session_not_open"


def test_a_page_is_found_by_its_attempt_on_any_page_of_the_list(gateway: StripeGateway) -> None:
    customer = gateway.create_customer(AURORA)
    wanted = gateway.prepare(wish(customer, attempt_key="wanted"))
    made = gateway.open_session(wanted, "k0")
    for number in range(4):
        gateway.open_session(gateway.prepare(wish(customer, attempt_key=f"other{number}")), f"k{number + 1}")
    assert gateway.find_session(wanted, datetime.now(UTC)) == made.session_id
    assert gateway.find_session(wanted, datetime.now(UTC) + timedelta(hours=3)) is None
    assert gateway.find_session(gateway.prepare(wish(customer, attempt_key="x")), datetime.now(UTC)) is None


def test_unknown_objects(gateway: StripeGateway) -> None:
    with pytest.raises(NotAtProvider):
        gateway.fetch_session("ses-nowhere")
    assert gateway.fetch_balance("c.0") is None
    with pytest.raises(NotAtProvider) as refusal:
        gateway.open_session(gateway.prepare(wish("kunde-nobody")), "k")
    assert refusal.value.facts["param"] == "customer"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ((500, b'{"error": {"type": "api_error"}}'), GatewayUnreachable),
        ((503, b"<html>busy</html>"), GatewayUnreachable),
        ((429, b'{"error": {"code": "rate_limit"}}'), GatewayUnreachable),
        ((409, b'{"error": {"code": "idempotency_key_in_use"}}'), GatewayUnreachable),
        ((200, b"no json"), GatewayUnreachable),
        ((200, b'{"object": "checkout.session", "id": "x"}'), BrokenAnswer),
        ((200, b'{"object": "checkout.session", "id": "x", "status": "new"}'), BrokenAnswer),
        ((200, b"[]"), BrokenAnswer),
        ((401, b'{"error": {"message": "Invalid API Key"}}'), GatewayRefused),
        ((403, b'{"error": {"message": "no permission"}}'), GatewayRefused),
        ((400, b'{"error": {"code": "amount_too_large"}}'), GatewayRefused),
        ((402, b'{"error": {"code": "card_declined"}}'), GatewayRefused),
    ],
)
def test_what_goes_wrong_is_told_in_our_words(
    gateway: StripeGateway, emulator: Emulator, fault: tuple[int, bytes], error: type[Exception]
) -> None:
    emulator.faults += [fault] * 3
    with pytest.raises(error) as raised:
        gateway.fetch_session("ses-1")
    assert type(raised.value) is error


def test_one_bad_answer_is_tried_again_by_the_sdk(gateway: StripeGateway, emulator: Emulator) -> None:
    made = made_session(gateway)
    emulator.faults += [(500, b"{}"), (503, b"{}")]
    assert gateway.fetch_session(made.session_id).status is SessionStatus.OPEN


def test_r7_an_answer_cut_off_after_the_deed_is_asked_for_again_under_the_same_key(
    gateway: StripeGateway, emulator: Emulator
) -> None:
    request = gateway.prepare(wish(gateway.create_customer(AURORA)))
    emulator.faults += [(200, None)] * 3
    with pytest.raises(GatewayUnreachable):
        gateway.open_session(request, "k")
    assert len(emulator.sessions) == 1
    made = gateway.open_session(request, "k")
    assert list(emulator.sessions) == [made.session_id]


def test_a_failure_repeated_under_its_key_is_marked(gateway: StripeGateway, emulator: Emulator) -> None:
    emulator.headers["Idempotent-Replayed"] = "true"
    emulator.faults += [(500, b'{"error": {"type": "api_error"}}')] * 3
    with pytest.raises(GatewayUnreachable) as raised:
        gateway.open_session(gateway.prepare(wish("kunde-1")), "k")
    assert raised.value.facts["replayed"] is True


def test_nobody_home(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", 0.01)
    monkeypatch.setattr("stripe._http_client.HTTPClient.MAX_DELAY", 0.01)
    gateway = StripeGateway("sk_test_x", base="http://127.0.0.1:1", secrets=[], in_transaction=lambda: False)
    with pytest.raises(GatewayUnreachable):
        gateway.fetch_session("cs_1")


def test_inside_a_transaction_nothing_is_asked(gateway: StripeGateway, emulator: Emulator) -> None:
    open_transactions[0] = True
    for call in (
        lambda: gateway.create_customer(AURORA),
        lambda: gateway.open_session({"expires_at": 1}, "k"),
        lambda: gateway.fetch_session("s"),
        lambda: gateway.expire_session("s"),
        lambda: gateway.find_session({"customer": "c", "metadata": {"attempt": "a"}}, datetime.now(UTC)),
        lambda: gateway.session_of_intent("p"),
        lambda: gateway.fetch_balance("c"),
    ):
        with pytest.raises(RuntimeError, match="inside a transaction"):
            call()
    assert emulator.asked == []
    gateway.prepare(wish("kunde-1"))  # no network, so it may


@pytest.mark.parametrize(("minor", "fits"), [(1_000, True), (1_230, True), (1_234, False)])
def test_three_decimal_currencies_are_charged_to_the_second_decimal(
    gateway: StripeGateway, minor: int, fits: bool
) -> None:
    asked = wish("kunde-1", "KWD", lines=(WishedLine("Insight", "", minor),))
    if fits:
        assert gateway.prepare(asked)["line_items"][0]["price_data"]["unit_amount"] == minor
        return
    with pytest.raises(GatewayRefused) as refusal:
        gateway.prepare(asked)
    assert refusal.value.facts == {"code": "amount_not_chargeable", "currency": "KWD", "minor": 1_234}


def test_a_truth_of_the_other_mode_is_refused(gateway: StripeGateway, emulator: Emulator) -> None:
    made = made_session(gateway)
    emulator.sessions[made.session_id]["livemode"] = True
    with pytest.raises(GatewayRefused) as refusal:
        gateway.fetch_session(made.session_id)
    assert refusal.value.facts["code"] == "livemode"


@pytest.mark.parametrize(("key", "live"), [("sk_live_1", True), ("rk_live_1", True), ("sk_test_1", False)])
def test_the_key_says_whether_money_is_real(key: str, live: bool) -> None:
    assert StripeGateway(key, base=None, secrets=[], in_transaction=lambda: False).livemode is live


def test_the_sdk_keeps_to_itself() -> None:
    assert stripe.enable_telemetry is False
    assert sum(gateways.TIMEOUT) <= 10


def test_no_redirect_takes_our_key_elsewhere(gateway: StripeGateway, emulator: Emulator) -> None:
    """Whoever stands where Stripe should and sends us on gets no second request."""
    asked = len(emulator.asked)
    emulator.headers["Location"] = f"{emulator.base}/v1/customers"
    emulator.faults += [(307, b"")] * 3
    with pytest.raises(GatewayUnreachable):
        gateway.create_customer(AURORA)
    assert len(emulator.asked) == asked
