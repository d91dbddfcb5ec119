"""What we ask of a payment provider, and the facts it answers with. No provider's own words beyond this line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from payments.db import Json


class SessionStatus(StrEnum):
    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class WishedLine:
    """One line on the provider's page: `minor` is the line's total, tax included."""

    name: str
    detail: str
    minor: int


@dataclass(frozen=True, slots=True)
class SessionWish:
    """What a payment page shall collect. `reference` is the order's number; `attempt_key` finds our attempt again
    whatever happens in between."""

    reference: str
    quote_id: str
    attempt_key: str
    customer_id: str
    currency: str
    lines: tuple[WishedLine, ...]
    locale: str
    success_url: str
    cancel_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CustomerWish:
    """A payer as the provider shall know it: `subject` is ours ("company:7")."""

    subject: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class SessionMade:
    """A payment page that waits for the customer."""

    session_id: str
    url: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class BalanceFacts:
    """What a charge did to the provider's balance, in the settlement currency: gross − fee = net."""

    id: str
    source_id: str
    type: str
    reporting_category: str
    gross_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    created_at: datetime
    available_on: datetime


@dataclass(frozen=True, slots=True)
class Truth:
    """A payment session as the provider tells it now. `amount_minor` and `currency` are what was charged when it
    is paid, else what is asked. `charge_id` names only a charge that succeeded. `failure_ref` tells one failed try
    from the next."""

    session_id: str
    status: SessionStatus
    paid: bool
    amount_minor: int
    currency: str
    reference: str | None
    quote_id: str | None
    attempt_key: str | None
    livemode: bool
    url: str | None = None
    expires_at: datetime | None = None
    intent_id: str | None = None
    intent_status: str | None = None
    charge_id: str | None = None
    method: str | None = None
    failure_code: str | None = None
    failure_ref: str | None = None
    balance: BalanceFacts | None = None
    # When the money came, by the provider's clock: its balance transaction, else its charge. None while unpaid.
    captured_at: datetime | None = None

    def came_at(self, at: datetime) -> datetime:
        """When the money came; `at`, the moment of looking, bounds it, since clocks differ."""
        return min(self.captured_at or at, at)

    @property
    def payment_id(self) -> str:
        """The id under which the ledger knows this money."""
        return self.charge_id or self.session_id


class RefundStatus(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # the provider's "canceled" too: the money is not with the customer


@dataclass(frozen=True, slots=True)
class RefundWish:
    """What shall go back: `amount` minor units of the charge's currency. `key` is the idempotency key and the mark
    by which the refund is found again; `reference` the order's number."""

    charge_id: str
    amount_minor: int
    key: str
    reference: str


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """A refund as the provider tells it now. `key` is our mark, None for one that was made elsewhere. `balance` is
    what it took from the balance, `failure_balance` what came back when it failed."""

    id: str
    charge_id: str
    status: RefundStatus
    amount_minor: int
    currency: str
    key: str | None
    failure_code: str | None
    created_at: datetime
    balance: BalanceFacts | None = None
    failure_balance: BalanceFacts | None = None


@dataclass(frozen=True, slots=True)
class DisputeFacts:
    """A dispute as the provider tells it now, with all that it moved on the balance so far. `status` is the
    provider's own word."""

    id: str
    charge_id: str
    status: str
    reason: str
    amount_minor: int
    currency: str
    created_at: datetime
    evidence_due_at: datetime | None
    movements: tuple[BalanceFacts, ...]


@dataclass(frozen=True, slots=True)
class WarningFacts:
    """The card's bank suspects fraud: a dispute may follow."""

    id: str
    charge_id: str
    kind: str
    actionable: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """A charge that the provider captured, for comparing."""

    charge_id: str
    intent_id: str | None
    amount_minor: int
    refunded_minor: int
    currency: str
    disputed: bool
    reference: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class EventFacts:
    """A verified webhook: what happened to which object. Its payload is not kept; the truth is fetched."""

    event_id: str
    type: str
    object_id: str
    livemode: bool
    created_at: datetime


class Gateway(Protocol):
    """A payment provider. Every method but `prepare` and `read_event` goes over the network, and refuses with a
    RuntimeError to do so while a transaction is open.

    All of them raise GatewayUnreachable (nobody knows whether it happened; the same again is safe) or
    GatewayRefused (it did not happen).
    """

    @property
    def name(self) -> str:
        """The provider's code, kept with each row."""
        ...

    @property
    def livemode(self) -> bool:
        """Whether real money moves."""
        ...

    def prepare(self, wish: SessionWish) -> Json:
        """The exact request for `open_session`, as JSON, to be stored before it is sent. No network. Raises
        GatewayRefused for an amount that the provider cannot take."""
        ...

    def create_customer(self, wish: CustomerWish) -> str:
        """The provider's id of a new customer; the same wish soon again gives the same one."""
        ...

    def open_session(self, request: Json, key: str) -> SessionMade:
        """Open the payment page that `prepare` described. The same key and request again give the same page, for
        24 hours. Raises NotAtProvider when the provider lost the customer."""
        ...

    def fetch_session(self, session_id: str) -> Truth:
        """How it stands now. Raises NotAtProvider."""
        ...

    def expire_session(self, session_id: str) -> None:
        """Close the page. Raises GatewayRefused when it is open no more (perhaps paid: fetch it)."""
        ...

    def find_session(self, request: Json, since: datetime) -> str | None:
        """Id of the session that was opened by `request` after `since`, if there is one."""
        ...

    def session_of_intent(self, intent_id: str) -> str | None:
        """Id of the session that a payment belongs to, if any."""
        ...

    def fetch_balance(self, charge_id: str) -> BalanceFacts | None:
        """What the charge did to the balance; None while the provider has not booked it."""
        ...

    def refund(self, wish: RefundWish) -> RefundFacts:
        """Give money back. The same wish again gives the same refund, for 24 hours."""
        ...

    def fetch_refund(self, refund_id: str) -> RefundFacts:
        """How it stands now. Raises NotAtProvider."""
        ...

    def refunds_of(self, charge_id: str) -> list[RefundFacts]:
        """All refunds of a charge, oldest first."""
        ...

    def fetch_dispute(self, dispute_id: str) -> DisputeFacts:
        """How it stands now. Raises NotAtProvider."""
        ...

    def fetch_warning(self, warning_id: str) -> WarningFacts:
        """An early fraud warning. Raises NotAtProvider."""
        ...

    def events_since(self, since: datetime, types: Sequence[str]) -> Iterator[EventFacts]:
        """What happened from `since` on, oldest first; the provider knows thirty days."""
        ...

    def payments_between(self, since: datetime, before: datetime) -> Iterator[PaymentFacts]:
        """What was captured in that time, newest first."""
        ...

    def session_of_charge(self, charge_id: str) -> str | None:
        """Id of the session that a charge belongs to, if any."""
        ...

    def read_event(self, body: bytes, signature: str, at: datetime) -> EventFacts:
        """Verify a webhook of the raw `body` against its signature header and the time. No network. Raises
        BadSignature."""
        ...


def total_of(lines: Sequence[WishedLine]) -> int:
    """Minor units of all lines together."""
    return sum(line.minor for line in lines)
