"""What must hold after every run: our own invariants, and that the provider's side tells the same."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from payments.ledger import queries as ledger
from payments.reconcile.models import ExceptionKind, FinanceException
from payments.refunds.models import Refund, RefundState
from portal.checkout import selfcheck
from portal.contracts.models import Term
from portal.orders.models import OPEN, Order

COMPARED = (ExceptionKind.NOT_AT_PROVIDER, ExceptionKind.NOT_IN_LEDGER, ExceptionKind.AMOUNT_DIFFERS)


def broken_here(db: Session) -> list[str]:
    """What our own side alone tells."""
    return [*selfcheck.run(db), *_one_term_each(db)]


def broken(db: Session, gateway: Any) -> list[str]:
    """One line for each thing that is not as it must be; `gateway.act` asks the provider."""
    return [
        *broken_here(db),
        *_all_is_booked(db, gateway),
        *_refunds_agree(db, gateway),
        *_compared(db),
    ]


def _all_is_booked(db: Session, gateway: Any) -> list[str]:
    lines = []
    for page in gateway.act("sessions").values():
        sources = [f"stripe:{page.charge_id}", f"stripe:{page.id}"]
        taken = ledger.taken(db, sources) if page.paid else None
        if page.paid and taken is None:
            lines.append(f"{page.id} took {page.amount} {page.currency} and we know nothing of it")
        elif taken is not None and (taken.amount.minor, taken.amount.currency) != (page.amount, page.currency):
            lines.append(f"{page.id} took {page.amount} {page.currency}, booked as {taken.amount}")
    return lines


def _refunds_agree(db: Session, gateway: Any) -> list[str]:
    """Each refund of ours is one at the provider, in the same state, and none is there that we do not know."""
    theirs = gateway.act("refunds")
    of_theirs = db.scalars(select(Refund).where(Refund.provider == gateway.name)).all()
    ours = {each.refund_id: each for each in of_theirs if each.refund_id}
    lines = [f"refund {name} is not known here" for name in theirs if name not in ours]
    lines += [
        f"refund {name} is {theirs[name].status.value} there and {each.state.value} here"
        for name, each in ours.items()
        if name not in theirs or theirs[name].status.value != each.state.value
    ]
    by_key: dict[str, list[str]] = defaultdict(list)
    for name, each in theirs.items():
        by_key[each.key or name].append(name)
    lines += [f"refunds {names} were asked for once" for names in by_key.values() if len(names) > 1]
    waiting = [each.id for each in of_theirs if each.state is RefundState.APPROVED]
    return lines + [f"refund {number} was agreed to and never made" for number in waiting]


def _compared(db: Session) -> list[str]:
    wanted = select(FinanceException).where(
        FinanceException.kind.in_(COMPARED), FinanceException.closed_at.is_(None)
    )
    return [f"compare: {each.kind.value} {each.ref} {each.facts}" for each in db.scalars(wanted)]


def _one_term_each(db: Session) -> list[str]:
    twice = select(Term.order_number).where(Term.order_number.is_not(None))
    repeated = twice.group_by(Term.order_number).having(func.count() > 1)
    open_twice = (
        select(Order.contract_id).where(Order.state.in_(OPEN)).group_by(Order.contract_id).having(func.count() > 1)
    )
    return [f"{number} extended twice" for number in db.scalars(repeated)] + [
        f"contract {number} has two open orders" for number in db.scalars(open_twice)
    ]
