"""What checkout tells."""

from __future__ import annotations

from dataclasses import dataclass

from portal.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class MoneyUnmatched(Event):
    """Money went into suspense and holds no order: `order` is the number of the one that could not take it, or
    None when no order is known. `minor` in units of `currency`; `charge` is the provider's id, `reference` what
    the payment names."""

    minor: int
    currency: str
    charge: str
    reference: str | None
    order: str | None


@dataclass(frozen=True, kw_only=True)
class AlarmRaised(Event):
    """The watch found something that is not as it must be: `kind` of payments.reconcile, `what` is a broken
    invariant's line or the name of what is silent."""

    kind: str
    what: str


@dataclass(frozen=True, kw_only=True)
class PaymentDisputed(Event):
    """A payer contests a payment, or it was decided. `state`: of payments.disputes; `reason`: the bank's code;
    `due_at`: until when we may answer, ISO, or None. `minor` in units of `currency`."""

    minor: int
    currency: str
    state: str
    reason: str
    due_at: str | None
