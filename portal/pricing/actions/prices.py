"""Write base prices: of the list, of a segment, of one contract. Periods are half-open: one that begins on the day
another ends touches it and is fine; one that shares a day with another of its kind is refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from payments.money import Money, grain
from portal.audit import actions as audit
from portal.contracts.models import Contract, Segment
from portal.pricing import rules
from portal.pricing.actions.periods import begin, check_free, check_range, check_seen, period, take_book
from portal.pricing.errors import (
    FollowedByAnother,
    ForeignCurrency,
    GapAhead,
    NotCharged,
    NotToBeEnded,
    OfVersion,
    ProductNotInContract,
)
from portal.pricing.models import Price


def add_price(
    db: Session, *, product_code: str, currency: str, unit_minor: int, valid_from: date,
    valid_to: date | None = None, book: str, by: str, at: datetime, segment: Segment | None = None,
    contract: Contract | None = None, instead: bool = False, floor_minor: int | None = None,
    version_id: int | None = None,
) -> Price:  # fmt: skip
    """Add a base price, minor units per seat and year: for one contract, for a segment, or (neither) for the list.
    With `instead` the price of its kind that is open on `valid_from` ends there: that is how a price changes.
    `floor_minor`: what no discount goes below.

    Raises PeriodReversed, PeriodOverlap, and as `check_price`.
    """
    check_price(product_code, Money(unit_minor, currency), floor_minor, contract)
    begin(db, valid_from, valid_to)
    same = db.scalars(same_kind(product_code, currency, segment, contract)).all()
    before = _running(same, valid_from) if instead else None
    restored = before.valid_to if before else None
    if before:
        _end(db, before, valid_from, by, at)
    check_free(same, valid_from, valid_to)
    row = Price(
        product_code=product_code, currency=currency, unit_minor=unit_minor, segment=segment,
        contract_id=contract.id if contract else None, valid_from=valid_from, valid_to=valid_to, book=book,
        replaces_id=before.id if before else None, replaced_to=restored, created_at=at, floor_minor=floor_minor,
        version_id=version_id,
    )  # fmt: skip
    db.add(row)
    db.flush()
    audit.note(
        db, by, "price.added", _subject(row), at, kind=row.kind, currency=currency, unit_minor=unit_minor,
        book=book, floor_minor=floor_minor, segment=segment,
        contract=contract.number if contract else None, **period(valid_from, valid_to),
    )  # fmt: skip
    return row


def end_price(
    db: Session, price: Price, valid_to: date, seen: date | None, on: date, by: str, at: datetime,
    off_sale: bool = False,
) -> None:  # fmt: skip
    """Let a price end: `valid_to` is the first day without it, tomorrow at the earliest (`on` is today), and
    before the end it has, which is `seen` to whoever asks. A list price after which none follows ends only to take
    the product `off_sale`. Raises EndedMeanwhile, NotToBeEnded, GapAhead."""
    take_book(db)
    check_seen(price.valid_to, seen)
    earliest = max(on, price.valid_from)
    if valid_to <= earliest or (price.valid_to is not None and valid_to >= price.valid_to):
        raise NotToBeEnded(**_ends(price, earliest))
    if price.kind is rules.BaseKind.LIST and not off_sale:
        # Nothing of the list holds there, since this price did until now.
        raise GapAhead(product_code=price.product_code, currency=price.currency, on=valid_to.isoformat())
    _end(db, price, valid_to, by, at)


def withdraw_price(db: Session, price: Price, on: date, by: str, at: datetime) -> None:
    """Take back a price that has not begun anywhere (`on` is today): no quote was ever made with it. The price
    that it was to follow goes on as it would have. Raises NotToBeEnded; OfVersion: customers were told of a
    version, and another one brings the earlier prices back."""
    if price.version_id is not None:
        raise OfVersion(book=price.book)
    take_back(db, price, on, by, at)


def take_back(db: Session, price: Price, on: date, by: str, at: datetime) -> None:
    """As `withdraw_price`, for a version that takes the place of another one too: what that version let go on
    afterwards goes with its price. Raises NotToBeEnded, FollowedByAnother."""
    take_book(db)
    if rules.has_begun(price.valid_from, on):
        raise NotToBeEnded(**_ends(price, on))
    gone = [price, *_resumed(db, price)]
    follower = db.scalar(select(Price).where(Price.replaces_id.in_([row.id for row in gone])).limit(1))
    if follower is not None and follower not in gone:
        raise FollowedByAnother(book=follower.book)
    audit.note(
        db, by, "price.withdrawn", _subject(price), at, kind=price.kind, currency=price.currency,
        unit_minor=price.unit_minor, **period(price.valid_from, price.valid_to),
    )  # fmt: skip
    before = db.get(Price, price.replaces_id) if price.replaces_id else None
    for row in reversed(gone):
        db.delete(row)
    db.flush()
    if before is not None and before.valid_to == price.valid_from:
        _end(db, before, price.replaced_to, by, at)


def _resumed(db: Session, price: Price) -> Sequence[Price]:
    """What the price's version let go on once it ends."""
    if price.version_id is None:
        return []
    same = same_kind(price.product_code, price.currency, price.segment, price.contract)
    later = same.where(Price.version_id == price.version_id, Price.valid_from > price.valid_from)
    return db.scalars(later).all()


def check_price(product_code: str, unit: Money, floor_minor: int | None, contract: Contract | None) -> None:
    """Raises UnknownCurrency, AmountOutOfRange, NotCharged, ForeignCurrency, ProductNotInContract."""
    check_range(unit.minor, 1, rules.MOST_UNIT_MINOR)
    check_range(unit.minor if floor_minor is None else floor_minor, 1, unit.minor)
    step = grain(unit.currency)
    if unit.minor % step or (floor_minor or 0) % step:
        raise NotCharged(currency=unit.currency, step=step)
    if contract is not None:
        _check_contract(contract, product_code, unit.currency)


def _check_contract(contract: Contract, product_code: str, currency: str) -> None:
    if currency != contract.currency:
        raise ForeignCurrency(number=contract.number, currency=contract.currency)
    if product_code not in {line.product_code for line in rules.last_lines(contract)}:
        raise ProductNotInContract(number=contract.number, product_code=product_code)


def same_kind(
    product_code: str, currency: str, segment: Segment | None, contract: Contract | None
) -> Select[Price]:
    """Prices of the same product, currency and kind: those that no two may share a day."""
    wanted = select(Price).where(Price.product_code == product_code, Price.currency == currency)
    wanted = wanted.where(Price.segment == segment if segment else Price.segment.is_(None))
    return wanted.where(Price.contract_id == contract.id if contract else Price.contract_id.is_(None))


def _running(same: Sequence[Price], valid_from: date) -> Price | None:
    running = rules.in_force(same, valid_from)
    return running if running is not None and running.valid_from < valid_from else None


def _end(db: Session, price: Price, valid_to: date | None, by: str, at: datetime) -> None:
    was = price.valid_to.isoformat() if price.valid_to else None
    price.valid_to = valid_to
    db.flush()
    audit.note(
        db, by, "price.ended", _subject(price), at, price=price.id, was=was, **period(price.valid_from, valid_to)
    )


def _ends(price: Price, earliest: date) -> dict[str, str | None]:
    return {"earliest": earliest.isoformat(), "valid_to": price.valid_to.isoformat() if price.valid_to else None}


def _subject(price: Price) -> str:
    return f"product:{price.product_code}"
