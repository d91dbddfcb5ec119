"""Change transfers, by their table of moves, in the caller's transaction. Hold the order first."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from payments.charges.models import PaymentAttempt
from payments.db import move
from payments.errors import BankLineKnown, IllegalMove, TooManySlips
from payments.money import Money
from payments.transfers import queries, rules
from payments.transfers.models import MOVES, SellerAccount, Slip, Transfer, TransferState

FACTS = ("holder", "bank", "number", "routing", "note")


def await_transfer(
    db: Session, attempt: PaymentAttempt, account: SellerAccount, reference: str, at: datetime
) -> Transfer:
    """Tell the customer where to send the attempt's amount, with which `reference`."""
    transfer = Transfer(
        attempt_id=attempt.id, subject=attempt.subject, reference=reference, account_id=account.id,
        told={name: getattr(account, name) for name in FACTS}, state=TransferState.AWAITING,
        amount_minor=attempt.amount_minor, currency=attempt.currency, created_at=at, slips=[],
    )  # fmt: skip
    db.add(transfer)
    db.flush()
    return transfer


def see(
    db: Session, transfer: Transfer, received: Money, value_date: date, bank_reference: str, limit_minor: int,
    by: str, at: datetime,
) -> bool:  # fmt: skip
    """`by` found the money at the bank; True when nobody else needs to agree. Raises IllegalMove,
    BankLineKnown."""
    known = queries.of_line(db, queries.same_account(db, transfer.account_id), bank_reference)
    if known is not None and known.id != transfer.id:
        raise BankLineKnown(bank_reference=bank_reference)
    transfer.received_minor, transfer.received_currency = received.minor, received.currency
    transfer.value_date, transfer.bank_reference = value_date, bank_reference
    final = rules.is_final(received, limit_minor, None, by)
    transfer.state = move(MOVES, transfer.state, TransferState.CONFIRMED if final else TransferState.SEEN)
    transfer.seen_by = by
    transfer.confirmed_at = at if final else None
    db.flush()
    return final


def agree(transfer: Transfer, limit_minor: int, by: str, at: datetime) -> None:
    """A second person agrees. Raises NeedsAnotherPerson, IllegalMove."""
    if transfer.state is not TransferState.SEEN:  # nobody can agree to money that nobody has found
        raise IllegalMove(state=transfer.state.value)
    assert transfer.received is not None
    rules.is_final(transfer.received, limit_minor, transfer.seen_by, by)
    transfer.state = move(MOVES, transfer.state, TransferState.CONFIRMED)
    transfer.second_by = by
    transfer.confirmed_at = at


def take_back(transfer: Transfer, awaited: bool) -> None:
    """It was another line after all, before anybody agreed. `awaited`: the money may still come for what it was
    asked for. Raises IllegalMove."""
    if transfer.state is not TransferState.SEEN:
        raise IllegalMove(state=transfer.state.value)
    transfer.state = move(MOVES, transfer.state, TransferState.AWAITING if awaited else TransferState.CLOSED)
    transfer.received_minor = transfer.received_currency = None
    transfer.value_date = transfer.bank_reference = transfer.seen_by = None


def close(transfer: Transfer) -> bool:
    """Nobody waits for it any more; False once money was found."""
    if transfer.state is not TransferState.AWAITING:
        return transfer.state is TransferState.CLOSED
    transfer.state = move(MOVES, transfer.state, TransferState.CLOSED)
    return True


def add_slip(
    db: Session, transfer: Transfer, stored: str, name: str, kind: str, size: int, by: str, at: datetime
) -> Slip:
    """Keep a customer's slip. Raises TooManySlips."""
    count = db.scalar(select(func.count()).where(Slip.transfer_id == transfer.id)) or 0
    if count >= rules.SLIPS_MOST:
        raise TooManySlips(most=rules.SLIPS_MOST)
    slip = Slip(
        transfer_id=transfer.id, stored=stored, name=rules.clean_name(name), kind=kind, size=size, by=by, at=at
    )
    db.add(slip)
    db.flush()
    return slip


def add_account(db: Session, by: str, at: datetime, **facts: str) -> SellerAccount:
    """A new account of the seller. `facts`: currency and FACTS."""
    account = SellerAccount(added_by=by, added_at=at, **facts)
    db.add(account)
    db.flush()
    return account
