"""Steps in which money goes back, or is fought over."""

from __future__ import annotations

from sqlalchemy import select

from payments.charges.models import PaymentAttempt
from payments.gateway.base import RefundStatus
from payments.ledger import queries as ledger
from payments.money import Money
from payments.refunds.models import Refund, RefundState
from portal.checkout import flows
from portal.checkout.actions import suspense
from portal.checkout.flows.ground import seller
from portal.kit import clock
from portal.kit.db import reading, transaction
from tests.torture.hands import Hands
from tests.torture.world import CS, FINANCE, SECOND


def refund(hands: Hands) -> None:
    with reading() as db:
        wanted = select(PaymentAttempt.provider, PaymentAttempt.charge_id)
        wanted = wanted.where(PaymentAttempt.charge_id.is_not(None)).order_by(PaymentAttempt.id)
        sources = [f"{provider}:{charge}" for provider, charge in db.execute(wanted)]
        sources += [entry.source for entry in ledger.suspended(db)]
        taken = ledger.taken(db, [hands.pick(sources) or "stripe:none"])
    if taken is None:
        return
    whole = hands.chance.random() < 0.4
    minor = taken.amount.minor if whole else hands.chance.randint(1, taken.amount.minor)
    made = flows.request_refund(taken.source, Money(minor, taken.amount.currency), "because", CS)
    for person in (FINANCE, SECOND):
        if flows.agree(made, person) is not RefundState.REQUESTED:
            return


def slow_refunds(hands: Hands) -> None:
    hands.gateway.act("begin_refunds", hands.pick([RefundStatus.PENDING, RefundStatus.SUCCEEDED]))


def refund_ends(hands: Hands) -> None:
    found = [each for each in hands.gateway.act("refunds").values() if each.status != "failed"]
    one = hands.pick(found)
    if one:
        hands.gateway.act("finish_refund", one.id, hands.pick(["succeeded", "failed"]))


def refund_fails_late(hands: Hands) -> None:
    """A refund was done, and days later the customer's bank sends the money back."""
    refund(hands)
    done = hands.pick([each for each in hands.gateway.act("refunds").values() if each.status == "succeeded"])
    if done:
        hands.gateway.act("finish_refund", done.id, "failed")


def refund_elsewhere(hands: Hands) -> None:
    charge = hands.pick(hands.charges())
    if charge:
        hands.gateway.act("refund_at_provider", charge, hands.chance.randint(1, 2_000))


def dispute(hands: Hands) -> None:
    charge = hands.pick(hands.charges())
    if charge and not any(each.charge_id == charge for each in hands.gateway.act("disputes").values()):
        status = hands.pick(["needs_response", "needs_response", "warning_needs_response"])
        hands.gateway.act("dispute", charge, None, status)


def decided(hands: Hands) -> None:
    one = hands.pick([each for each in hands.gateway.act("disputes").values() if "needs" in each.status])
    if one:
        warning = one.status.startswith("warning")
        hands.gateway.act("decide", one.id, "warning_closed" if warning else hands.pick(["won", "lost"]))


def warning(hands: Hands) -> None:
    charge = hands.pick(hands.charges())
    if charge:
        hands.gateway.act("warn", charge)


def assign(hands: Hands) -> None:
    with reading() as db:
        one = hands.pick([entry.source for entry in ledger.suspended(db)])
    if one:
        with transaction() as db:
            suspense.assign(db, one, hands.order().number, seller(), FINANCE, clock.now())


def retry_refunds(_hands: Hands) -> None:
    with reading() as db:
        wanted = select(Refund.id).where(Refund.state.in_((RefundState.APPROVED, RefundState.PENDING)))
        waiting = list(db.scalars(wanted))
    for refund_id in waiting:
        flows.settle_refund(refund_id)
