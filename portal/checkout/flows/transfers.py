"""Pay by bank transfer: the provider's page is closed first, then the order waits; and the way back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from payments.charges import queries as attempts
from payments.charges.models import AttemptState
from payments.errors import LiveAttemptExists
from payments.money import Money
from payments.refunds.models import RefundState
from payments.transfers import actions as transfers
from payments.transfers import queries
from payments.transfers.models import Slip
from portal.checkout.actions import transfers as actions
from portal.checkout.errors import OrderNotPayable
from portal.checkout.flows.ground import seller, settings
from portal.checkout.flows.pages import check_payable, close_page
from portal.kit import clock, files
from portal.kit.db import reading, transaction
from portal.orders import queries as orders
from portal.orders.models import OrderState

STRAY_AFTER: Final = timedelta(days=1)
# Each round closes a page that was opened meanwhile; more than this only when somebody races us all the time.
ROUNDS: Final = 3


def pay_by_transfer(order_number: str, by: str, at: datetime) -> str:
    """Let an order wait for a bank transfer; the reference to write. The transfer that waits already is returned.

    Raises AlreadyPaid, OrderNotPayable, NoAccount, GatewayError (nothing changed).
    """
    for _round in range(ROUNDS):
        _close_other(order_number, at)
        try:
            return _await(order_number, by, at)
        except LiveAttemptExists:
            continue  # another tab began to pay since: that page is closed too
    raise OrderNotPayable(order_number, OrderState.AWAITING_PAYMENT)


def _close_other(number: str, at: datetime) -> None:
    with reading() as db:
        order = orders.by_number(db, number)
        if order is None:
            raise LookupError(number)
        live = attempts.live_for(db, order.subject)
        if order.state is OrderState.AWAITING_TRANSFER:
            return
        check_payable(order, at)
    if live is not None and close_page(live.id, at) is AttemptState.PROCESSING:
        raise OrderNotPayable(number, OrderState.PROCESSING)


def _await(number: str, by: str, at: datetime) -> str:
    with transaction() as db:
        order = orders.lock(db, number)
        if order.state is OrderState.AWAITING_TRANSFER:
            return queries.of_subject(db, order.subject)[-1].reference
        check_payable(order, at)
        return actions.begin(db, order, by, at).reference


def pay_at_once(order_number: str, by: str, at: datetime) -> None:
    """The way back to the provider's page. Raises TransferSeen."""
    with transaction() as db:
        actions.back_to_page(db, orders.lock(db, order_number), by, at)


def see_transfer(transfer_id: int, received: Money, value_date: date, bank_reference: str, by: str) -> bool:
    """Finance found the money; False when a second person must agree. Raises as actions.transfers.see."""
    with transaction() as db:
        zone = settings().zone
        return actions.see(db, transfer_id, received, value_date, bank_reference, zone, seller(), by, clock.now())


def agree_to_transfer(transfer_id: int, by: str) -> None:
    """A second person agrees. Raises NeedsAnotherPerson, IllegalMove."""
    with transaction() as db:
        actions.agree(db, transfer_id, settings().zone, seller(), by, clock.now())


def take_transfer_back(transfer_id: int, by: str) -> None:
    """It was another line. Raises IllegalMove."""
    with transaction() as db:
        actions.take_back(db, transfer_id, by, clock.now())


def keep_slip(order_number: str, stored: str, name: str, kind: str, size: int, by: str) -> Slip:
    """Keep what the customer sent to show that they paid. Raises TooManySlips; LookupError when no transfer is
    awaited."""
    with transaction() as db:
        order = orders.lock(db, order_number)
        found = queries.of_subject(db, order.subject)
        if order.state is not OrderState.AWAITING_TRANSFER or not found:
            raise LookupError(order_number)
        return transfers.add_slip(db, found[-1], stored, name, kind, size, by, clock.now())


def clear_slips() -> None:
    """Remove what an upload of a slip that was cut off has left."""
    with reading() as db:
        known = queries.slips_stored(db)
    files.remove_strays(settings(), clock.now() - STRAY_AFTER, known, files.SLIPS)


def refund_was_sent(refund_id: int, bank_reference: str, sent_on: date, by: str) -> RefundState:
    """Finance sent an approved refund from the bank: it is booked as done. Raises LookupError for one that is not
    approved, or that goes another way; ValueDateWrong, BankLineKnown."""
    with transaction() as db:
        return actions.refund_sent(db, refund_id, bank_reference, sent_on, settings().zone, by, clock.now())
