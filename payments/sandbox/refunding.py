"""Refunds: at once for cards, later for wallets, and some fail after all."""

from __future__ import annotations

from stripe import Refund

from payments.sandbox import fees
from payments.sandbox.envelope import ApiError, wrong_state
from payments.sandbox.events import emit
from payments.sandbox.objects import make, new_id
from payments.sandbox.store import Json
from payments.sandbox.work import Work

DAY = 86_400
# How long a wallet takes its refunds; cards have no such limit here.
LIMITS = {"alipay": 90 * DAY, "wechat_pay": 180 * DAY}


def refund(work: Work, charge: Json, params: Json) -> Json:
    """Give back `params["amount"]` of a charge, or all that is left. Raises ApiError."""
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = params.get("amount", left)
    _check(work, charge, amount, left)
    method = charge["payment_method_details"]["type"]
    made = make(
        Refund,
        id=new_id("re" if method == "card" else "pyr"),
        amount=amount,
        charge=charge["id"],
        created=work.now,
        currency=charge["currency"],
        metadata=params.get("metadata", {}),
        payment_intent=charge["payment_intent"],
        reason=params.get("reason"),
        status="succeeded" if method == "card" else "pending",
    )
    kind = "refund" if method == "card" else "payment_refund"
    made["balance_transaction"] = fees.move(work, made, -amount, 0, kind=kind, category="refund")
    work.rows.add(made)
    _count(work, charge, amount)
    emit(work, "refund.created", made)
    emit(work, "charge.refunded", charge)
    if made["status"] == "pending":
        work.rows.task(work.now + work.settings.settle_seconds, "finish_refund", made["id"])
    return made


def _check(work: Work, charge: Json, amount: int, left: int) -> None:
    if not charge["captured"]:
        raise wrong_state(f"Charge {charge['id']} has not been captured.")
    if left <= 0:
        raise wrong_state(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if charge["disputed"]:
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise wrong_state(message, code="charge_disputed")
    if amount <= 0:
        raise ApiError("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        shown = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise wrong_state(shown, param="amount")
    limit = LIMITS.get(charge["payment_method_details"]["type"])
    if limit is not None and work.now - charge["created"] > limit:
        raise wrong_state("This payment is too old to be refunded.", code="charge_expired_for_capture")


def _count(work: Work, charge: Json, amount: int) -> None:
    """What of the charge went back, in all."""
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] >= charge["amount_captured"]
    work.rows.save(charge)


def finish(work: Work, made: Json, *, succeeds: bool) -> Json:
    """What became of a refund; even one that was called done may come back. Raises ApiError."""
    if made["status"] not in ("pending", "succeeded"):
        raise wrong_state(f"This refund has a status of {made['status']}.")
    if succeeds:
        made["status"] = "succeeded"
        work.rows.save(made)
        emit(work, "refund.updated", made)
        return made
    charge = work.need("charge", made["charge"], "charge")
    back = fees.move(work, made, made["amount"], 0, kind="refund_failure", category="refund_failure")
    made |= {"status": "failed", "failure_reason": "unknown", "failure_balance_transaction": back}
    work.rows.save(made)
    _count(work, charge, -made["amount"])
    emit(work, "refund.failed", made)
    return made
