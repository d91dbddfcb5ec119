"""What the staff's pages decide: which orders a saved view holds, and which actions an order allows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from portal.orders.models import OrderState
from portal.orders.rules import CANCELLABLE

S = OrderState


class View(StrEnum):
    """A saved view of the orders."""

    ALL = "all"
    NEEDS_LOOK = "needs_look"
    AWAITING = "awaiting"
    PAID = "paid"


# NEEDS_LOOK narrows the waiting ones further, to those whose last try failed.
VIEW_STATES: Final = {
    View.ALL: tuple(S),
    View.NEEDS_LOOK: (S.HELD, S.DISPUTED, S.AWAITING_PAYMENT, S.AWAITING_TRANSFER),
    View.AWAITING: (S.AWAITING_PAYMENT, S.AWAITING_TRANSFER, S.PROCESSING),
    View.PAID: (S.PAID, S.PARTLY_REFUNDED),
}
# Waiting for the customer: a failed try asks somebody to help them.
WAITING: Final = CANCELLABLE
CHECKABLE: Final = frozenset({S.AWAITING_PAYMENT, S.PROCESSING})


@dataclass(frozen=True)
class Filters:
    """Which orders: days of placing as `zone` counts them; `q` is what queries.orders.find looks up."""

    zone: str
    view: View = View.ALL
    q: str = ""
    state: OrderState | None = None
    currency: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def narrow(self) -> bool:
        """Is anything but the view chosen?"""
        return bool(self.q or self.state or self.currency or self.first or self.last)


def can_check(state: OrderState) -> bool:
    """Can asking the provider change anything? Only while a payment there may be on its way."""
    return state in CHECKABLE
