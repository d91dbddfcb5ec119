"""Hold the provider's payments against ours. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from payments.gateway.base import PaymentFacts
from payments.money import Money
from payments.reconcile.models import ExceptionKind


@dataclass(frozen=True, slots=True)
class Booked:
    """A payment as our books have it: what came, and what of it went back."""

    charge_id: str
    subject: str
    amount: Money
    refunded: Money


@dataclass(frozen=True, slots=True)
class Difference:
    """A payment that the two sides do not tell alike; amounts are None on the side that does not know it."""

    kind: ExceptionKind
    charge_id: str
    subject: str | None
    theirs: Money | None
    ours: Money | None
    theirs_refunded: Money | None
    ours_refunded: Money | None


def compare(theirs: Iterable[PaymentFacts], ours: Mapping[str, Booked], sure: Iterable[str]) -> list[Difference]:
    """Every payment that differs. `ours` are by charge; of those, the ones named in `sure` must be among `theirs`:
    the others may lie outside the time that the provider listed."""
    found, listed = [], set()
    for fact in theirs:
        listed.add(fact.charge_id)
        amount = Money(fact.amount_minor, fact.currency)
        refunded = Money(fact.refunded_minor, fact.currency)
        booked = ours.get(fact.charge_id)
        if booked is None:
            kind = ExceptionKind.NOT_IN_LEDGER
            found.append(Difference(kind, fact.charge_id, None, amount, None, refunded, None))
        elif (booked.amount, booked.refunded) != (amount, refunded):
            kind = ExceptionKind.AMOUNT_DIFFERS
            found.append(_differs(kind, booked, amount, refunded))
    missing = [ours[charge_id] for charge_id in sure if charge_id not in listed]
    return found + [_differs(ExceptionKind.NOT_AT_PROVIDER, booked, None, None) for booked in missing]


def _differs(
    kind: ExceptionKind, booked: Booked, theirs: Money | None, theirs_refunded: Money | None
) -> Difference:
    return Difference(
        kind, booked.charge_id, booked.subject, theirs, booked.amount, theirs_refunded, booked.refunded
    )
