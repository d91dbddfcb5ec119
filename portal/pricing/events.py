"""What pricing tells."""

from __future__ import annotations

from dataclasses import dataclass

from portal.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class QuoteSent(Event):
    """Staff sent a quote to the customer. `subject` is "quote:<id>"; `on` is the day (ISO, in the contract's
    zone): each reader gets one mail a day."""

    on: str


@dataclass(frozen=True, kw_only=True)
class PricesPublished(Event):
    """A version of the price book was published. `subject` is "version:<id>"."""

    version_id: int
