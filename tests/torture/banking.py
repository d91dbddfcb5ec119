"""Steps of a bank transfer: it is chosen, given up, found, agreed to, taken back, and sent back."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

from sqlalchemy import select

from payments.charges.models import PaymentAttempt
from payments.gateway.bank import NAME as BANK
from payments.money import Money
from payments.refunds.models import Refund, RefundState
from payments.transfers.models import Transfer, TransferState
from portal.checkout import flows
from portal.checkout.flows.ground import settings
from portal.kit import clock
from portal.kit.db import reading
from tests.torture.hands import OWNER, Hands
from tests.torture.world import CS, FINANCE, SECOND


def choose_transfer(hands: Hands) -> None:
    flows.pay_by_transfer(hands.order().number, OWNER, clock.now())


def choose_page(hands: Hands) -> None:
    """The way back from the transfer, by its own button or by paying anew."""
    order = hands.order()
    if hands.chance.random() < 0.7:
        flows.pay_at_once(order.number, OWNER, clock.now())
    flows.pay(order.number, OWNER, clock.now())


def money_found(hands: Hands) -> None:
    """Finance finds a line at the bank, sometimes of another amount, sometimes one that is known, sometimes long
    after everybody gave it up."""
    transfer = hands.pick(_transfers(TransferState.AWAITING, TransferState.CLOSED))
    if transfer is None:
        return
    differs = hands.pick([0, 0, 0, -1, 1, -transfer.amount_minor + 40_000])
    received = Money(transfer.amount_minor + differs, transfer.currency)
    line = f"L{hands.chance.randint(1, 40)}"
    if not flows.see_transfer(transfer.id, received, _today(), line, FINANCE):
        hands.pick([_agree, _agree, _take_back, _leave])(transfer)


def second_look(hands: Hands) -> None:
    """A colleague looks at what was found before."""
    transfer = hands.pick(_transfers(TransferState.SEEN))
    if transfer is not None:
        hands.pick([_agree, _take_back])(transfer)


def slip(hands: Hands) -> None:
    """A customer sends one, perhaps when nobody waits for it any more."""
    stored = f"{hands.chance.getrandbits(64):x}.pdf"
    with suppress(LookupError):
        flows.keep_slip(hands.order().number, stored, "slip.pdf", "pdf", 1_000, OWNER)


def refund_sent(hands: Hands) -> None:
    """Finance sends what was agreed to, by a line that may be known already."""
    with reading() as db:
        wanted = select(Refund.id).where(Refund.state == RefundState.APPROVED, Refund.provider == BANK)
        waiting = hands.pick(list(db.scalars(wanted.order_by(Refund.id))))
    if waiting is not None:
        line = f"R{hands.chance.randint(1, 20)}"
        flows.refund_was_sent(waiting, line, _today(), FINANCE)


def paid_by_transfer(hands: Hands) -> None:
    """The whole way at once, since chance alone seldom goes it; the money comes in a day."""
    choose_transfer(hands)
    hands.clock.shift(timedelta(days=1))
    for transfer in _transfers(TransferState.AWAITING):
        if not flows.see_transfer(transfer.id, transfer.amount, _today(), f"W{transfer.id}", FINANCE):
            _agree(transfer)


def sent_back(hands: Hands) -> None:
    """A part of a transfer's money goes back, the whole way."""
    with reading() as db:
        wanted = select(PaymentAttempt.charge_id, PaymentAttempt.currency).where(
            PaymentAttempt.provider == BANK, PaymentAttempt.captured_minor.is_not(None)
        )
        taken = hands.pick(list(db.execute(wanted.order_by(PaymentAttempt.id))))
    if taken is None:
        return
    part = Money(hands.chance.randint(1, 100_000), taken.currency)
    asked = flows.request_refund(f"{BANK}:{taken.charge_id}", part, "because", CS)
    for person in (FINANCE, SECOND):
        if flows.agree(asked, person) is not RefundState.REQUESTED:
            break
    refund_sent(hands)


def _today() -> date:
    return clock.day(clock.now(), settings().zone)


def _transfers(*states: TransferState) -> list[Transfer]:
    with reading() as db:
        return list(db.scalars(select(Transfer).where(Transfer.state.in_(states)).order_by(Transfer.id)))


def _agree(transfer: Transfer) -> None:
    flows.agree_to_transfer(transfer.id, SECOND)


def _take_back(transfer: Transfer) -> None:
    flows.take_transfer_back(transfer.id, FINANCE)


def _leave(_transfer: Transfer) -> None:
    """It waits for somebody."""
