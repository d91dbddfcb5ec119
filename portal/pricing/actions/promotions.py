"""Make and end offers, and keep count of who takes them up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit import actions as audit
from portal.contracts.models import Contract, Segment
from portal.pricing import queries, rules
from portal.pricing.actions.periods import check_range, check_seen, period
from portal.pricing.errors import CodeTaken, NotToBeEnded, PeriodReversed, PromotionUsedUp
from portal.pricing.models import Promotion, PromotionClaim, Quote


def add_promotion(
    db: Session, *, kind: rules.PromotionKind, names: Mapping[str, str], basis_points: int, least: int,
    valid_from: date, valid_to: date | None = None, segment: Segment | None = None,
    product_code: str | None = None, limit_total: int | None = None, limit_company: int | None = None,
    code: str | None = None, by: str, at: datetime,
) -> Promotion:  # fmt: skip
    """Make an offer: `basis_points` off, for renewals that have `least` of what PromotionKind says for the kind;
    limits count contracts, in all and of one company. A COUPON has a `code`, as rules.normal_code spells it.
    Raises AmountOutOfRange, PeriodReversed, CodeTaken."""
    check_range(basis_points, 1, rules.MOST_POINTS)
    check_range(least, 1, rules.MOST_LEAST[kind])
    for limit in (limit_total, limit_company):
        check_range(1 if limit is None else limit, 1, rules.MOST_CONTRACTS)
    if valid_to is not None and valid_to <= valid_from:
        raise PeriodReversed(valid_from=valid_from.isoformat(), valid_to=valid_to.isoformat())
    if code is not None and db.scalar(select(Promotion.id).where(Promotion.code == code)):
        raise CodeTaken(code=code)
    row = Promotion(
        code=code, kind=kind, names=dict(names), basis_points=basis_points, least=least, segment=segment,
        product_code=product_code, limit_total=limit_total, limit_company=limit_company, valid_from=valid_from,
        valid_to=valid_to, created_at=at,
    )  # fmt: skip
    db.add(row)
    db.flush()
    audit.note(
        db, by, "promotion.added", _subject(row), at, kind=kind, basis_points=basis_points, least=least,
        segment=segment, product_code=product_code, limit_total=limit_total, limit_company=limit_company,
        code=code, **period(valid_from, valid_to),
    )  # fmt: skip
    return row


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


def withdraw_promotion(db: Session, promotion: Promotion, on: date, by: str, at: datetime) -> None:
    """Take back an offer that has not begun: nobody can have it yet. Raises NotToBeEnded."""
    if promotion.valid_from <= on:
        ends = promotion.valid_to.isoformat() if promotion.valid_to else None
        raise NotToBeEnded(earliest=on.isoformat(), valid_to=ends)
    audit.note(db, by, "promotion.withdrawn", _subject(promotion), at, names=promotion.names)
    db.delete(promotion)
    db.flush()


def claim(db: Session, promotion_ids: Iterable[int], contract: Contract, quote: Quote, at: datetime) -> None:
    """Count the quote against the limits of the offers it takes up. Two who want the last place queue at the
    offer's row. Raises PromotionUsedUp."""
    for promotion_id in sorted(promotion_ids):
        promotion = db.scalars(select(Promotion).where(Promotion.id == promotion_id).with_for_update()).one()
        if not queries.free(db, promotion, contract, at):
            raise PromotionUsedUp(names=promotion.names)
        db.add(
            PromotionClaim(
                promotion_id=promotion.id, quote_id=quote.id, contract_id=contract.id,
                company_id=contract.company_id, kept=False,
            )
        )  # fmt: skip
    db.flush()


def keep_claims(db: Session, quote_id: str) -> None:
    """An order stands on the quote: what it takes up counts for good, unless the order is called off."""
    _keep(db, quote_id, True)


def release_claims(db: Session, quote_id: str) -> None:
    """The quote's order is called off, or the quote is taken back: its places are free again."""
    _keep(db, quote_id, False)


def _keep(db: Session, quote_id: str, kept: bool) -> None:
    db.execute(update(PromotionClaim).where(PromotionClaim.quote_id == quote_id).values(kept=kept))


def _subject(promotion: Promotion) -> str:
    return f"promotion:{promotion.id}"
