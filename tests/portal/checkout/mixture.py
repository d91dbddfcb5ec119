"""Refunds and disputes as a mixture that chance makes."""

from __future__ import annotations

import random

from payments.errors import PaymentsError
from portal.kit.errors import Refusal
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import Renewal, give_back, order_of, payment


def some_step(gateway: FakeGateway, made: Renewal, chance: random.Random) -> None:
    """Something that gives money back, or takes that back."""
    total = order_of(made.number).total_minor
    undecided = [each.id for each in gateway.disputes.values() if each.status == "needs_response"]
    match chance.randrange(5):
        case 0 | 1:
            try:
                give_back(made, chance.randint(1, total))
            except (PaymentsError, Refusal):
                return
        case 2 if gateway.refunds:
            refund = chance.choice(list(gateway.refunds.values()))
            if refund.status == "succeeded":
                gateway.finish_refund(refund.id, "failed")
        case 3 if not undecided:
            gateway.dispute(payment(made).partition(":")[2], chance.randint(1, total))
        case 4 if undecided:
            gateway.decide(undecided[0], chance.choice(["won", "lost"]))
