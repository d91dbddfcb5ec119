"""Cards that are saved, and charges while their owner is not there."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.payments.sandbox.support import Payer, order

V1 = Any


@pytest.fixture
def v1(client: stripe.StripeClient) -> V1:
    return client.v1


@pytest.fixture
def customer(v1: V1) -> str:
    return str(v1.customers.create({"name": "Aurora", "email": "pay@aurora.example"}).id)


def saved(v1: V1, payer: Payer, customer: str, card: str = "4242424242424242", **wish: Any) -> str:
    """The method that a payment page saved."""
    wish = wish or {"payment_intent_data": {"setup_future_usage": "off_session"}}
    session = v1.checkout.sessions.create(order(customer=customer, **wish))
    payer.post(session.url, card_number=card)
    if card.endswith("3155"):
        payer.post(f"{session.url}/3ds", answer="approve")
    (method,) = v1.customers.payment_methods.list(customer).data
    return str(method.id)


def charged(v1: V1, customer: str, method: str, **more: Any) -> Any:
    wish = {"amount": 50_000, "currency": "cny", "customer": customer, "payment_method": method, "confirm": True}
    return v1.payment_intents.create({**wish, "off_session": True, **more})


def kinds(v1: V1) -> list[str]:
    """The events, oldest first."""
    return [event.type for event in reversed(v1.events.list({"limit": 100}).data)]


def test_a_payment_page_saves_a_card_only_when_it_was_asked_to(v1: V1, payer: Payer, customer: str) -> None:
    plain = v1.checkout.sessions.create(order(customer=customer))
    payer.post(plain.url, outcome="succeed")
    assert v1.payment_methods.list({"customer": customer}).data == []
    method = saved(v1, payer, customer)
    assert [found.id for found in v1.payment_methods.list({"customer": customer, "type": "card"}).data] == [method]
    assert "payment_method.attached" in kinds(v1)
    intent = charged(v1, customer, method, metadata={"order": "RNW-1"})
    assert (intent.status, intent.amount_received, intent.metadata["order"]) == ("succeeded", 50_000, "RNW-1")
    charge = v1.charges.retrieve(intent.latest_charge)
    assert (charge.paid, charge.payment_method, charge.customer) == (True, method, customer)


def test_for_cards_alone_wallets_stay_on_offer_and_for_all_methods_they_go(
    v1: V1, payer: Payer, customer: str
) -> None:
    for_cards: Any = {"payment_method_options": {"card": {"setup_future_usage": "off_session"}}}
    assert "alipay" in v1.checkout.sessions.create(order(customer=customer, **for_cards)).payment_method_types
    for_all = {"payment_intent_data": {"setup_future_usage": "off_session"}}
    assert v1.checkout.sessions.create(order(customer=customer, **for_all)).payment_method_types == ["card"]
    assert saved(v1, payer, customer, **for_cards)


def test_a_bank_that_wants_the_owner_refuses_while_they_are_away(v1: V1, payer: Payer, customer: str) -> None:
    method = saved(v1, payer, customer, "4000002500003155")
    with pytest.raises(stripe.CardError) as refused:
        charged(v1, customer, method)
    error = refused.value
    assert (error.http_status, error.code) == (402, "authentication_required")
    left = v1.payment_intents.retrieve(error.error.payment_intent.id)  # type: ignore[union-attr]
    assert (left.status, left.last_payment_error.code) == ("requires_payment_method", "authentication_required")
    assert kinds(v1)[-2:] == ["charge.failed", "payment_intent.payment_failed"]
    asked = charged(v1, customer, method, off_session=False)
    assert (asked.status, asked.next_action.type) == ("requires_action", "use_stripe_sdk")
    assert v1.payment_intents.cancel(asked.id).status == "canceled"


def test_a_card_that_is_declined_once_saved(v1: V1, payer: Payer, customer: str) -> None:
    method = saved(v1, payer, customer, "4000000000000341")
    with pytest.raises(stripe.CardError) as refused:
        charged(v1, customer, method)
    assert (refused.value.code, refused.value.error.decline_code) == (  # type: ignore[union-attr]
        "card_declined", "generic_decline",
    )  # fmt: skip


def test_a_refusal_is_replayed_under_its_key(v1: V1, client: stripe.StripeClient, customer: str) -> None:
    wish: Any = {"amount": 500, "currency": "usd", "payment_method": "pm_card_chargeDeclined", "confirm": True}
    for _twice in range(2):
        with pytest.raises(stripe.CardError):
            client.v1.payment_intents.create(wish, {"idempotency_key": "k"})
    assert len(v1.payment_intents.list().data) == 1


def test_an_intent_is_confirmed_in_a_second_step(v1: V1, customer: str) -> None:
    empty = v1.payment_intents.create({"amount": 500, "currency": "usd", "customer": customer})
    assert empty.status == "requires_payment_method"
    with pytest.raises(stripe.InvalidRequestError, match="no payment method"):
        v1.payment_intents.confirm(empty.id)
    ready = v1.payment_intents.create({"amount": 500, "currency": "usd", "payment_method": "pm_card_visa"})
    assert ready.status == "requires_confirmation"
    assert v1.payment_intents.confirm(ready.id).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as again:
        v1.payment_intents.confirm(ready.id)
    assert again.value.code == "payment_intent_unexpected_state"
    wish = {"payment_method": "pm_card_createDispute"}
    assert v1.payment_intents.confirm(empty.id, wish).status == "succeeded"


def test_whose_card_it_is_counts(v1: V1, payer: Payer, customer: str) -> None:
    method = saved(v1, payer, customer)
    stranger = str(v1.customers.create({"name": "Borealis"}).id)
    with pytest.raises(stripe.InvalidRequestError, match="does not belong"):
        charged(v1, stranger, method)
    assert v1.payment_methods.detach(method).customer is None
    assert kinds(v1)[-1] == "payment_method.detached"
    with pytest.raises(stripe.InvalidRequestError, match="not attached"):
        v1.payment_methods.detach(method)
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        charged(v1, customer, method)


def test_a_card_is_saved_without_a_payment(v1: V1, customer: str) -> None:
    wish = {"customer": customer, "payment_method": "pm_card_visa", "confirm": True}
    setup = v1.setup_intents.create(wish)
    assert (setup.status, setup.usage) == ("succeeded", "off_session")
    assert v1.setup_intents.retrieve(setup.id).status == "succeeded"
    assert kinds(v1)[-2:] == ["payment_method.attached", "setup_intent.succeeded"]
    assert charged(v1, customer, setup.payment_method).status == "succeeded"
    assert v1.payment_methods.retrieve(setup.payment_method).customer == customer
    waits = v1.setup_intents.create({"customer": customer})
    assert waits.status == "requires_payment_method"
    assert v1.setup_intents.create({"payment_method": "pm_card_visa", "confirm": True}).status == "succeeded"
    asked = v1.setup_intents.create(wish | {"payment_method": "pm_card_authenticationRequired"})
    assert asked.status == "requires_action"
    with pytest.raises(stripe.CardError) as refused:
        v1.setup_intents.create(wish | {"payment_method": "pm_card_chargeDeclined"})
    assert refused.value.code == "card_declined"
    with pytest.raises(stripe.InvalidRequestError, match="no payment method"):
        v1.setup_intents.create({"confirm": True})


def test_a_method_is_attached_by_hand(v1: V1, customer: str) -> None:
    attached = v1.payment_methods.attach("pm_card_visa", {"customer": customer})
    assert attached.customer == customer
    assert v1.payment_methods.attach(attached.id, {"customer": customer}).id == attached.id
    assert kinds(v1).count("payment_method.attached") == 1


@pytest.mark.parametrize(
    ("wish", "param"),
    [
        ({"amount": 0, "currency": "usd"}, None),
        ({"amount": 100_000_000, "currency": "usd"}, None),
        ({"amount": 500, "currency": "xxx"}, "currency"),
        ({"amount": 12_345, "currency": "kwd"}, "amount"),
        ({"amount": 500, "currency": "usd", "off_session": True}, "off_session"),
        ({"amount": 500, "currency": "usd", "customer": "cus_none"}, "customer"),
        ({"amount": 500, "currency": "usd", "transfer_group": "x"}, "transfer_group"),
    ],
)
def test_intents_that_cannot_be(v1: V1, wish: Any, param: str | None) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.payment_intents.create(wish)
    assert refused.value.param == param


def test_what_is_not_built_says_so(v1: V1, customer: str) -> None:
    ready = v1.payment_intents.create({"amount": 500, "currency": "usd", "payment_method": "pm_card_visa"})
    with pytest.raises(stripe.InvalidRequestError) as unbuilt:
        v1.payment_intents.confirm(ready.id, {"receipt_email": "a@b.example"})
    assert unbuilt.value.code == "sandbox_unsupported"
    with pytest.raises(stripe.InvalidRequestError) as unbuilt:
        v1.setup_intents.create({"single_use": {"amount": 5, "currency": "usd"}})
    assert unbuilt.value.code == "sandbox_unsupported"
    with pytest.raises(stripe.InvalidRequestError) as missing:
        v1.payment_methods.attach("pm_card_visa", {})
    assert missing.value.param == "customer"


def test_an_intent_of_an_open_page_is_the_pages(v1: V1, payer: Payer, customer: str) -> None:
    session = v1.checkout.sessions.create(order(customer=customer))
    payer.post(session.url, outcome="decline")
    intent = payer.again(session).payment_intent
    with pytest.raises(stripe.InvalidRequestError, match="open Checkout Session"):
        v1.payment_intents.confirm(intent, {"payment_method": "pm_card_visa"})
