"""Find what of an order's money went back, or waits to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.charges import queries as charges
from payments.charges.models import AttemptState
from payments.disputes import queries as disputes
from payments.disputes.models import Dispute, DisputeState
from payments.ledger import queries as ledger
from payments.money import Money
from payments.refunds import queries as refunds
from payments.refunds.models import Refund
from portal.checkout.models import MoneyLimit
from portal.checkout.rules import PREFIX

# How rooms that may not know payments call this row.
Back = Refund


@dataclass(frozen=True)
class Standing:
    """A payment of an order: `source` is its name in the ledger; `left` is what may still go back; `sold` tells
    the payment that paid the order from money that waits beside it."""

    source: str
    charge_id: str
    method: str | None
    captured: Money
    left: Money
    sold: bool
    contested: bool
    refunds: Sequence[Refund]
    disputes: Sequence[Dispute]

    @property
    def refundable(self) -> bool:
        return self.left.minor > 0 and not self.contested


def standings(db: Session, number: str) -> list[Standing]:
    """The payments that came for an order, oldest first, with what went back of each."""
    subject = PREFIX + number
    captured = [row for row in charges.of_subject(db, subject) if row.state is AttemptState.SUCCEEDED]
    if not captured:
        return []
    back, contested = refunds.of_subjects(db, [subject]), disputes.of_subjects(db, [subject])
    found = []
    for row in captured:
        taken = ledger.taken(db, [f"{row.provider}:{row.charge_id}", f"{row.provider}:{row.session_id}"])
        if taken is None:
            continue
        found.append(
            Standing(
                source=taken.source, charge_id=str(row.charge_id), method=row.method, captured=taken.amount,
                left=refunds.left(db, taken.source, taken.amount), sold=taken.sold,
                contested=any(_open(each, taken.source) for each in contested),
                refunds=[each for each in back if each.payment == taken.source],
                disputes=[each for each in contested if each.payment == taken.source],
            )
        )  # fmt: skip
    return found


def _open(dispute: Dispute, source: str) -> bool:
    return dispute.payment == source and dispute.state is DisputeState.OPEN


@dataclass(frozen=True)
class Returned:
    """Money of an order that went back: `sold` out of what it had paid for. `source`: the refund or dispute."""

    number: str
    source: str
    money: Money
    at: datetime
    sold: bool


def returned(db: Session, numbers: Sequence[str]) -> list[Returned]:
    """What went back of these orders, dated as the books date it; refunds that failed are left out. Two
    statements."""
    found = ledger.returns_of(db, [PREFIX + number for number in numbers])
    return [
        Returned(each.subject.removeprefix(PREFIX), each.source, each.money, each.at, each.sold) for each in found
    ]


def refunds_of(db: Session, number: str) -> Sequence[Refund]:
    """All refunds about an order, oldest first. One statement."""
    return refunds.of_subjects(db, [PREFIX + number])


def limit_of(db: Session, currency: str) -> MoneyLimit:
    """The limits of a currency; zeros where nobody set any."""
    found = db.get(MoneyLimit, currency)
    return found or MoneyLimit(
        currency=currency, refund_minor=0, transfer_minor=0, second_payment_minor=0, changed_by="system",
        changed_at=datetime.min.replace(tzinfo=UTC),
    )  # fmt: skip


def limits(db: Session) -> Sequence[MoneyLimit]:
    """The limits that somebody set, by currency."""
    return db.scalars(select(MoneyLimit).order_by(MoneyLimit.currency)).all()
