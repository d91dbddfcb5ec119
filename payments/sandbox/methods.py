"""How a customer may pay and how a try can end: methods, test cards, outcomes, reasons for a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from stripe import Charge, PaymentMethod

from payments.sandbox.objects import make, new_id
from payments.sandbox.store import Json

ALIPAY = frozenset({"cny", "aud", "cad", "eur", "gbp", "hkd", "jpy", "sgd", "myr", "nzd", "usd"})
WECHAT_PAY = frozenset({"cny", "aud", "cad", "eur", "gbp", "hkd", "jpy", "sgd", "usd", "dkk", "nok", "sek", "chf"})


class Outcome(StrEnum):
    """The form field `outcome`."""

    SUCCEED = "succeed"
    DECLINE = "decline"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    EXPIRED_CARD = "expired_card"
    REQUIRES_3DS = "requires_3ds"
    PENDING_THEN_SUCCEED = "pending_then_succeed"
    PENDING_THEN_FAIL = "pending_then_fail"
    PENDING_FOR_A_DAY = "pending_for_a_day"


CARDS = {
    "4242424242424242": Outcome.SUCCEED,
    "4000000000000002": Outcome.DECLINE,
    "4000000000009995": Outcome.INSUFFICIENT_FUNDS,
    "4000000000000069": Outcome.EXPIRED_CARD,
    "4000002760003184": Outcome.REQUIRES_3DS,
    "4000002500003155": Outcome.REQUIRES_3DS,  # and again whenever its owner is not there
    "4000000000000341": Outcome.SUCCEED,  # can be saved, and is declined from then on
    "4000000000000259": Outcome.SUCCEED,  # and contested at once
    "4000000000005423": Outcome.SUCCEED,  # and a warning of fraud comes
}
BY_END = {number[-4:]: outcome for number, outcome in CARDS.items()}
# What a charge of these cards brings afterwards.
LATER_TASKS = {"0259": "contest", "5423": "warn"}
DECLINED_ONCE_SAVED = "0341"
# Names that stand for a card's method, as Stripe's own test names do.
TOKENS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_createDispute": "4000000000000259",
}


@dataclass(frozen=True)
class Refusal:
    """Why a try failed, in the words of `last_payment_error`."""

    code: str
    message: str
    decline_code: str | None = None
    type: str = "card_error"


REFUSALS = {
    Outcome.DECLINE: Refusal("card_declined", "Your card was declined.", "generic_decline"),
    Outcome.INSUFFICIENT_FUNDS: Refusal(
        "card_declined", "Your card has insufficient funds.", "insufficient_funds"
    ),
    Outcome.EXPIRED_CARD: Refusal("expired_card", "Your card has expired.", "expired_card"),
}
NOT_AUTHENTICATED = Refusal(
    "payment_intent_authentication_failure",
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
    type="invalid_request_error",
)
# What an owner who is not there cannot answer.
AUTHENTICATION_REQUIRED = Refusal(
    "authentication_required", "Your card was declined. This transaction requires authentication.",
    "authentication_required",
)  # fmt: skip
NOT_SETTLED = Refusal("payment_intent_payment_attempt_failed", "The payment failed.", type="invalid_request_error")
WALLET_REFUSED = Refusal(
    "payment_method_provider_decline",
    "The payment was declined by the provider.",
    type="invalid_request_error",
)


def refusal(outcome: Outcome, method: str) -> Refusal:
    return REFUSALS[outcome] if method == "card" else WALLET_REFUSED


def offered(
    currency: str, allowed: list[str] | None = None, excluded: list[str] | None = None, reusable: bool = False
) -> list[str]:
    """The methods for a session, as Stripe's dynamic methods would choose them: a wrong name in `allowed` is
    filtered silently, and where the method shall be used again (`reusable`), wallets are."""
    methods = ["card"]
    if currency in ALIPAY and not reusable:
        methods.append("alipay")
    if currency in WECHAT_PAY and not reusable:
        methods.append("wechat_pay")
    return [m for m in methods if (not allowed or m in allowed) and m not in (excluded or [])]


def payment_method(method: str, card: str, now: int) -> Json:
    """A method that belongs to nobody; only one that is saved gets a customer."""
    body = make(PaymentMethod, id=new_id("pm"), created=now, type=method)
    # Every kind of method is a field of its own; only the one that was used is sent.
    body = {name: value for name, value in body.items() if value is not None or name == "customer"}
    facts = _card(PaymentMethod.Card, card) if method == "card" else {}
    return {**body, "customer": None, "metadata": {}, method: facts}


def details(method: str, card: str) -> Json:
    """A charge's `payment_method_details`."""
    if method == "card":
        return {"type": "card", "card": _card(Charge.PaymentMethodDetails.Card, card)}
    kind = Charge.PaymentMethodDetails.Alipay if method == "alipay" else Charge.PaymentMethodDetails.WechatPay
    return {"type": method, method: make(kind, transaction_id=new_id("wallet"))}


def _card(kind: type[PaymentMethod.Card] | type[Charge.PaymentMethodDetails.Card], number: str) -> Json:
    return make(kind, brand="visa", country="US", exp_month=12, exp_year=2034, funding="credit", last4=number[-4:])
