"""The half of the provider in memory that gives money back: refunds, disputes, warnings, and what it can list.

gateway.refund_state = "pending"              # how the next refunds begin: succeeded, pending
gateway.finish_refund(id, "failed")           # what becomes of one
gateway.refund_at_provider("ch_…", 500)       # somebody refunds in the provider's own pages
gateway.dispute("ch_…", 500)                  # the payer contests a payment; its id
gateway.decide(id, "lost")                    # won, lost, warning_closed
gateway.warn("ch_…")                          # an early fraud warning; its id
gateway.tell_all()                            # the events so far, as a webhook's bodies
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from payments.errors import GatewayRefused, NotAtProvider
from payments.gateway.base import (
    BalanceFacts,
    DisputeFacts,
    EventFacts,
    PaymentFacts,
    RefundFacts,
    RefundStatus,
    RefundWish,
    WarningFacts,
)

if TYPE_CHECKING:
    from tests.fakes.gateway import FakeSession

DISPUTE_FEE = 10_500


@dataclass
class Told:
    """An event as the provider keeps it."""

    id: str
    type: str
    object_id: str
    at: datetime


class FakeReturns:
    """See the module's docstring."""

    sessions: dict[str, FakeSession]
    livemode: bool

    def __init__(self) -> None:
        self.refunds: dict[str, RefundFacts] = {}
        self.disputes: dict[str, DisputeFacts] = {}
        self.warnings: dict[str, WarningFacts] = {}
        self.refund_state = RefundStatus.SUCCEEDED
        self.told: list[Told] = []
        self._made: dict[str, tuple[RefundWish, str]] = {}
        self._numbers = itertools.count(1)

    def _call(self, name: str) -> AbstractContextManager[None]:
        raise NotImplementedError

    # --- what a test makes happen -------------------------------------------------------------------------

    def happened(self, type_: str, object_id: str) -> str:
        """Note an event; its id."""
        event = Told(f"evt_happened_{next(self._numbers)}", type_, object_id, datetime.now(UTC))
        self.told.append(event)
        return event.id

    def body(self, event: Told) -> bytes:
        """A webhook's body for an event that happened."""
        return json.dumps({"id": event.id, "type": event.type, "object": event.object_id}).encode()

    def charge(self, charge_id: str) -> FakeSession:
        found = next((each for each in self.sessions.values() if each.charge_id == charge_id), None)
        if found is None:
            raise NotAtProvider(code="resource_missing")
        return found

    def refunded(self, charge_id: str) -> int:
        """What of a charge went back, or is on its way."""
        standing = (RefundStatus.PENDING, RefundStatus.SUCCEEDED)
        return sum(
            each.amount_minor
            for each in self.refunds.values()
            if each.charge_id == charge_id and each.status in standing
        )

    def refund_at_provider(self, charge_id: str, amount: int) -> str:
        """Somebody refunds in the provider's own pages."""
        return self._refund(RefundWish(charge_id, amount, "", ""), None).id

    def finish_refund(self, refund_id: str, status: str) -> None:
        """A refund that was under way is done, or fails; even after it was called done."""
        facts = self.refunds[refund_id]
        failed = status == RefundStatus.FAILED
        back = _movement(facts.id, "refund_failure", facts.amount_minor, facts.currency, 0)
        self.refunds[refund_id] = replace(
            facts,
            status=RefundStatus(status),
            failure_code="expired_or_canceled_card" if failed else None,
            failure_balance=back if failed else None,
        )
        self.happened("refund.failed" if failed else "refund.updated", refund_id)

    def dispute(self, charge_id: str, amount: int | None = None, status: str = "needs_response") -> str:
        """The payer contests a payment: the money is taken, unless it is only an inquiry."""
        session = self.charge(charge_id)
        dispute_id = f"du_{next(self._numbers)}"
        taken = session.amount if amount is None else amount
        at = datetime.now(UTC)
        self.disputes[dispute_id] = DisputeFacts(
            id=dispute_id, charge_id=charge_id, status=status, reason="fraudulent", amount_minor=taken,
            currency=session.currency, created_at=at, evidence_due_at=at + timedelta(days=7), movements=(),
        )  # fmt: skip
        self.happened("charge.dispute.created", dispute_id)
        if not status.startswith("warning"):
            self._move(dispute_id, "dispute", -taken, DISPUTE_FEE)
            self.happened("charge.dispute.funds_withdrawn", dispute_id)
        return dispute_id

    def decide(self, dispute_id: str, status: str) -> None:
        """The bank decides: won, lost, warning_closed. Won gives the money back, without the fee."""
        facts = self.disputes[dispute_id] = replace(self.disputes[dispute_id], status=status)
        if status == "won" and facts.movements:
            self._move(dispute_id, "dispute_reversal", facts.amount_minor, 0)
            self.happened("charge.dispute.funds_reinstated", dispute_id)
        self.happened("charge.dispute.closed", dispute_id)

    def warn(self, charge_id: str) -> str:
        """The card's bank suspects fraud."""
        warning = WarningFacts(f"issfr_{next(self._numbers)}", charge_id, "made_with_stolen_card", True,
                               datetime.now(UTC))  # fmt: skip
        self.warnings[warning.id] = warning
        self.happened("radar.early_fraud_warning.created", warning.id)
        return warning.id

    def _move(self, dispute_id: str, category: str, gross: int, fee: int) -> None:
        facts = self.disputes[dispute_id]
        moved = _movement(dispute_id, category, gross, facts.currency, fee)
        moved = replace(moved, id=f"txn_{dispute_id}_{len(facts.movements)}")
        self.disputes[dispute_id] = replace(facts, movements=(*facts.movements, moved))

    # --- the Protocol -------------------------------------------------------------------------------------

    def refund(self, wish: RefundWish) -> RefundFacts:
        with self._call("refund"):
            if wish.key in self._made:
                asked, refund_id = self._made[wish.key]
                if asked != wish:
                    raise GatewayRefused(code="idempotency_error")
                return self.refunds[refund_id]
            made = self._refund(wish, wish.key)
            self._made[wish.key] = (wish, made.id)
            return made

    def _refund(self, wish: RefundWish, key: str | None) -> RefundFacts:
        session = self.charge(wish.charge_id)
        if wish.amount_minor > session.amount - self.refunded(wish.charge_id):
            raise GatewayRefused(code="charge_already_refunded")
        contested = (each.charge_id for each in self.disputes.values() if each.status == "needs_response")
        if wish.charge_id in contested:
            raise GatewayRefused(code="charge_disputed")
        refund_id = f"re_{next(self._numbers)}"
        self.refunds[refund_id] = RefundFacts(
            id=refund_id, charge_id=wish.charge_id, status=self.refund_state, amount_minor=wish.amount_minor,
            currency=session.currency, key=key, failure_code=None, created_at=datetime.now(UTC),
            balance=_movement(refund_id, "refund", -wish.amount_minor, session.currency, 0),
        )  # fmt: skip
        self.happened("refund.created", refund_id)
        self.happened("charge.refunded", wish.charge_id)
        return self.refunds[refund_id]

    def fetch_refund(self, refund_id: str) -> RefundFacts:
        with self._call("fetch_refund"):
            return _found(self.refunds, refund_id)

    def refunds_of(self, charge_id: str) -> list[RefundFacts]:
        with self._call("refunds_of"):
            return [each for each in self.refunds.values() if each.charge_id == charge_id]

    def fetch_dispute(self, dispute_id: str) -> DisputeFacts:
        with self._call("fetch_dispute"):
            return _found(self.disputes, dispute_id)

    def fetch_warning(self, warning_id: str) -> WarningFacts:
        with self._call("fetch_warning"):
            return _found(self.warnings, warning_id)

    def events_since(self, since: datetime, types: Sequence[str]) -> Iterator[EventFacts]:
        with self._call("events_since"):
            return iter(
                [
                    EventFacts(each.id, each.type, each.object_id, self.livemode, each.at)
                    for each in self.told
                    if each.at >= since and each.type in types
                ]
            )

    def payments_between(self, since: datetime, before: datetime) -> Iterator[PaymentFacts]:
        with self._call("payments_between"):
            return iter(
                [
                    PaymentFacts(
                        charge_id=str(each.charge_id), intent_id=each.intent_id, amount_minor=each.amount,
                        refunded_minor=self.refunded(str(each.charge_id)), currency=each.currency,
                        disputed=False, reference=each.reference, created_at=each.captured_at,
                    )
                    for each in self.sessions.values()
                    if each.paid and each.captured_at is not None and since <= each.captured_at < before
                ]
            )  # fmt: skip

    def session_of_charge(self, charge_id: str) -> str | None:
        with self._call("session_of_charge"):
            return next((each.id for each in self.sessions.values() if each.charge_id == charge_id), None)


def _movement(source_id: str, category: str, gross: int, currency: str, fee: int) -> BalanceFacts:
    at = datetime.now(UTC)
    return BalanceFacts(
        id=f"txn_{source_id}_{category}", source_id=source_id, type="adjustment", reporting_category=category,
        gross_minor=gross, fee_minor=fee, net_minor=gross - fee, currency=currency, created_at=at,
        available_on=at,
    )  # fmt: skip


T = TypeVar("T")


def _found(shelf: dict[str, T], name: str) -> T:
    if name not in shelf:
        raise NotAtProvider(code="resource_missing")
    return shelf[name]
