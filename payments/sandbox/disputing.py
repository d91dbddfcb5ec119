"""Disputes and early warnings of fraud: what a cardholder's bank does to a charge."""

from __future__ import annotations

from stripe import Dispute
from stripe.radar import EarlyFraudWarning

from payments.sandbox import fees
from payments.sandbox.envelope import wrong_state
from payments.sandbox.events import emit
from payments.sandbox.objects import make, new_id
from payments.sandbox.store import Json
from payments.sandbox.work import Work

ANSWER_WITHIN = 7 * 86_400


def contest(work: Work, charge: Json, amount: int | None = None, *, inquiry: bool = False) -> Json:
    """The payer contests a charge, or a part of it. Unless the bank only asks, the money is taken at once."""
    if charge["disputed"]:
        raise wrong_state(f"Charge {charge['id']} is contested already.")
    dispute = make(
        Dispute,
        id=new_id("du"),
        amount=amount or charge["amount"],
        balance_transactions=[],
        charge=charge["id"],
        created=work.now,
        currency=charge["currency"],
        evidence_details=make(
            Dispute.EvidenceDetails, due_by=work.now + ANSWER_WITHIN, has_evidence=False, past_due=False,
            submission_count=0,
        ),
        is_charge_refundable=inquiry,
        payment_intent=charge["payment_intent"],
        reason="fraudulent",
        status="warning_needs_response" if inquiry else "needs_response",
    )  # fmt: skip
    work.rows.add(dispute)
    charge["disputed"] = not inquiry
    work.rows.save(charge)
    emit(work, "charge.dispute.created", dispute)
    if not inquiry:
        _move(work, dispute, -dispute["amount"], fees.DISPUTE_FEE, "dispute")
        emit(work, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def decide(work: Work, dispute: Json, *, won: bool) -> Json:
    """The bank decides. Won gives the money back, without the fee; an inquiry just ends."""
    if dispute["status"] == "warning_needs_response":
        dispute["status"] = "warning_closed"
    elif dispute["status"] == "needs_response":
        dispute["status"] = "won" if won else "lost"
    else:
        raise wrong_state(f"This dispute has a status of {dispute['status']}.")
    work.rows.save(dispute)
    if dispute["status"] == "won":
        _move(work, dispute, dispute["amount"], 0, "dispute_reversal")
        emit(work, "charge.dispute.funds_reinstated", dispute)
    emit(work, "charge.dispute.closed", dispute)
    return dispute


def _move(work: Work, dispute: Json, amount: int, fee: int, category: str) -> None:
    """One balance transaction of amount and fee together; the dispute shows it whole."""
    txn = fees.move(work, dispute, amount, fee, kind="adjustment", category=category)
    moved = work.need("balance_transaction", txn, "balance transaction")
    dispute["balance_transactions"] = [*dispute["balance_transactions"], moved]
    work.rows.save(dispute)


def warn(work: Work, charge: Json) -> Json:
    """The card's bank suspects fraud; nothing moves."""
    warning = make(
        EarlyFraudWarning, id=new_id("issfr"), actionable=True, charge=charge["id"], created=work.now,
        fraud_type="made_with_stolen_card", payment_intent=charge["payment_intent"],
    )  # fmt: skip
    work.rows.add(warning)
    emit(work, "radar.early_fraud_warning.created", warning)
    return warning
