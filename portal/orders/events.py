"""What orders tell. Every subject is "order:<number>"."""

from __future__ import annotations

from dataclasses import dataclass

from portal.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(Event):
    """Somebody accepted a quote."""

    number: str


@dataclass(frozen=True, kw_only=True)
class ApprovalAsked(Event):
    """A renewal above the company's limit waits for somebody's yes. Subject "approval:<id>"."""

    approval_id: int


@dataclass(frozen=True, kw_only=True)
class ApprovalDecided(Event):
    """Somebody said yes or no. Subject "approval:<id>"."""

    approval_id: int


@dataclass(frozen=True, kw_only=True)
class TransferAwaited(Event):
    """The customer chose to pay by bank transfer."""

    number: str


@dataclass(frozen=True, kw_only=True)
class OrderPaid(Event):
    """Captured, and the contract is extended."""

    number: str


@dataclass(frozen=True, kw_only=True)
class PaymentFailed(Event):
    """A try to pay was refused; `code` says why, `occurrence` tells one try from the next."""

    number: str
    code: str


@dataclass(frozen=True, kw_only=True)
class OrderHeld(Event):
    """Money came that does not fit; people decide. `reason` is a code of orders.models."""

    number: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class OrderCancelled(Event):
    """Called off before payment, by "customer" or "staff"."""

    number: str
    who: str


@dataclass(frozen=True, kw_only=True)
class OrderExpired(Event):
    """Nobody paid in time."""

    number: str


@dataclass(frozen=True, kw_only=True)
class OrderRefunded(Event):
    """Money of the order is with the customer again: `minor` in units of `currency`; `occurrence` tells one
    refund from the next."""

    number: str
    minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class RefundFailed(Event):
    """Money that should go back did not reach the customer. Fields as OrderRefunded's."""

    number: str
    minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class PaymentAskedFor(Event):
    """Somebody of the company asks a colleague (`person_id`) to pay; `by` is who asks."""

    number: str
    person_id: int
    by: str
