"""Find what of an order's money went back, or waits to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.charges import queries as charges
from payments.charges.models import PaymentAttempt
from payments.disputes import queries as disputes
from payments.disputes.models import Dispute, DisputeState
from payments.ledger import queries as ledger
from payments.ledger.queries import Taken
from payments.money import Money
from payments.refunds import queries as refunds
from payments.refunds.models import Refund, RefundState
from portal.checkout.models import MoneyLimit
from portal.checkout.rules import PREFIX
from portal.orders.models import Order

# How rooms that may not know payments call this row.
Back = Refund


@dataclass(frozen=True)
class Standing:
    """A payment of an order: `source` is its name in the ledger; `gone` is what went back for good, by refunds and
    lost disputes, `left` what may still go back; `sold` tells the payment that paid the order from money that
    waits beside it."""

    source: str
    charge_id: str
    method: str | None
    captured: Money
    gone: Money
    left: Money
    sold: bool
    contested: bool
    refunds: Sequence[Refund]
    disputes: Sequence[Dispute]

    @property
    def refundable(self) -> bool:
        return self.left.minor > 0 and not self.contested


def given_back(db: Session, order: Order) -> int:
    """What of an order's sale has gone back for good, by refunds and lost disputes, in minor units."""
    return ledger.given_back(db, order.subject, order.currency).gross.minor


def standings(db: Session, number: str) -> list[Standing]:
    """The payments that came for an order, oldest first, with what went back of each."""
    subject = PREFIX + number
    payments = ledger.payments_of(db, [subject])
    if not payments:
        return []
    attempts = {row.charge_id or row.session_id: row for row in charges.of_subject(db, subject)}
    back, contested = refunds.of_subjects(db, [subject]), disputes.of_subjects(db, [subject])
    return [_standing(db, each, attempts, back, contested) for each in payments]


def _standing(
    db: Session, taken: Taken, attempts: Mapping[str | None, PaymentAttempt], back: Sequence[Refund],
    contested: Sequence[Dispute],
) -> Standing:  # fmt: skip
    charge = taken.source.partition(":")[2]
    attempt = attempts.get(charge) or next((row for row in attempts.values() if row.session_id == charge), None)
    mine = [each for each in contested if each.payment == taken.source]
    lost = sum((each.amount for each in mine if each.state is DisputeState.LOST), taken.amount * 0)
    sent = [each for each in back if each.payment == taken.source]
    done = sum((each.amount for each in sent if each.state is RefundState.SUCCEEDED), taken.amount * 0)
    return Standing(
        source=taken.source, charge_id=str(attempt.charge_id) if attempt and attempt.charge_id else charge,
        method=attempt.method if attempt else None, captured=taken.amount, gone=done + lost,
        left=max(refunds.left(db, taken.source, taken.amount) - lost, taken.amount * 0), sold=taken.sold,
        contested=any(_open(each, taken.source) for each in mine), refunds=sent, disputes=mine,
    )  # fmt: skip


def left_of(db: Session, taken: Taken) -> Money:
    """What of a payment neither a refund nor a lost dispute took, or may still take; less than nothing when
    refunds at the provider itself came between."""
    return refunds.left(db, taken.source, taken.amount - disputes.lost(db, taken.source, taken.amount.currency))


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
    """What went back of these orders, dated as the books date it; refunds that failed are left out. One
    statement."""
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
