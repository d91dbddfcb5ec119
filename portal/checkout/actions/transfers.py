"""Bank transfers: the order waits for one, finance finds its money, the customer changes their mind. In the
caller's transaction; each carries on by `captures.conclude`, like every payment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from payments.charges import actions as charges
from payments.charges import queries as attempts
from payments.charges.models import LIVE, AttemptState, PaymentAttempt
from payments.errors import BankLineKnown
from payments.gateway.bank import NAME, TransferFacts, sent_of, session_of, truth_of
from payments.gateway.base import RefundFacts, RefundStatus
from payments.money import Money
from payments.refunds import queries as refund_queries
from payments.refunds.models import RefundState
from payments.transfers import actions as transfers
from payments.transfers import queries, rules
from payments.transfers.models import Transfer, TransferState
from portal.audit import actions as audit
from portal.checkout.actions import captures
from portal.checkout.actions import refunds as refunding
from portal.checkout.actions.ground import SYSTEM
from portal.checkout.errors import NoAccount, TransferSeen
from portal.checkout.queries import limit_of
from portal.checkout.rules import number_of
from portal.kit import clock
from portal.orders import actions as orders
from portal.orders import queries as order_queries
from portal.orders.models import Order, OrderState


def begin(db: Session, order: Order, by: str, at: datetime) -> Transfer:
    """The order waits for a transfer: an attempt of its own, with the account and the reference to write. Hold the
    order; its other attempts are closed. Raises NoAccount, LiveAttemptExists."""
    account = queries.account_for(db, order.currency)
    if account is None:
        raise NoAccount(currency=order.currency)
    earlier = queries.of_subject(db, order.subject)
    reference = order.number if not earlier else f"{order.number}-{len(earlier) + 1}"
    expires_at = orders.await_transfer(db, order, by, earlier[0].created_at if earlier else at, at)
    attempt = charges.create_attempt(
        db, subject=order.subject, provider=NAME, key=f"{order.subject}:transfer:{reference}", amount=order.total,
        request={"quote": order.quote_id}, expires_at=expires_at, at=at,
    )  # fmt: skip
    charges.record_session(attempt, session_of(reference), None, expires_at)
    audit.note(db, by, "transfer.awaited", order.subject, at, reference=reference, account=account.id)
    return transfers.await_transfer(db, attempt, account, reference, at)


def drop(db: Session, order: Order, attempt: PaymentAttempt, to: AttemptState, at: datetime) -> bool:
    """Nobody waits for the attempt's transfer any more; False when finance has found money for it already."""
    transfer = queries.of_attempt(db, attempt.id)
    if transfer is not None and not transfers.close(queries.lock(db, transfer.id)):
        return False
    if attempt.state in LIVE:
        charges.close(attempt, to, None, at)
    audit.note(db, SYSTEM, "transfer.dropped", order.subject, at, attempt=attempt.id)
    db.flush()
    return True


def see(
    db: Session, transfer_id: int, received: Money, value_date: date, bank_reference: str, zone: str,
    seller: Mapping[str, str], by: str, at: datetime,
) -> bool:  # fmt: skip
    """Finance found the money of a transfer at the bank, of that value date (a day in the seller's `zone`); True
    when it is taken now, False when a second person must agree.

    Raises ValueDateWrong, BankLineKnown, IllegalMove.
    """
    order, transfer = _held(db, transfer_id)
    rules.check_value_date(value_date, clock.day(at, zone), clock.day(transfer.created_at, zone))
    limit = limit_of(db, received.currency).transfer_minor
    final = transfers.see(db, transfer, received, value_date, bank_reference, limit, by, at)
    audit.note(db, by, "transfer.seen", transfer.subject, at, transfer=transfer.id, bank_reference=bank_reference,
               value_date=value_date.isoformat(), minor=received.minor, currency=received.currency,
               final=final)  # fmt: skip
    if final:
        _take(db, order, transfer, zone, seller, at)
    return final


def agree(db: Session, transfer_id: int, zone: str, seller: Mapping[str, str], by: str, at: datetime) -> None:
    """A second person agrees that the money came. Raises NeedsAnotherPerson, IllegalMove."""
    order, transfer = _held(db, transfer_id)
    limit = limit_of(db, transfer.received_currency or transfer.currency).transfer_minor
    transfers.agree(transfer, limit, by, at)
    audit.note(db, by, "transfer.agreed", transfer.subject, at, transfer=transfer.id)
    _take(db, order, transfer, zone, seller, at)


