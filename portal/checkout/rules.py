"""Decide what captured money does to its order and contract. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from portal.contracts.rules import Anchored, LineSpec, TermPlan, next_term
from portal.kit import clock
from portal.kit.db import Json
from portal.orders.models import OrderState
from portal.orders.rules import CLOSED, HeldReason

PREFIX: Final = "order:"
RETURN_DAYS: Final = 30


class Sealed(Protocol):
    """What a quote says about the term it sells."""

    @property
    def starts_on_payment(self) -> bool: ...
    @property
    def months(self) -> int: ...
    @property
    def starts_on(self) -> date: ...
    @property
    def ends_on(self) -> date: ...
    @property
    def anchor_on(self) -> date: ...
    @property
    def months_from_anchor(self) -> int: ...


class Deed(StrEnum):
    """What to do with money that was captured for an order."""

    RENEW = "renew"
    HOLD = "hold"  # suspense, and the order is held for people
    SUSPEND = "suspend"  # suspense only: the order itself stays as it is


def term_plan(quote: Sealed, last: Anchored, placed_on: date, paid_on: date) -> TermPlan | None:
    """The term that `quote` bought, on a contract whose latest term is `last`; None when the contract has moved on
    since, so that the term would not join. A lapsed contract starts anew on the day of the money."""
    if quote.starts_on_payment:
        return None if last.ends_on >= quote.starts_on else next_term(last, quote.months, placed_on, paid_on)
    if last.ends_on + timedelta(days=1) != quote.starts_on:
        return None
    return TermPlan(quote.starts_on, quote.ends_on, quote.months, quote.anchor_on, quote.months_from_anchor)


def deed(
    state: OrderState, mismatch: str, plan: TermPlan | None, another_open: bool
) -> tuple[Deed, HeldReason | None]:
    """What captured money does to an order in `state`, and the reason when it does not renew.

    `mismatch`: what differs from the quote, or empty. `another_open`: the contract has another open order, beside
    which this one cannot be opened again.
    """
    if state in CLOSED:
        return (Deed.SUSPEND if another_open else Deed.HOLD), HeldReason.CLOSED
    if state not in {OrderState.AWAITING_PAYMENT, OrderState.AWAITING_TRANSFER, OrderState.PROCESSING}:
        return Deed.SUSPEND, None
    if mismatch:
        return Deed.HOLD, HeldReason(mismatch)
    if plan is None:
        return Deed.HOLD, HeldReason.ALREADY_RENEWED
    return Deed.RENEW, None


def ends_by_itself(paid_at: datetime, returned_at: datetime, zone: str) -> bool:
    """Does a whole return end the term without people deciding? Up to RETURN_DAYS days after the payment, as days
    of the contract's zone count (domain guide, section 1, Refund)."""
    return (clock.day(returned_at, zone) - clock.day(paid_at, zone)).days <= RETURN_DAYS


def lines_of(document: Json) -> list[LineSpec]:
    """The lines of a quote's document as a term keeps them."""
    return [
        LineSpec(line["product"], line["seats"], line["paid_unit_minor"], line["unit_minor"])
        for line in document["lines"]
    ]


def number_of(subject: str) -> str:
    """The order's number in "order:RNW-2026-000124"."""
    return subject.removeprefix(PREFIX)
