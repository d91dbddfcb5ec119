"""The life of a payment page: the only place where sessions change state.

    open session --attempt--> paid                      (succeed)
                 --attempt--> open, intent wants another method   (a refusal)
                 --attempt--> open, intent requires_action --answer--> paid or open   (3-D Secure, wallets)
                 --attempt--> complete but unpaid --settle--> paid or failed   (delayed methods)
                 --expire---> expired, intent canceled

Objects are first brought to their final state, then told as events, each with its own snapshot.
"""

from __future__ import annotations

from stripe import Customer, PaymentIntent

from payments.sandbox import charging, methods, saved
from payments.sandbox.envelope import wrong_state
from payments.sandbox.events import emit
from payments.sandbox.methods import Outcome
from payments.sandbox.objects import make, new_id
from payments.sandbox.store import Json
from payments.sandbox.work import Work

CANCELLABLE = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})
PENDING = {
    Outcome.PENDING_THEN_SUCCEED: "settle",
    Outcome.PENDING_THEN_FAIL: "settle_failing",
    Outcome.PENDING_FOR_A_DAY: "settle",
}
DAY = 86_400


def attempt(work: Work, session: Json, method: str, card: str, outcome: Outcome) -> None:
    """The customer presses pay on an open session. `card` is its number, whatever the method."""
    intent = _intent(work, session)
    used = work.rows.add(methods.payment_method(method, card, work.now))
    # Of a card number only the end is kept, as at Stripe; it is enough to tell the test cards apart.
    intent |= {"payment_method": used["id"], "last_payment_error": None, "next_action": None}
    if outcome is Outcome.SUCCEED:
        _succeed(work, session, intent, method, card)
    elif outcome is Outcome.REQUIRES_3DS:
        _ask(work, session, intent)
    elif outcome in PENDING:
        seconds = DAY if outcome is Outcome.PENDING_FOR_A_DAY else work.settings.settle_seconds
        _pend(work, session, intent, method, card, PENDING[outcome], seconds)
    else:
        refusal = methods.refusal(outcome, method)
        charge = charging.charge(work, intent, session["customer_details"], method, card)
        charging.fail(work, intent, used, refusal, charge)


def answer(work: Work, session: Json, approved: bool) -> None:
    """The bank's page came back. Nothing happens unless the intent waits for it."""
    intent = work.rows.find("payment_intent", session["payment_intent"] or "")
    if session["status"] != "open" or not intent or intent["status"] != "requires_action":
        return
    used = work.need("payment_method", intent["payment_method"], "PaymentMethod")
    intent |= {"next_action": None}
    if approved:
        last4 = (used.get("card") or {}).get("last4", "")
        _succeed(work, session, intent, used["type"], last4)
    else:
        charging.fail(work, intent, used, methods.NOT_AUTHENTICATED, None)


def settle(work: Work, session: Json, succeeds: bool) -> None:
    """A delayed method's money arrives, or does not."""
    intent = work.need("payment_intent", session["payment_intent"], "payment_intent")
    if intent["status"] != "processing":
        return
    used = work.need("payment_method", intent["payment_method"], "PaymentMethod")
    charge = work.need("charge", intent["latest_charge"], "charge")
    if not succeeds:
        charging.fail(work, intent, used, methods.NOT_SETTLED, charge)
        emit(work, "checkout.session.async_payment_failed", session)
        return
    charging.collect(work, intent, charge, used["type"])
    session |= {"payment_status": "paid"}
    work.rows.save(session)
    charging.tell(work, intent, charge)
    emit(work, "checkout.session.async_payment_succeeded", session)


def expire(work: Work, session: Json) -> Json:
    """Close an open session. Raises ApiError when it is open no more."""
    if session["status"] != "open":
        message = (
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a '
            f"status of `{session['status']}`."
        )
        raise wrong_state(message)
    session |= {"status": "expired", "url": None}
    work.rows.save(session)
    intent = work.rows.find("payment_intent", session["payment_intent"] or "")
    if intent and intent["status"] in CANCELLABLE:
        cancel(work, intent, None)
    emit(work, "checkout.session.expired", session)
    return session


