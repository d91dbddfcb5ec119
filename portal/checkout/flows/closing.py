"""Close an order that nobody pays: by request, or because its time is over. The provider's page goes first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from payments.charges import queries as attempts
from payments.charges.models import AttemptState
from portal.checkout.errors import AlreadyPaid, OrderNotPayable
from portal.checkout.flows.pages import close_page
from portal.checkout.rules import PREFIX
from portal.kit import clock
from portal.kit.db import reading, transaction
from portal.orders import actions, queries
from portal.orders.errors import OrderNotOpen
from portal.orders.models import CancelledBy, Order, OrderState
from portal.orders.rules import CANCELLABLE, SETTLED

# A customer who opens a new page each time we close one wins after this many.
ROUNDS: Final = 3


def cancel(order_number: str, by: str, who: CancelledBy) -> None:
    """Call an order off. When its page turns out to be paid, the order is settled instead.

    Raises AlreadyPaid, OrderNotPayable (the money is on its way), OrderNotOpen, GatewayError (nothing changed).
    """
    at = clock.now()
    _close(order_number, at, lambda db, order: actions.cancel(db, order, by, who, at))


def expire(order_number: str, at: datetime) -> None:
    """Close an overdue order; never before the provider says that its page is closed. Raises as `cancel`."""

    def close(db: Session, order: Order) -> None:
        if order.expires_at <= at:  # else a payment fell through meanwhile and it has a second chance
            actions.expire(db, order, at)

    _close(order_number, at, close)


def _close(number: str, at: datetime, close: Callable[[Session, Order], None]) -> None:
    for _round in range(ROUNDS):
        with reading() as db:
            order = queries.by_number(db, number)
            if order is None:
                raise LookupError(number)
            _check(order)
            live = attempts.live_for(db, PREFIX + number)
        if live is not None and close_page(live.id, at) is AttemptState.PROCESSING:
            raise OrderNotPayable(number, OrderState.PROCESSING)
        with transaction() as db:
            order = queries.lock(db, number)
            _check(order)
            if attempts.live_for(db, order.subject) is None:
                close(db, order)
                return
    raise OrderNotOpen(number, OrderState.AWAITING_PAYMENT)


def _check(order: Order) -> None:
    if order.state in SETTLED:
        raise AlreadyPaid(order.number)
    if order.state not in CANCELLABLE:
        raise OrderNotOpen(order.number, order.state)
