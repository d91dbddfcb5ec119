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
