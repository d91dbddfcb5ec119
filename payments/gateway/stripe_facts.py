"""Read Stripe's objects, as plain dictionaries, into our facts. What an object leaves out is taken as unknown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from payments.gateway.base import (
    BalanceFacts,
    DisputeFacts,
    PaymentFacts,
    RefundFacts,
    RefundStatus,
    SessionStatus,
    Truth,
    WarningFacts,
)

Object = dict[str, Any]

REFUND_STATUS: Final = {
    "pending": RefundStatus.PENDING,
    "requires_action": RefundStatus.PENDING,
    "succeeded": RefundStatus.SUCCEEDED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}


def truth_of(session: Object) -> Truth:
    """A Checkout Session with `payment_intent.latest_charge.balance_transaction` expanded. Raises KeyError,
    TypeError or ValueError for what is no such thing."""
    intent, intent_id = _expanded(session.get("payment_intent"))
    charge, charge_id = _expanded(intent.get("latest_charge"))
    asked = int(session["amount_total"])
    # Nothing is "paid" that moved no money.
    paid = session["payment_status"] == "paid" and asked > 0
    received = intent.get("amount_received") if paid else None
    failure_code, failure_ref = (None, None) if paid else _failure(intent, intent_id, charge_id)
    marks = session.get("metadata") or {}
    balance = balance_of(charge.get("balance_transaction"), charge_id) if paid else None
    return Truth(
        session_id=str(session["id"]),
        status=SessionStatus(session["status"]),
        paid=paid,
        amount_minor=int(received or asked),
        currency=str((received and intent.get("currency")) or session["currency"]).upper(),
        reference=session.get("client_reference_id"),
        quote_id=marks.get("quote"),
        attempt_key=marks.get("attempt"),
        livemode=bool(session.get("livemode")),
        url=session.get("url"),
        expires_at=instant(session.get("expires_at")),
        intent_id=intent_id,
        intent_status=intent.get("status"),
        charge_id=charge_id if paid else None,
        method=_method(charge) if paid else None,
        failure_code=failure_code,
        failure_ref=failure_ref,
        balance=balance,
        captured_at=(balance.created_at if balance else instant(charge.get("created"))) if paid else None,
    )


def balance_of(given: Any, charge_id: str | None) -> BalanceFacts | None:
    """An expanded balance transaction of a charge; None while there is none."""
    txn, txn_id = _expanded(given)
    if not txn or not txn_id:
        return None
    return BalanceFacts(
        id=txn_id,
        source_id=charge_id or str(_expanded(txn["source"])[1]),
        type=str(txn["type"]),
        reporting_category=str(txn["reporting_category"]),
        gross_minor=int(txn["amount"]),
        fee_minor=int(txn["fee"]),
        net_minor=int(txn["net"]),
        currency=str(txn["currency"]).upper(),
        created_at=instant(txn["created"]) or datetime.now(UTC),
        available_on=instant(txn["available_on"]) or datetime.now(UTC),
    )


def refund_of(refund: Object) -> RefundFacts:
    """A refund with its balance transactions expanded. Raises as `truth_of`."""
    refund_id = str(refund["id"])
    return RefundFacts(
        id=refund_id,
        charge_id=str(_expanded(refund["charge"])[1]),
        status=REFUND_STATUS[str(refund["status"])],
        amount_minor=int(refund["amount"]),
        currency=str(refund["currency"]).upper(),
        key=(refund.get("metadata") or {}).get("refund"),
        failure_code=refund.get("failure_reason"),
        created_at=_known_instant(refund["created"]),
        balance=balance_of(refund.get("balance_transaction"), refund_id),
        failure_balance=balance_of(refund.get("failure_balance_transaction"), refund_id),
    )


def dispute_of(dispute: Object) -> DisputeFacts:
    """A dispute; its balance transactions come with it. Raises as `truth_of`."""
    dispute_id = str(dispute["id"])
    moved = (balance_of(txn, dispute_id) for txn in dispute.get("balance_transactions") or [])
    return DisputeFacts(
        id=dispute_id,
        charge_id=str(_expanded(dispute["charge"])[1]),
        status=str(dispute["status"]),
        reason=str(dispute["reason"]),
        amount_minor=int(dispute["amount"]),
        currency=str(dispute["currency"]).upper(),
        created_at=_known_instant(dispute["created"]),
        evidence_due_at=instant((dispute.get("evidence_details") or {}).get("due_by")),
        movements=tuple(txn for txn in moved if txn is not None),
    )


def warning_of(warning: Object) -> WarningFacts:
    """An early fraud warning. Raises as `truth_of`."""
    return WarningFacts(
        id=str(warning["id"]),
        charge_id=str(_expanded(warning["charge"])[1]),
        kind=str(warning["fraud_type"]),
        actionable=bool(warning["actionable"]),
        created_at=_known_instant(warning["created"]),
    )


def payment_of(charge: Object) -> PaymentFacts:
    """A charge that succeeded, its payment expanded if it has one. Raises as `truth_of`."""
    intent, intent_id = _expanded(charge.get("payment_intent"))
    return PaymentFacts(
        charge_id=str(charge["id"]),
        intent_id=intent_id,
        amount_minor=int(charge["amount_captured"]),
        refunded_minor=int(charge["amount_refunded"]),
        currency=str(charge["currency"]).upper(),
        disputed=bool(charge.get("disputed")),
        reference=(intent.get("metadata") or {}).get("order"),
        created_at=_known_instant(charge["created"]),
    )


def _known_instant(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def instant(seconds: Any) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(int(seconds), UTC)


def _expanded(value: Any) -> tuple[Object, str | None]:
    """An object and its id; a bare id gives an empty object."""
    if isinstance(value, dict):
        return value, value.get("id")
    return {}, value


def _failure(intent: Object, intent_id: str | None, charge_id: str | None) -> tuple[str | None, str | None]:
    """The code of the last refused try, and what tells it from the next one."""
    error = intent.get("last_payment_error")
    if not error:
        return None, None
    code = error.get("decline_code") or error.get("code") or "payment_failed"
    if error.get("charge"):
        return code, error["charge"]
    # A refusal before any charge, as by the bank's confirmation: `latest_charge` may be that of an earlier try, so
    # it alone does not tell the two apart. Each try brings a payment method of its own.
    method = _expanded(error.get("payment_method"))[1]
    return code, ":".join(part for part in (charge_id or intent_id, method, code) if part)


def _method(charge: Object) -> str | None:
    """How it was paid: "card visa 4242", "alipay"."""
    details = charge.get("payment_method_details") or {}
    kind = details.get("type")
    card = details.get("card") or {}
    words = [kind, card.get("brand"), card.get("last4")] if kind == "card" else [kind]
    return " ".join(word for word in words if word) or None
