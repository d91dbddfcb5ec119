"""Ask for a fapiao, issue it, answer a refund with a red-letter one. In the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.db import move
from portal.audit import actions as audit
from portal.documents.fapiao import queries, rules
from portal.documents.fapiao.errors import AlreadyAsked, FapiaoMoved, NotForFapiao, NumberTaken, NumberWrong
from portal.documents.fapiao.events import FapiaoSettled
from portal.documents.fapiao.models import MOVES, FapiaoKind, FapiaoRequest, FapiaoState
from portal.kit import outbox
from portal.orders.models import Order

# How the news of a mended fapiao is told from that of its issue.
MENDED: Final = "mended"


def request(
    db: Session, order: Order, kind: FapiaoKind, buyer: Mapping[str, str], by: str, at: datetime
) -> FapiaoRequest:
    """Ask for the fapiao of an order, before its payment or after it; `buyer` as the table says, complete for the
    kind (rules.missing). Its amount is what is not refunded. Hold the order by orders.queries.lock. Raises
    NotForFapiao, AlreadyAsked."""
    left = queries.left_minor(db, order)
    if not rules.possible(order.company.country, order.currency, order.state) or left <= 0:
        raise NotForFapiao(number=order.number)
    if queries.live(db, order.id) is not None:
        raise AlreadyAsked(number=order.number)
    row = FapiaoRequest(
        order_id=order.id, kind=kind, state=FapiaoState.REQUESTED, buyer=dict(buyer), amount_minor=left,
        currency=order.currency, reds=[], red_minor=0, requested_by=by, requested_at=at, changed_at=at,
    )  # fmt: skip
    db.add(row)
    db.flush()
    audit.note(db, by, "fapiao.requested", order.subject, at, kind=kind, fapiao=row.id)
    return row


def take_up(db: Session, row: FapiaoRequest, version: int, by: str, at: datetime) -> None:
    """Somebody of finance begins to issue it, for what is not refunded by now. Raises FapiaoMoved,
    NotForFapiao."""
    _must_be(row, version, FapiaoState.REQUESTED)
    left = queries.left_minor(db, row.order)
    if left <= 0 or not queries.is_paid(row.order):
        raise NotForFapiao(number=row.order.number)
    row.amount_minor, row.taken_by = left, by
    _to(db, row, FapiaoState.ISSUING, by, at)


def issue(
    db: Session, row: FapiaoRequest, version: int, number: str, stored: str, file: str, by: str, at: datetime
) -> None:
    """The tax bureau has issued it. Raises FapiaoMoved, NumberWrong, NumberTaken."""
    _must_be(row, version, FapiaoState.ISSUING)
    _must_be_new(db, number)
    row.number, row.stored, row.file, row.issued_at = number, stored, file, at
    _to(db, row, FapiaoState.ISSUED, by, at, fapiao_number=number)
    _tell(db, row, at)
    follow_refunds(db, row, at)  # money may have gone back while it was being issued


def fail(db: Session, row: FapiaoRequest, version: int, why: str, by: str, at: datetime) -> None:
    """It cannot be issued so; whoever asked reads `why`, and may ask anew. Raises FapiaoMoved."""
    _must_be(row, version, FapiaoState.REQUESTED, FapiaoState.ISSUING)
    row.failure = why
    _to(db, row, FapiaoState.FAILED, by, at, reason=why)
    _tell(db, row, at)


def withdraw(db: Session, row: FapiaoRequest, by: str, at: datetime) -> None:
    """Nobody wants it any more. Raises FapiaoMoved once finance works on it."""
    if row.state is not FapiaoState.REQUESTED:
        raise FapiaoMoved(state=row.state)
    _to(db, row, FapiaoState.WITHDRAWN, by, at)


def mend(
    db: Session, row: FapiaoRequest, version: int, number: str, stored: str, file: str, by: str, at: datetime
) -> None:
    """The fapiao is right, but another number or file was kept for it. Raises FapiaoMoved, NumberWrong,
    NumberTaken."""
    _must_be(row, version, FapiaoState.ISSUED)
    if number != row.number:
        _must_be_new(db, number)
    before, row.number = row.number, number
    row.stored, row.file, row.changed_at = stored, file, at
    db.flush()
    audit.note(db, by, "fapiao.mended", row.order.subject, at, fapiao=row.id, fapiao_number=number,
               instead_of=before)  # fmt: skip
    _tell(db, row, at, f"{MENDED}-{row.version}")


def void(db: Session, row: FapiaoRequest, version: int, why: str, by: str, at: datetime) -> None:
    """Something is wrong on the fapiao itself: a red letter takes all of it back, and then another can be asked
    for. Whoever asked reads `why`. Raises FapiaoMoved."""
    _must_be(row, version, FapiaoState.ISSUED)
    row.void_reason, row.red_minor = why, row.amount_minor
    _to(db, row, FapiaoState.RED_REQUESTED, by, at, minor=row.red_minor, currency=row.currency, reason=why)


def issue_red(
    db: Session, row: FapiaoRequest, version: int, number: str, stored: str, file: str, by: str, at: datetime
) -> None:
    """The red-letter fapiao of a refund is issued. Raises FapiaoMoved, NumberWrong, NumberTaken."""
    _must_be(row, version, FapiaoState.RED_REQUESTED)
    _must_be_new(db, number)
    made: dict[str, Any] = {"number": number, "stored": stored, "file": file, "minor": row.red_minor}
    row.reds, row.red_minor = [*row.reds, made], 0
    _to(db, row, FapiaoState.RED_ISSUED, by, at, fapiao_number=number)
    _tell(db, row, at)


def follow_refunds(db: Session, row: FapiaoRequest, at: datetime) -> None:
    """Bring a request in line with what has gone back of its order: worked out from the books each time, so that
    the same news twice changes nothing. An issued fapiao gets a red-letter task; one that nobody works on yet is
    over when nothing is left."""
    order = row.order
    left = queries.left_minor(db, order)
    over = left <= 0 or not rules.possible(order.company.country, order.currency, order.state)
    if row.state is FapiaoState.REQUESTED and over:
        _to(db, row, FapiaoState.WITHDRAWN, audit.SYSTEM, at)
    if row.number is None:
        return
    due = row.amount_minor - row.reds_minor - (0 if row.void_reason else left)
    row.red_minor = max(0, due)
    if due > 0 and row.state is not FapiaoState.RED_REQUESTED:
        _to(db, row, FapiaoState.RED_REQUESTED, audit.SYSTEM, at, minor=due, currency=row.currency)
    elif due <= 0 and row.state is FapiaoState.RED_REQUESTED:
        _to(db, row, FapiaoState.RED_ISSUED if row.reds else FapiaoState.ISSUED, audit.SYSTEM, at)
    db.flush()


def forget_person(db: Session, _person_id: int, email: str) -> None:
    """Nothing is written any more to somebody who was erased; who bought stays, as the law wants it."""
    theirs = select(FapiaoRequest).where(FapiaoRequest.buyer["email"].as_string() == email)
    for row in db.scalars(theirs):
        row.buyer = {name: text for name, text in row.buyer.items() if name != "email"}
    db.flush()


def _must_be(row: FapiaoRequest, version: int, *states: FapiaoState) -> None:
    if row.version != version or row.state not in states:
        raise FapiaoMoved(state=row.state)


def _must_be_new(db: Session, number: str) -> None:
    if not rules.is_number(number):
        raise NumberWrong
    if queries.number_taken(db, number):
        raise NumberTaken(number=number)


def _to(db: Session, row: FapiaoRequest, state: FapiaoState, by: str, at: datetime, **facts: Any) -> None:
    row.state, row.changed_at = move(MOVES, row.state, state), at
    db.flush()
    audit.note(db, by, f"fapiao.{state}", row.order.subject, at, fapiao=row.id, **facts)


def _tell(db: Session, row: FapiaoRequest, at: datetime, occurrence: str | None = None) -> None:
    told = FapiaoSettled(
        subject=row.subject, occurrence=occurrence or f"{row.state}-{len(row.reds)}", request_id=row.id,
        state=row.state,
    )  # fmt: skip
    outbox.tell(db, told, at)