def cancel(work: Work, intent: Json, reason: str | None) -> Json:
    """Raises ApiError when the intent can be cancelled no more."""
    if intent["status"] not in CANCELLABLE:
        message = (
            "You cannot cancel this PaymentIntent because it has a status of "
            f"{intent['status']}. Only a PaymentIntent with one of the following statuses may be canceled: "
            "requires_payment_method, requires_capture, requires_confirmation, requires_action, processing."
        )
        raise wrong_state(message, code="payment_intent_unexpected_state", payment_intent=intent)
    intent |= {
        "status": "canceled",
        "canceled_at": work.now,
        "cancellation_reason": reason,
        "next_action": None,
    }
    work.rows.save(intent)
    emit(work, "payment_intent.canceled", intent)
    return intent


def _intent(work: Work, session: Json) -> Json:
    """The session's intent; Stripe makes it at the first try, not with the session."""
    if session["payment_intent"]:
        return work.need("payment_intent", session["payment_intent"], "payment_intent")
    wishes = (work.rows.find("wishes", f"wishes:{session['id']}") or {}).get("payment_intent_data", {})
    id_ = new_id("pi")
    intent = make(
        PaymentIntent,
        id=id_,
        amount=session["amount_total"],
        capture_method="automatic_async",
        client_secret=f"{id_}_secret_{new_id('x')[2:]}",
        confirmation_method="automatic",
        created=work.now,
        currency=session["currency"],
        customer=session["customer"],
        description=wishes.get("description"),
        metadata=wishes.get("metadata", {}),
        payment_method_types=session["payment_method_types"],
        receipt_email=wishes.get("receipt_email"),
        setup_future_usage=wishes.get("setup_future_usage"),
        statement_descriptor=wishes.get("statement_descriptor"),
        statement_descriptor_suffix=wishes.get("statement_descriptor_suffix"),
        status="requires_payment_method",
    )
    work.rows.add(intent)
    session |= {"payment_intent": id_}
    work.rows.save(session)
    emit(work, "payment_intent.created", intent)
    return intent


def _succeed(work: Work, session: Json, intent: Json, method: str, card: str) -> None:
    charge = charging.charge(work, intent, session["customer_details"], method, card)
    charging.collect(work, intent, charge, method)
    _complete(work, session, "paid")
    charging.tell(work, intent, charge)
    saved.after_payment(work, intent)
    emit(work, "checkout.session.completed", session)


def _ask(work: Work, session: Json, intent: Json) -> None:
    redirect = {"url": f"{session['url']}/3ds", "return_url": session["url"]}
    action = {"type": "redirect_to_url", "redirect_to_url": redirect}
    intent |= {"status": "requires_action", "next_action": action}
    work.rows.save(intent)
    emit(work, "payment_intent.requires_action", intent)


def _pend(work: Work, session: Json, intent: Json, method: str, card: str, task: str, seconds: float) -> None:
    charge = charging.charge(work, intent, session["customer_details"], method, card)
    intent |= {"status": "processing", "latest_charge": charge["id"]}
    work.rows.save(intent)
    _complete(work, session, "unpaid")
    work.rows.task(work.now + seconds, task, session["id"])
    emit(work, "payment_intent.processing", intent)
    emit(work, "checkout.session.completed", session)


def _complete(work: Work, session: Json, payment_status: str) -> None:
    if session["customer_creation"] == "always" and not session["customer"]:
        person = session["customer_details"] or {}
        customer = make(Customer, id=new_id("cus", 14), created=work.now, email=person.get("email"))
        session["customer"] = work.rows.add(customer)["id"]
        emit(work, "customer.created", customer)
    session |= {"status": "complete", "payment_status": payment_status, "url": None}
    work.rows.save(session)
