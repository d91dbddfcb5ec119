"""Events in every order, refunds and disputes in every mixture:
`python -m tests.torture.orders [--permutations 5000] [--sequences 5000]`.

Permutations: one history of events at the provider, told in a random order, doubled at random, must end in one and
the same result. Sequences: random refunds and disputes, in three currencies, must keep the books (R22).
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from datetime import timedelta
from multiprocessing import get_context
from typing import Any

import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.ledger import queries as ledger
from payments.ledger.models import LedgerEntry
from payments.reconcile.models import FinanceException
from portal.checkout import flows
from portal.contracts.models import Term
from portal.kit import outbox
from portal.kit.db import reading
from portal.kit.mail import Mail
from portal.orders.models import Order
from tests.conftest import NOW
from tests.fakes.gateway import SIGNATURE, FakeGateway
from tests.portal.checkout.mixture import some_step
from tests.portal.checkout.support import Renewal, broken, hear, open_page, paid, renewal
from tests.torture.crash import quiet
from tests.torture.world import World, world


def result(db: Session) -> list[Any]:
    """What there is in the end, whatever came first: without ids and instants. Each account as a whole: which of
    two refunds carries a rounded cent of tax depends on which was told first."""
    entries = select(LedgerEntry.kind, LedgerEntry.source, LedgerEntry.subject)
    return [
        sorted((account, currency, money.minor) for (account, currency), money in ledger.balances(db).items()),
        sorted(tuple(row) for row in db.execute(entries)),
        sorted(tuple(row) for row in db.execute(select(Order.number, Order.state))),
        sorted(tuple(row) for row in db.execute(select(Term.starts_on, Term.live, Term.contract_id))),
        sorted(tuple(row) for row in db.execute(select(FinanceException.kind, FinanceException.ref))),
        sorted(kind for kind in db.scalars(select(Mail.kind)) if kind != "order.placed"),
    ]


def history(gateway: FakeGateway, made: Renewal) -> None:
    """A declined try, a payment, three refunds of which one fails later, a dispute that is lost."""
    session = open_page(made)
    gateway.decline(session)
    gateway.happened("payment_intent.payment_failed", str(gateway.sessions[session].intent_id))
    gateway.pay(session)
    charge = str(gateway.sessions[session].charge_id)
    refunds = [gateway.refund_at_provider(charge, amount) for amount in (1_000, 2_000, 3_000)]
    gateway.finish_refund(refunds[1], "failed")
    gateway.warn(charge)
    dispute = gateway.dispute(charge, 50_000)
    gateway.decide(dispute, "lost")


def permutation(made: World, number: int) -> str:
    """One order of the events; the result, as text."""
    chance, path = random.Random(number), made.copy("order")
    with time_machine.travel(NOW, tick=False) as travelled, made.app.app_context():
        made.use(path)
        made.app.extensions["gateway"] = gateway = FakeGateway()
        order = renewal()
        history(gateway, order)
        told = [event for event in gateway.told for _ in range(chance.choice([1, 1, 2]))]
        chance.shuffle(told)
        for event in told:
            flows.receive(gateway.body(event), SIGNATURE)
            if chance.random() < 0.5:
                flows.handle_events()
        travelled.shift(timedelta(seconds=90))
        while flows.handle_events() or outbox.run_due():
            pass
        with reading() as db:
            found = repr(result(db))
        assert not broken(), (number, broken())
        made.engine.dispose()
    made.forget(path)
    return found


def sequence(made: World, number: int) -> list[str]:
    """One mixture of refunds and disputes; what is broken."""
    chance, path = random.Random(number), made.copy("sequence")
    with time_machine.travel(NOW, tick=False), made.app.app_context():
        made.use(path)
        made.app.extensions["gateway"] = gateway = FakeGateway()
        order = paid(gateway, currency=chance.choice(["CNY", "JPY", "KWD"]))
        for _step in range(chance.randint(2, 8)):
            some_step(gateway, order, chance)
            hear(gateway)
        found = broken()
        made.engine.dispose()
    made.forget(path)
    return found


def permutations(numbers: range) -> Counter[str]:
    """How often each result came."""
    with world() as made:
        quiet()
        return Counter(permutation(made, number) for number in numbers)


def sequences(numbers: range) -> list[str]:
    """What is broken."""
    with world() as made:
        quiet()
        return [f"sequence {number}: {line}" for number in numbers for line in sequence(made, number)]


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--permutations", type=int, default=5_000)
    asked.add_argument("--sequences", type=int, default=5_000)
    asked.add_argument("--jobs", type=int, default=1, help="so many processes at once")
    given = asked.parse_args()
    began = time.monotonic()
    with get_context("spawn").Pool(given.jobs) as pool:
        shares = [range(first, given.permutations, given.jobs) for first in range(given.jobs)]
        results = sum(pool.map(permutations, shares), Counter())
        seconds = time.monotonic() - began
        print(f"{given.permutations} orders of the events, {len(results)} results, {seconds:.0f} s", flush=True)
        shares = [range(first, given.sequences, given.jobs) for first in range(given.jobs)]
        bad = [line for lines in pool.map(sequences, shares) for line in lines]
    for line in bad:
        print(f"BROKEN {line}")
    seconds = time.monotonic() - began
    print(f"{given.sequences} refunds and disputes in sequence, {len(bad)} broken, {seconds:.0f} s")
    if len(results) > 1:
        print(f"BROKEN: results differ, {sorted(results.values())}")
        for found in results:
            print(found)
    return int(bool(bad) or len(results) > 1)


if __name__ == "__main__":
    sys.exit(main())
