"""Stripe's side of money that goes back, and what it can list: refunds, disputes, warnings, events, charges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final, cast

from stripe.params import RefundCreateParams

from payments.gateway.base import DisputeFacts, EventFacts, PaymentFacts, RefundFacts, RefundWish, WarningFacts
from payments.gateway.stripe_calls import StripeCalls
from payments.gateway.stripe_events import classic
from payments.gateway.stripe_facts import dispute_of, payment_of, refund_of, warning_of

REFUND_EXPAND: Final = ["balance_transaction", "failure_balance_transaction"]
PAGE: Final = 100


class StripeReturns(StripeCalls):
    """See Gateway for each method."""

    def refund(self, wish: RefundWish) -> RefundFacts:
        params: RefundCreateParams = {
            "charge": wish.charge_id,
            "amount": wish.amount_minor,
            "metadata": {"refund": wish.key, "order": wish.reference},
            "expand": REFUND_EXPAND,
        }
        with self._call():
            made = self._client.v1.refunds.create(params, options={"idempotency_key": wish.key})
            return refund_of(made.to_dict())

    def fetch_refund(self, refund_id: str) -> RefundFacts:
        with self._call():
            found = self._client.v1.refunds.retrieve(refund_id, params={"expand": REFUND_EXPAND})
            return refund_of(found.to_dict())

    def refunds_of(self, charge_id: str) -> list[RefundFacts]:
        expand = [f"data.{name}" for name in REFUND_EXPAND]
        with self._call():
            listed = self._client.v1.refunds.list(params={"charge": charge_id, "limit": PAGE, "expand": expand})
            return [refund_of(each.to_dict()) for each in listed.auto_paging_iter()][::-1]

    def fetch_dispute(self, dispute_id: str) -> DisputeFacts:
        with self._call():
            return dispute_of(self._client.v1.disputes.retrieve(dispute_id).to_dict())

    def fetch_warning(self, warning_id: str) -> WarningFacts:
        with self._call():
            return warning_of(self._client.v1.radar.early_fraud_warnings.retrieve(warning_id).to_dict())

    def events_since(self, since: datetime, types: Sequence[str]) -> Iterator[EventFacts]:
        created = {"gte": int(since.timestamp())}
        with self._call():
            listed = self._client.v1.events.list(
                params={"created": cast(Any, created), "types": list(types), "limit": PAGE}
            )
            found = [classic(event.to_dict()) for event in listed.auto_paging_iter()]
        return reversed(found)

    def payments_between(self, since: datetime, before: datetime) -> Iterator[PaymentFacts]:
        created = {"gte": int(since.timestamp()), "lt": int(before.timestamp())}
        with self._call():
            listed = self._client.v1.charges.list(
                params={"created": cast(Any, created), "limit": PAGE, "expand": ["data.payment_intent"]}
            )
            charges = [each.to_dict() for each in listed.auto_paging_iter()]
            return iter([payment_of(charge) for charge in charges if charge["status"] == "succeeded"])

    def session_of_charge(self, charge_id: str) -> str | None:
        with self._call():
            charge = self._client.v1.charges.retrieve(charge_id).to_dict()
        intent_id = charge.get("payment_intent")
        return self.session_of_intent(str(intent_id)) if intent_id else None

    def session_of_intent(self, intent_id: str) -> str | None:
        with self._call():
            listed = self._client.v1.checkout.sessions.list(params={"payment_intent": intent_id, "limit": 1})
            return next((str(session.id) for session in listed.data), None)
