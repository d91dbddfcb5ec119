"""Write what longer terms take off, and taxes. Their periods are half-open, as those of prices."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import actions as audit
from portal.pricing import rules
from portal.pricing.actions.periods import begin, check_free, check_range, period
from portal.pricing.errors import MixedTax
from portal.pricing.models import TaxRate, TermDiscount


def add_term_discount(
    db: Session, *, months: int, basis_points: int, valid_from: date, valid_to: date | None = None, book: str,
    by: str, at: datetime,
) -> TermDiscount:  # fmt: skip
    """Put a term length on sale, with what it takes off. Raises AmountOutOfRange, PeriodReversed,
    PeriodOverlap."""
    check_range(months, 1, 120)
    check_range(basis_points, 0, 10_000)
    begin(db, valid_from, valid_to)
    same = select(TermDiscount).where(TermDiscount.months == months)
    check_free(db.scalars(same).all(), valid_from, valid_to)
    row = TermDiscount(
        months=months, basis_points=basis_points, valid_from=valid_from, valid_to=valid_to, book=book
    )
    db.add(row)
    db.flush()
    audit.note(
        db, by, "term_discount.added", f"term:{months}", at,
        basis_points=basis_points, book=book, **period(valid_from, valid_to),
    )  # fmt: skip
    return row


def add_tax_rate(
    db: Session, *, country: str, kind: str, basis_points: int, inclusive: bool, valid_from: date,
    valid_to: date | None = None, product_code: str | None = None, by: str, at: datetime,
) -> TaxRate:  # fmt: skip
    """Add a country's tax, of one product or (None) of all without a rate of their own. Raises AmountOutOfRange,
    PeriodReversed, PeriodOverlap, MixedTax."""
    check_range(basis_points, 0, 10_000)
    begin(db, valid_from, valid_to)
    here = db.scalars(select(TaxRate).where(TaxRate.country == country)).all()
    check_free([row for row in here if row.product_code == product_code], valid_from, valid_to)
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
        **period(valid_from, valid_to),
    )  # fmt: skip
    return row
