"""Write the price book. Periods are half-open: one that begins on the day another ends touches it and is fine; one
that shares a day with another is refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.money import exponent
from portal.audit import actions as audit
from portal.kit import numbers
from portal.pricing import rules
from portal.pricing.errors import AmountOutOfRange, MixedTax, PeriodOverlap, PeriodReversed
from portal.pricing.models import Price, TaxRate, TermDiscount

BOOK_VERSION = "price-book"


def add_price(
    db: Session, *, product_code: str, currency: str, unit_minor: int, valid_from: date,
    valid_to: date | None = None, book: str, by: str, at: datetime,
) -> Price:  # fmt: skip
    """Add a list price: minor units per seat and year. Raises UnknownCurrency, AmountOutOfRange, PeriodReversed,
    PeriodOverlap."""
    exponent(currency)
    _check_range(unit_minor, 1, rules.MOST_UNIT_MINOR)
    _begin(db, valid_from, valid_to)
    same = select(Price).where(Price.product_code == product_code, Price.currency == currency)
    _check_free(db.scalars(same).all(), valid_from, valid_to)
    row = Price(
        product_code=product_code, currency=currency, unit_minor=unit_minor, valid_from=valid_from,
        valid_to=valid_to, book=book,
    )  # fmt: skip
    db.add(row)
    db.flush()
    audit.note(
        db, by, "price.added", f"product:{product_code}", at,
        currency=currency, unit_minor=unit_minor, book=book, **_period(valid_from, valid_to),
    )  # fmt: skip
    return row


def add_term_discount(
    db: Session, *, months: int, basis_points: int, valid_from: date, valid_to: date | None = None, book: str,
    by: str, at: datetime,
) -> TermDiscount:  # fmt: skip
    """Put a term length on sale, with what it takes off. Raises AmountOutOfRange, PeriodReversed,
    PeriodOverlap."""
    _check_range(months, 1, 120)
    _check_range(basis_points, 0, 10_000)
    _begin(db, valid_from, valid_to)
    same = select(TermDiscount).where(TermDiscount.months == months)
    _check_free(db.scalars(same).all(), valid_from, valid_to)
    row = TermDiscount(
        months=months, basis_points=basis_points, valid_from=valid_from, valid_to=valid_to, book=book
    )
    db.add(row)
    db.flush()
    audit.note(
        db, by, "term_discount.added", f"term:{months}", at,
        basis_points=basis_points, book=book, **_period(valid_from, valid_to),
    )  # fmt: skip
    return row


def add_tax_rate(
    db: Session, *, country: str, kind: str, basis_points: int, inclusive: bool, valid_from: date,
    valid_to: date | None = None, product_code: str | None = None, by: str, at: datetime,
) -> TaxRate:  # fmt: skip
    """Add a country's tax, of one product or (None) of all without a rate of their own. Raises AmountOutOfRange,
    PeriodReversed, PeriodOverlap, MixedTax."""
    _check_range(basis_points, 0, 10_000)
    _begin(db, valid_from, valid_to)
    here = db.scalars(select(TaxRate).where(TaxRate.country == country)).all()
    _check_free([row for row in here if row.product_code == product_code], valid_from, valid_to)
    other = rules.overlap([row for row in here if row.inclusive != inclusive], valid_from, valid_to)
    if other:
        raise MixedTax(country=country, inclusive=other.inclusive)
    row = TaxRate(
        country=country, product_code=product_code, kind=kind, basis_points=basis_points, inclusive=inclusive,
        valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    db.add(row)
    db.flush()
    audit.note(
        db, by, "tax_rate.added", f"country:{country}", at,
        product_code=product_code, kind=kind, basis_points=basis_points, inclusive=inclusive,
        **_period(valid_from, valid_to),
    )  # fmt: skip
    return row


def _begin(db: Session, valid_from: date, valid_to: date | None) -> None:
    if valid_to is not None and valid_to <= valid_from:
        raise PeriodReversed(valid_from=valid_from.isoformat(), valid_to=valid_to.isoformat())
    # One writer at a time, so that two who look for overlaps cannot miss each other.
    numbers.take(db, BOOK_VERSION)


def _check_free(rows: Sequence[Price | TermDiscount | TaxRate], valid_from: date, valid_to: date | None) -> None:
    stands = rules.overlap(rows, valid_from, valid_to)
    if stands:
        raise PeriodOverlap(**_period(stands.valid_from, stands.valid_to))


def _check_range(amount: int, least: int, most: int) -> None:
    if not least <= amount <= most:
        raise AmountOutOfRange(amount=amount, least=least, most=most)


def _period(valid_from: date, valid_to: date | None) -> dict[str, str | None]:
    return {"valid_from": valid_from.isoformat(), "valid_to": valid_to.isoformat() if valid_to else None}
