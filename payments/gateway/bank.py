"""The seller's bank as a provider: what finance found there is the truth about a transfer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from payments.gateway.base import SessionStatus, Truth

NAME: Final = "bank"


@dataclass(frozen=True, slots=True)
class TransferFacts:
    """A transfer as finance confirmed it, or as it is still awaited (`received` None)."""

    session_id: str
    reference: str
    order_number: str
    quote_id: str
    asked_minor: int
    currency: str
    received_minor: int | None
    received_currency: str | None
    value_at: datetime | None
    closed: bool


def session_of(reference: str) -> str:
    """How an attempt names the transfer that it waits for."""
    return f"transfer:{reference}"


def sent_of(account_id: int, bank_reference: str) -> str:
    """How a refund names the line of the seller's account by which it was sent: one line sends one refund."""
    return f"account:{account_id}:{bank_reference}"


def truth_of(facts: TransferFacts) -> Truth:
    """The transfer in the words of every provider, so that one way settles them all."""
    paid = facts.received_minor is not None
    status = SessionStatus.COMPLETE if paid else SessionStatus.EXPIRED if facts.closed else SessionStatus.OPEN
    return Truth(
        session_id=facts.session_id,
        status=status,
        paid=paid,
        amount_minor=facts.asked_minor if facts.received_minor is None else facts.received_minor,
        currency=facts.received_currency or facts.currency,
        reference=facts.order_number,
        quote_id=facts.quote_id,
        attempt_key=None,
        livemode=True,
        charge_id=facts.reference if paid else None,
        method="bank_transfer" if paid else None,
        captured_at=facts.value_at,
    )
