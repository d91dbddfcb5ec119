"""What may happen, in any order: customers, staff, the provider, the background, time. A schedule is a list of
steps that a seed chose; a step that is refused is as good as one that is done, only a broken invariant is a
failure."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from payments.charges.models import PaymentAttempt
from payments.errors import PaymentsError
from portal.checkout import flows
from portal.contracts import queries as contracts
from portal.kit import clock, outbox
from portal.kit.db import reading, transaction
from portal.kit.errors import Refusal
from portal.orders import actions as orders
from portal.orders.models import CancelledBy
from portal.pricing import actions as pricing
from tests.fakes.gateway import SIGNATURE
from tests.torture import banking, returns
from tests.torture.hands import OWNER, Hands


def pay(hands: Hands) -> None:
    flows.pay(hands.order().number, OWNER, clock.now())


def customer_pays(hands: Hands) -> None:
    page = hands.pick(hands.sessions("open"))
    if page:
        hands.gateway.act(*hands.pick([("pay", page)] * 6 + [("decline", page), ("complete_unpaid", page)]))


def delayed_money(hands: Hands) -> None:
    waiting = [
        each.id for each in hands.gateway.act("sessions").values() if each.status == "complete" and not each.paid
    ]
    page = hands.pick(waiting)
    if page:
        hands.gateway.act(hands.pick(["pay", "fail_later"]), page)


def wrong_amount(hands: Hands) -> None:
    """The page collects something else than we asked for: an emulator's fault, or somebody's trick."""
    page = hands.pick(hands.sessions("open"))
    if page:
        hands.gateway.act("tamper", page, hands.chance.randint(1, 5_000))
        hands.gateway.act("pay", page)


def late_payment(hands: Hands) -> None:
    """A page that was closed is paid all the same."""
    page = hands.pick(hands.sessions("expired"))
    if page:
        hands.gateway.act("pay", page)


def stranger(hands: Hands) -> None:
    """Money for a page that we never opened, or whose order names nobody."""
    order = hands.order()
    reference = hands.pick([order.number, None, "RNW-2020-000001"])
    page = hands.gateway.act("stranger", order.total_minor, order.currency)
    hands.gateway.act("refer", page.id, reference)
    hands.gateway.act("pay", page.id)


def webhooks(hands: Hands) -> None:
    """Some of what happened arrives: late, twice, in any order, or not at all."""
    told = hands.gateway.act("told")
    some = [event for event in told for _ in range(hands.chance.choice([0, 0, 1, 1, 2, 3]))]
    hands.chance.shuffle(some)
    for event in some[:12]:
        flows.receive(hands.gateway.act("body", event), SIGNATURE)
    while flows.handle_events():
        pass


def odd_webhooks(hands: Hands) -> None:
    """Types of which we keep nothing, and things that the provider does not know."""
    order = hands.order()
    with reading() as db:
        attempts = list(db.scalars(select(PaymentAttempt).where(PaymentAttempt.subject == order.subject)))
    intent = next((each.intent_id for each in attempts if each.intent_id), "pi_unknown")
    for type_, named in (
        ("customer.created", "cus_1"), ("refund.updated", "re_unknown"), ("payment_intent.processing", intent),
        ("payment_intent.canceled", "pi_unknown"),
    ):  # fmt: skip
        flows.receive(hands.gateway.act("event", type_, named), SIGNATURE)
    while flows.handle_events():
        pass


def return_page(hands: Hands) -> None:
    flows.settle_order(hands.order().number)


def sweep(hands: Hands) -> None:
    hands.clock.shift(timedelta(seconds=26))
    flows.sweep()


def catch_up(_hands: Hands) -> None:
    flows.catch_up()
    while flows.handle_events():
        pass


def compare(_hands: Hands) -> None:
    flows.compare()


def mails(_hands: Hands) -> None:
    while outbox.run_due():
        pass


def watch(_hands: Hands) -> None:
    flows.watch()


def cancel(hands: Hands) -> None:
    flows.cancel(hands.order().number, OWNER, CancelledBy.CUSTOMER)


def again(hands: Hands) -> None:
    """The customer orders anew, perhaps at a price that changed meanwhile."""
    order = hands.order()
    with transaction() as db:
        contract = contracts.lock(db, order.contract_id)
        quote = pricing.seal(db, contract, hands.chance.choice([12, 24]), None, OWNER, clock.now())
        orders.place(db, quote, OWNER, "owner@aurora.example", None, "2026-01", clock.now())


def trouble(hands: Hands) -> None:
    """The provider is away, answers are lost, keys are forgotten, bookings lag, objects are gone."""
    hands.gateway.act(*hands.pick([("go_down", 2), ("lose_answer", 1), ("lose_answer", 2),
                                   ("book_later",), ("refuse",), ("forget_customers",)]))  # fmt: skip


def account_emptied(hands: Hands) -> None:
    """An emulator was reset: it does not know an open page any more."""
    page = hands.pick(hands.sessions("open"))
    if page and hands.chance.random() < 0.5:
        hands.gateway.act("forget_session", page)


def bookings(hands: Hands) -> None:
    hands.gateway.act("book_all")


def time_passes(hands: Hands) -> None:
    """The portal may stand still for a day, not for a month: what is long goes by with its background at work."""
    long = hands.pick([timedelta(0), timedelta(0), timedelta(days=9), timedelta(days=31)])
    if long:
        catch_up(hands)
        hands.clock.shift(long)
        catch_up(hands)
    hands.clock.shift(hands.pick([timedelta(seconds=30), timedelta(minutes=20), timedelta(hours=24, minutes=1)]))


def unheard_for_a_day(hands: Hands) -> None:
    """The answer to a wish is lost, and nobody asks again before its key is too old."""
    hands.gateway.act("lose_answer")
    with suppress(Refusal, PaymentsError):
        pay(hands)
    hands.clock.shift(timedelta(hours=23, minutes=2))
    flows.sweep()


def fee_is_told_late(hands: Hands) -> None:
    """An order is paid before the provider knows its fee; the sweep asks again."""
    hands.gateway.act("book_later")
    with suppress(Refusal, PaymentsError):
        pay(hands)
    customer_pays(hands)
    return_page(hands)
    hands.gateway.act("book_all")
    sweep(hands)


def stranger_is_booked_late(hands: Hands) -> None:
    """Money for a page that we do not know, whose fee is told long after."""
    hands.gateway.act("book_later")
    stranger(hands)
    for event in hands.gateway.act("told"):
        flows.receive(hands.gateway.act("body", event), SIGNATURE)
    for _look in range(2):
        while flows.handle_events():
            pass
        hands.gateway.act("book_all")
        hands.clock.shift(timedelta(seconds=31))
    while flows.handle_events():
        pass


# How often each step is chosen.
STEPS: Final[dict[Callable[[Hands], None], int]] = {
    pay: 12, customer_pays: 14, delayed_money: 3, wrong_amount: 2, late_payment: 2, stranger: 2, webhooks: 10,
    odd_webhooks: 2, return_page: 6, sweep: 8, catch_up: 4, compare: 3, mails: 5, watch: 2, cancel: 3, again: 4,
    returns.refund: 7, returns.slow_refunds: 2, returns.refund_ends: 3, returns.refund_fails_late: 2,
    returns.refund_elsewhere: 2, returns.dispute: 3, returns.decided: 3, returns.warning: 1, returns.assign: 2,
    returns.retry_refunds: 2, trouble: 6, account_emptied: 1, bookings: 2, time_passes: 5,
    unheard_for_a_day: 1, stranger_is_booked_late: 1, fee_is_told_late: 2,
    banking.choose_transfer: 3, banking.choose_page: 2, banking.money_found: 4, banking.second_look: 2,
    banking.paid_by_transfer: 3, banking.slip: 2, banking.refund_sent: 2, banking.sent_back: 3,
}  # fmt: skip
NAMES: Final = {step.__name__: step for step in STEPS}


def schedule(chance: random.Random, least: int = 8, most: int = 22) -> list[str]:
    """A list of steps by name. It begins with a customer who pays, since else hardly anything follows."""
    length = chance.randint(least, most)
    chosen = chance.choices([step.__name__ for step in STEPS], list(STEPS.values()), k=length)
    return ["pay", "customer_pays", *chosen] if chance.random() < 0.7 else chosen


def take(name: str, hands: Hands) -> None:
    """Do a step; a refusal, or a provider that is away, is an answer like any other."""
    try:
        NAMES[name](hands)
    except (Refusal, PaymentsError):
        return


def recover(hands: Hands, until: datetime) -> None:
    """The background alone, the provider well again: no webhook comes any more. In the end an hour passes, since
    what failed again and again is tried again that late; what comes of it is carried out in the minutes after."""
    hands.gateway.act("get_well")
    while clock.now() < until:
        _background(hands, timedelta(seconds=61))
    for waited in (timedelta(minutes=61), timedelta(seconds=61), timedelta(seconds=61)):
        _background(hands, waited)
    flows.compare()


def _background(hands: Hands, waited: timedelta) -> None:
    hands.clock.shift(waited)
    flows.catch_up()
    while flows.handle_events():
        pass
    flows.sweep()
    while outbox.run_due():
        pass
