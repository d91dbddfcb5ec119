"""Draft offers, publish what another has drafted, end and take back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from payments.money import Money, grain
from portal.audit import actions as audit
from portal.contracts.models import Segment
from portal.kit.db import Json
from portal.pricing import rules
from portal.pricing.actions.periods import (
    check_another,
    check_open,
    check_range,
    check_seen,
    drafted,
    period,
)
from portal.pricing.errors import (
    BegunAlready,
    ChangedMeanwhile,
    CodeTaken,
    NotCharged,
    NotToBeEnded,
    PeriodReversed,
)
from portal.pricing.models import Promotion


@dataclass(frozen=True, kw_only=True)
class OfferTerms:
    """What an offer is: `basis_points` off each line or (a COUPON) `amount` off the whole, for renewals that have
    `least` of what PromotionKind says for the kind; limits count contracts, in all and of one company. A COUPON
    has a `code`, as rules.normal_code spells it."""

    kind: rules.PromotionKind
    names: Mapping[str, str]
    basis_points: int = 0
    amount: Money | None = None
    least: int = 1
    valid_from: date
    valid_to: date | None = None
    segment: Segment | None = None
    tag_id: int | None = None
    product_code: str | None = None
    limit_total: int | None = None
    limit_company: int | None = None
    code: str | None = None

    def columns(self) -> Json:
        """As the table has it."""
        given = asdict(self) | {"names": dict(self.names)}
        del given["amount"]
        minor, currency = (self.amount.minor, self.amount.currency) if self.amount else (None, None)
        return given | {"amount_minor": minor, "currency": currency}


def draft_promotion(db: Session, terms: OfferTerms, by: str, at: datetime) -> Promotion:
    """Write down an offer that nobody has before another publishes it. Raises AmountOutOfRange, NotCharged,
    PeriodReversed, CodeTaken."""
    _check(db, terms, None)
    row = Promotion(**terms.columns(), created_at=at, drafted_by=[by])
    db.add(row)
    db.flush()
    audit.note(db, by, "promotion.drafted", _subject(row), at, **_told(terms))
    return row


def change_promotion(
    db: Session, promotion: Promotion, terms: OfferTerms, version: int, by: str, at: datetime
) -> None:
    """Change a draft; `version` is the one that its form was opened with. Raises ChangedMeanwhile, NotADraft, and
    as `draft_promotion`."""
    check_open(promotion.published_at is None, promotion.version, version)
    _check(db, terms, promotion.id)
    for name, value in terms.columns().items():
        setattr(promotion, name, value)
    promotion.drafted_by = drafted(promotion.drafted_by, by)
    db.flush()
    audit.note(db, by, "promotion.redrafted", _subject(promotion), at, **_told(terms))


def publish_promotion(db: Session, promotion: Promotion, version: int, on: date, by: str, at: datetime) -> None:
    """Offer what others have drafted; `version` is the one that was read, `on` is today. Raises ChangedMeanwhile,
    NotADraft, OwnDraft, BegunAlready."""
    check_open(promotion.published_at is None, promotion.version, version)
    check_another(promotion.drafted_by, by)
    if promotion.valid_from < on:
        raise BegunAlready(valid_from=promotion.valid_from.isoformat())
    promotion.published_at, promotion.published_by = at, by
    db.flush()
    ends = period(promotion.valid_from, promotion.valid_to)
    audit.note(db, by, "promotion.published", _subject(promotion), at, drafted_by=promotion.drafted_by, **ends)


def end_promotion(
    db: Session, promotion: Promotion, valid_to: date, seen: date | None, on: date, by: str, at: datetime
) -> None:
    """Let an offer end: `valid_to` is the first day without it, tomorrow at the earliest (`on` is today) and after
    its first day; `seen` is the end that whoever asks has read. Prices held until now stay held. Raises
    EndedMeanwhile, NotToBeEnded."""
    check_seen(promotion.valid_to, seen)
    earliest = max(on, promotion.valid_from)
    if valid_to <= earliest or (promotion.valid_to is not None and valid_to >= promotion.valid_to):
        ends = promotion.valid_to.isoformat() if promotion.valid_to else None
        raise NotToBeEnded(earliest=earliest.isoformat(), valid_to=ends)
    was = promotion.valid_to.isoformat() if promotion.valid_to else None
    promotion.valid_to = valid_to
    db.flush()
    audit.note(db, by, "promotion.ended", _subject(promotion), at, was=was, valid_to=valid_to.isoformat())


def withdraw_promotion(db: Session, promotion: Promotion, version: int, on: date, by: str, at: datetime) -> None:
    """Take back a draft, or an offer that has not begun anywhere: nobody can have it yet; `version` is the one
    that was read. Raises ChangedMeanwhile, NotToBeEnded."""
    if promotion.version != version:
        raise ChangedMeanwhile
    if promotion.published_at is not None and rules.has_begun(promotion.valid_from, on):
        ends = promotion.valid_to.isoformat() if promotion.valid_to else None
        raise NotToBeEnded(earliest=on.isoformat(), valid_to=ends)
    audit.note(db, by, "promotion.withdrawn", _subject(promotion), at, names=promotion.names)
    db.delete(promotion)
    db.flush()


def _check(db: Session, terms: OfferTerms, own_id: int | None) -> None:
    if terms.amount is None:
        check_range(terms.basis_points, 1, rules.MOST_POINTS)
    else:
        check_range(terms.amount.minor, 1, rules.MOST_UNIT_MINOR)
        if terms.amount.minor % grain(terms.amount.currency):
            raise NotCharged(currency=terms.amount.currency, step=grain(terms.amount.currency))
    check_range(terms.least, 1, rules.MOST_LEAST[terms.kind])
    for limit in (terms.limit_total, terms.limit_company):
        check_range(1 if limit is None else limit, 1, rules.MOST_CONTRACTS)
    if terms.valid_to is not None and terms.valid_to <= terms.valid_from:
        raise PeriodReversed(**period(terms.valid_from, terms.valid_to))
    same = select(Promotion.id).where(Promotion.code == terms.code, Promotion.id != (own_id or 0))
    if terms.code is not None and db.scalar(same):
        raise CodeTaken(code=terms.code)


def _told(terms: OfferTerms) -> Json:
    return terms.columns() | period(terms.valid_from, terms.valid_to)


def _subject(promotion: Promotion) -> str:
    return f"promotion:{promotion.id}"
