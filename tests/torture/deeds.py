"""What may meet in the same instant: what people, the provider and the background do to one renewal."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from payments.money import Money
from payments.transfers import queries as transfers
from portal.checkout import flows
from portal.kit import clock
from portal.kit.db import reading
from portal.orders.models import CancelledBy
from tests.conftest import NOW
from tests.fakes.gateway import SIGNATURE
from tests.portal.checkout import support
from tests.torture.provider import Remote
from tests.torture.world import FINANCE, SECOND

Deed = Callable[[Remote, support.Renewal], None]


def settle(_gateway: Remote, made: support.Renewal) -> None:
    support.settle(made)


def hear(gateway: Remote, _made: support.Renewal) -> None:
    for event in gateway.act("told"):
        flows.receive(gateway.act("body", event), SIGNATURE)
    while flows.handle_events():
        pass


def return_page(_gateway: Remote, made: support.Renewal) -> None:
    flows.settle_order(made.number)


def sweep(_gateway: Remote, _made: support.Renewal) -> None:
    flows.sweep()
    flows.catch_up()


def pay(_gateway: Remote, made: support.Renewal) -> None:
    flows.pay(made.number, made.payer, clock.now())


def cancel(_gateway: Remote, made: support.Renewal) -> None:
    flows.cancel(made.number, made.payer, CancelledBy.CUSTOMER)


def ask_all_back(_gateway: Remote, made: support.Renewal) -> None:
    total = support.order_of(made.number).total
    refund_id = flows.request_refund(support.payment(made), total, "because", "person:901")
    for person in (FINANCE, SECOND):
        flows.agree(refund_id, person)


def ask_some_back(_gateway: Remote, made: support.Renewal) -> None:
    order = support.order_of(made.number)
    part = Money(order.total_minor * 2 // 3, order.currency)
    flows.request_refund(support.payment(made), part, "because", f"person:{os.getpid()}")


def find_money(_gateway: Remote, made: support.Renewal) -> None:
    """Finance finds a line, each of them another one, and a colleague agrees."""
    with reading() as db:
        transfer = transfers.of_subject(db, f"order:{made.number}")[-1]
    flows.see_transfer(transfer.id, transfer.amount, NOW.date(), f"L{os.getpid()}", FINANCE)
    flows.agree_to_transfer(transfer.id, SECOND)


def choose_page(_gateway: Remote, made: support.Renewal) -> None:
    flows.pay_at_once(made.number, made.payer, clock.now())
    flows.pay(made.number, made.payer, clock.now())


def choose_transfer(_gateway: Remote, made: support.Renewal) -> None:
    flows.pay_by_transfer(made.number, made.payer, clock.now())


# What meets, and how far the renewal is before: "placed", "paid there" (we do not know yet), "paid".
MEETINGS: Final[list[tuple[str, list[Deed]]]] = [
    ("paid there", [settle, hear, return_page, sweep]),
    ("placed", [pay, pay, pay]),
    ("placed", [pay, cancel]),
    ("paid there", [settle, cancel, hear]),
    ("paid", [ask_some_back, ask_some_back, ask_some_back]),
    ("paid", [ask_all_back, ask_all_back]),
    ("refunded and disputed there", [hear, hear, sweep]),
    ("placed", [pay, choose_transfer]),
    ("paid there", [settle, choose_transfer]),
    ("awaiting a transfer", [find_money, find_money]),
    ("awaiting a transfer", [find_money, choose_page]),
    ("awaiting a transfer", [find_money, cancel]),
]
