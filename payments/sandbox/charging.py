"""A charge: made, collected, told, or refused. Whoever drives it (the payment page, a saved card) stands above."""

from __future__ import annotations

from dataclasses import asdict

from stripe import Charge

from payments.sandbox import fees, methods, payouts
from payments.sandbox.events import emit
from payments.sandbox.methods import Refusal
from payments.sandbox.objects import make, new_id
from payments.sandbox.store import Json
from payments.sandbox.work import Work


def charge(work: Work, intent: Json, person: Json | None, method: str, card: str) -> Json:
    """A pending charge of the intent's amount. `person` is who pays: an e-mail and a name, as far as known."""
    billing = make(Charge.BillingDetails, email=(person or {}).get("email"), name=(person or {}).get("name"))
    return work.rows.add(
        make(
            Charge,
            id=new_id("ch" if method == "card" else "py"),
            amount=intent["amount"],
            billing_details=billing,
            created=work.now,
            currency=intent["currency"],
            customer=intent["customer"],
            description=intent["description"],
            metadata=dict(intent["metadata"]),
            payment_intent=intent["id"],
            payment_method=intent["payment_method"],
            payment_method_details=methods.details(method, card),
            receipt_email=intent["receipt_email"],
            status="pending",
        )
    )


def collect(work: Work, intent: Json, charge: Json, method: str) -> None:
    """The money is ours. Its balance transaction may lag behind (`money.settings`)."""
    charge |= {"amount_captured": charge["amount"], "captured": True, "paid": True, "status": "succeeded"}
    charge |= {"outcome": _approval()}
    lag = work.rows.setting("balance_lag", 0)
    if lag:
        work.rows.task(work.now + lag, "book", charge["id"])
    else:
        charge["balance_transaction"] = fees.book(work, charge, method)
    work.rows.save(charge)
    intent |= {"status": "succeeded", "amount_received": intent["amount"], "latest_charge": charge["id"]}
    work.rows.save(intent)


def book(work: Work, charge: Json) -> None:
    """The balance transaction that lagged behind."""
    charge["balance_transaction"] = fees.book(work, charge, charge["payment_method_details"]["type"])
    work.rows.save(charge)
    emit(work, "charge.updated", charge)


def tell(work: Work, intent: Json, charge: Json) -> None:
    """The events of a collected charge, and what its test card brings later."""
    payouts.begin(work)
    emit(work, "charge.succeeded", charge)
    emit(work, "payment_intent.succeeded", intent)
    last4 = (charge["payment_method_details"].get("card") or {}).get("last4")
    if last4 in methods.LATER_TASKS:
        work.rows.task(work.now, methods.LATER_TASKS[last4], charge["id"])


def fail(work: Work, intent: Json, used: Json, refusal: Refusal, charge: Json | None) -> Json:
    """The charge, if there was one, and the intent's try failed; gives the error as the intent tells it."""
    error = {name: value for name, value in asdict(refusal).items() if value is not None}
    error |= {"payment_method": used, "payment_method_type": used["type"]}
    if charge:
        error["charge"] = charge["id"]
        outcome = make(
            Charge.Outcome,
            network_status="declined_by_network",
            reason=refusal.decline_code,
            risk_level="normal",
            seller_message=refusal.message,
            type="issuer_declined",
        )
        charge |= {"failure_code": refusal.code, "failure_message": refusal.message}
        charge |= {"status": "failed", "outcome": outcome}
        work.rows.save(charge)
        intent |= {"latest_charge": charge["id"]}
    # Stripe takes the refused method off again, so that the next try brings its own.
    intent |= {"status": "requires_payment_method", "payment_method": None, "last_payment_error": error}
    work.rows.save(intent)
    if charge:
        emit(work, "charge.failed", charge)
    emit(work, "payment_intent.payment_failed", intent)
    return error


def _approval() -> Json:
    return make(
        Charge.Outcome,
        network_status="approved_by_network",
        risk_level="normal",
        seller_message="Payment complete.",
        type="authorized",
    )
