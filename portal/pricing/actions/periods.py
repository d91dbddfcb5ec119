"""What every dated row of the book is checked for before it is written, and every draft before it is published."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from portal.kit import numbers
from portal.pricing import rules
from portal.pricing.errors import (
    AmountOutOfRange,
    ChangedMeanwhile,
    EndedMeanwhile,
    NotADraft,
    OwnDraft,
    PeriodOverlap,
    PeriodReversed,
)
from portal.pricing.models import Price, TaxExemption, TaxRate, TermDiscount

BOOK_VERSION = "price-book"


def begin(db: Session, valid_from: date, valid_to: date | None) -> None:
    """Check the period and be the only one who writes the book. Raises PeriodReversed."""
    if valid_to is not None and valid_to <= valid_from:
        raise PeriodReversed(valid_from=valid_from.isoformat(), valid_to=valid_to.isoformat())
    take_book(db)


def take_book(db: Session) -> int:
    """The number of this change of the book: one writer at a time, so that two who look for overlaps cannot miss
    each other, and a trial of the book as it was before holds no more."""
    return numbers.take(db, BOOK_VERSION)


def check_free(
    rows: Sequence[Price | TermDiscount | TaxRate | TaxExemption], valid_from: date, valid_to: date | None
) -> None:
    """Raises PeriodOverlap when one of `rows` shares a day with the period."""
    stands = rules.overlap(rows, valid_from, valid_to)
    if stands:
        raise PeriodOverlap(**period(stands.valid_from, stands.valid_to))


def check_seen(valid_to: date | None, seen: date | None) -> None:
    """Raises EndedMeanwhile when the end is not the one that whoever wants another has read."""
    if valid_to != seen:
        raise EndedMeanwhile(valid_to=valid_to.isoformat() if valid_to else None)


def check_range(amount: int, least: int, most: int) -> None:
    """Raises AmountOutOfRange."""
    if not least <= amount <= most:
        raise AmountOutOfRange(amount=amount, least=least, most=most)


def check_open(is_draft: bool, version: int, seen: int) -> None:
    """Raises ChangedMeanwhile when a draft is not as it was `seen`, NotADraft when it is none any more."""
    if not is_draft:
        raise NotADraft
    if version != seen:
        raise ChangedMeanwhile


def check_another(drafted_by: Sequence[str], by: str) -> None:
    """Raises OwnDraft when whoever publishes has drafted it: another pair of eyes is the point."""
    if by in drafted_by:
        raise OwnDraft


def drafted(drafted_by: Sequence[str], by: str) -> list[str]:
    """Everybody who had a hand in a draft, once `by` has too."""
    return [*drafted_by, *([] if by in drafted_by else [by])]


def period(valid_from: date, valid_to: date | None) -> dict[str, str | None]:
    """A period as facts keep it."""
    return {"valid_from": valid_from.isoformat(), "valid_to": valid_to.isoformat() if valid_to else None}
