"""Saved cards: a method that belongs to a customer, and what becomes of a charge while its owner is not there."""

from __future__ import annotations

from typing import Any

from payments.sandbox import charging, methods
from payments.sandbox.envelope import Answer, ApiError
from payments.sandbox.events import emit
from payments.sandbox.methods import Outcome, Refusal
from payments.sandbox.store import Json
from payments.sandbox.work import Work


def find(work: Work, id_: str, customer: str | None) -> Json:
    """The method to use for `customer`: one of theirs, a fresh one, or the fresh one that a test name stands for.
    Raises ApiError for a stranger's, and for one that was used and never saved."""
    if id_ in methods.TOKENS:
        return work.rows.add(methods.payment_method("card", methods.TOKENS[id_], work.now))
    used = work.need("payment_method", id_, "PaymentMethod", param="payment_method")
    if used["customer"] not in (None, customer):
        message = f"The PaymentMethod {id_} does not belong to the Customer that was given."
        raise ApiError(message, param="payment_method")
    spent = "json_extract(body, '$.payment_method') = ?"
    if used["customer"] is None and work.rows.select("charge", spent, (id_,)):
        message = f"The PaymentMethod {id_} was used before without being saved; it may not be used again."
        raise ApiError(message, param="payment_method")
    return used


def attach(work: Work, used: Json, customer: str) -> Json:
    """From now on it belongs to `customer`."""
    if used["customer"] != customer:
        used["customer"] = work.need("customer", customer, "customer", param="customer")["id"]
        work.rows.save(used)
        emit(work, "payment_method.attached", used)
    return used


def detach(work: Work, used: Json) -> Json:
    """It belongs to nobody and can never be used again. Raises ApiError when it never did."""
    if used["customer"] is None:
        raise ApiError(
            "The payment method you provided is not attached to a customer so detachment is impossible."
        )
    work.rows.save(used | {"customer": None})
    emit(work, "payment_method.detached", used)
    return used | {"customer": None}


def after_payment(work: Work, intent: Json) -> None:
    """Save the card of a payment that succeeded, if that was asked for."""
    used = work.need("payment_method", intent["payment_method"], "PaymentMethod")
    if intent["setup_future_usage"] and intent["customer"] and used["type"] == "card":
        attach(work, used, intent["customer"])


def refusal_of(used: Json, owner_is_there: bool) -> Refusal | None:
    """Why this card cannot be used now; None when it can. One that wants its owner (`needs_owner`) is not refused
    while they are there."""
    last4 = used["card"]["last4"]
    outcome = methods.BY_END.get(last4, Outcome.SUCCEED)
    if outcome in methods.REFUSALS:
        return methods.REFUSALS[outcome]
    if last4 == methods.DECLINED_ONCE_SAVED and used["customer"]:
        return methods.REFUSALS[Outcome.DECLINE]
    return methods.AUTHENTICATION_REQUIRED if needs_owner(used) and not owner_is_there else None


def needs_owner(used: Json) -> bool:
    return methods.BY_END.get(used["card"]["last4"]) is Outcome.REQUIRES_3DS


def confirm(work: Work, intent: Json, used: Json, owner_is_there: bool) -> Json | Answer:
    """Charge the card. A refusal is an answer, not an exception: what it did to the intent stays."""
    intent |= {"payment_method": used["id"], "last_payment_error": None, "next_action": None}
    why = refusal_of(used, owner_is_there)
    if why is None and needs_owner(used):
        intent |= {"status": "requires_action", "next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": {}}}
        work.rows.save(intent)
        emit(work, "payment_intent.requires_action", intent)
        return intent
    charge = charging.charge(work, intent, None, "card", used["card"]["last4"])
    if why is not None:
        error = charging.fail(work, intent, used, why, charge)
        return refused(error, payment_intent=intent)
    charging.collect(work, intent, charge, "card")
    charging.tell(work, intent, charge)
    after_payment(work, intent)
    return intent


def refused(error: Json, **about: Any) -> Answer:
    """Stripe's answer for a declined card: 402, with what it was about."""
    return Answer(402, {"error": error | about})