def take_back(db: Session, transfer_id: int, by: str, at: datetime) -> None:
    """It was another line of the bank. Raises IllegalMove once a second person agreed."""
    order, transfer = _held(db, transfer_id)
    live = attempts.live_for(db, order.subject)
    mine = live is not None and live.id == transfer.attempt_id
    awaited = mine and order.state is OrderState.AWAITING_TRANSFER
    transfers.take_back(transfer, awaited)
    if mine and live is not None and not awaited:  # the order was paid, or held, by other money meanwhile
        charges.close(live, AttemptState.CANCELLED, None, at)
    audit.note(db, by, "transfer.taken_back", transfer.subject, at, transfer=transfer.id)
    db.flush()


def refund_sent(
    db: Session, refund_id: int, bank_reference: str, sent_on: date, zone: str, by: str, at: datetime
) -> RefundState:
    """Finance sent an approved refund of a transfer from its account, on a day in the seller's `zone`.

    Raises LookupError for one that is not approved, or goes another way; ValueDateWrong; BankLineKnown.
    """
    subject = refund_queries.get(db, refund_id).subject
    order_queries.lock(db, number_of(subject))
    refund = refund_queries.lock(db, refund_id)
    if refund.state is not RefundState.APPROVED or refund.provider != NAME or refund.approved_at is None:
        raise LookupError(refund_id)
    rules.check_value_date(sent_on, clock.day(at, zone), clock.day(refund.approved_at, zone))
    account = queries.same_account(db, queries.of_reference(db, refund.charge_id).account_id)[0]
    line = sent_of(account, bank_reference)
    if refund_queries.known(db, line, None) is not None:
        raise BankLineKnown(bank_reference=bank_reference)
    audit.note(db, by, "refund.sent", subject, at, refund=refund.id, bank_reference=bank_reference,
               sent_on=sent_on.isoformat())  # fmt: skip
    facts = RefundFacts(
        id=line, charge_id=refund.charge_id, status=RefundStatus.SUCCEEDED, amount_minor=refund.amount_minor,
        currency=refund.currency, key=refund.idempotency_key, failure_code=None,
        created_at=min(_end_of(sent_on, zone), at),
    )  # fmt: skip
    done = refunding.conclude(db, NAME, facts, zone, at)
    return done.state if done else refund.state


def _take(
    db: Session, order: Order, transfer: Transfer, zone: str, seller: Mapping[str, str], at: datetime
) -> None:
    db.flush()
    captures.conclude(db, transfer.attempt_id, truth_of(facts_of(db, transfer, zone)), seller, at)
    live = attempts.live_for(db, order.subject)
    if live is not None and live.provider == NAME and order.state is not OrderState.AWAITING_TRANSFER:
        drop(db, order, live, AttemptState.CANCELLED, at)  # the customer was told of another transfer since


def facts_of(db: Session, transfer: Transfer, zone: str) -> TransferFacts:
    """A transfer as its gateway tells it: money counts once it is confirmed, dated to the end of its value
    date."""
    attempt = attempts.get(db, transfer.attempt_id)
    confirmed = transfer.state is TransferState.CONFIRMED
    return TransferFacts(
        session_id=session_of(transfer.reference), reference=transfer.reference,
        order_number=number_of(transfer.subject), quote_id=str(attempt.request["quote"]),
        asked_minor=transfer.amount_minor, currency=transfer.currency,
        received_minor=transfer.received_minor if confirmed else None,
        received_currency=transfer.received_currency if confirmed else None,
        value_at=_end_of(transfer.value_date, zone) if transfer.value_date else None,
        closed=transfer.state is TransferState.CLOSED,
    )  # fmt: skip


def _end_of(day: date, zone: str) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)) - timedelta(seconds=1)


def _held(db: Session, transfer_id: int) -> tuple[Order, Transfer]:
    """The transfer, with its order held before it: everybody takes them in this order."""
    order = order_queries.lock(db, number_of(db.get_one(Transfer, transfer_id).subject))
    return order, queries.lock(db, transfer_id)


def back_to_page(db: Session, order: Order, by: str, at: datetime) -> None:
    """The customer would rather pay at once. Hold the order. Raises TransferSeen."""
    if order.state is not OrderState.AWAITING_TRANSFER:
        return
    live = attempts.live_for(db, order.subject)
    if live is not None and not drop(db, order, live, AttemptState.CANCELLED, at):
        raise TransferSeen(number=order.number)
    orders.await_payment(db, order, by, at)
