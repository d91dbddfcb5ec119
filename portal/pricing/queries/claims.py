"""Find offers and what is left of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, ScalarSelect, and_, distinct, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.contracts.models import Contract, ContractTag
from portal.pricing import rules
from portal.pricing.models import Promotion, PromotionClaim, Quote


def offered(
    db: Session, contracts: Sequence[Contract], on: date, at: datetime, code: str = ""
) -> dict[int, list[rules.PromotionRow]]:
    """For each contract's id the published offers for its segment and tags that have not ended by `on`, in one
    statement; of coupons the one with this `code`. An offer whose limit others have used up at `at` comes marked,
    so that a page may say so."""
    rows = db.execute(
        select(Promotion, Contract.id, _used(at, None), _used(at, Contract.company_id), _has_place(at))
        .join(Contract, or_(Promotion.segment.is_(None), Promotion.segment == Contract.segment))
        .where(
            Contract.id.in_([contract.id for contract in contracts]),
            Promotion.published_at.is_not(None),
            or_(Promotion.valid_to.is_(None), Promotion.valid_to > on),
            or_(Promotion.tag_id.is_(None), _tagged),
            or_(Promotion.code.is_(None), Promotion.code == code),
        )
        .order_by(Promotion.id)
    )
    found: dict[int, list[rules.PromotionRow]] = {contract.id: [] for contract in contracts}
    for promotion, contract_id, in_all, in_company, has_place in rows:
        full = _full(promotion, in_all, in_company) and not has_place
        found[contract_id].append(_row(promotion, full))
    return found


_tagged = (
    select(ContractTag.contract_id)
    .where(ContractTag.contract_id == Contract.id, ContractTag.tag_id == Promotion.tag_id)
    .correlate(Promotion, Contract)
    .exists()
)


def free(db: Session, promotion: Promotion, contract: Contract, at: datetime) -> bool:
    """Has the offer a place for this contract? One that already counts is not counted twice."""
    in_all, in_company, has_place = db.execute(
        select(_used(at, None), _used(at, Contract.company_id), _has_place(at))
        .select_from(Promotion)
        .join(Contract, Contract.id == contract.id)
        .where(Promotion.id == promotion.id)
    ).one()
    return bool(has_place) or not _full(promotion, in_all, in_company)


def uses(db: Session, promotion_ids: Sequence[int], at: datetime) -> dict[int, int]:
    """How many contracts count against each offer's limit; offers that nobody took up are left out."""
    claim = PromotionClaim
    rows = db.execute(
        select(claim.promotion_id, func.count(distinct(claim.contract_id)))
        .join(Quote, Quote.id == claim.quote_id)
        .where(claim.promotion_id.in_(promotion_ids), live(at))
        .group_by(claim.promotion_id)
    )
    return {row[0]: row[1] for row in rows}


def live(at: datetime) -> ColumnElement[bool]:
    """Does a claim count, joined with its quote? While the quote can be accepted, and for good with an order: a
    renewal outdates its own quote, and still counts."""
    return or_(PromotionClaim.kept.is_(True), and_(Quote.voided_at.is_(None), Quote.valid_until > at))


def _used(at: datetime, company: InstrumentedAttribute[int] | None) -> ScalarSelect[int]:
    claim = PromotionClaim
    count = (
        select(func.count(distinct(claim.contract_id)))
        .join(Quote, Quote.id == claim.quote_id)
        .where(claim.promotion_id == Promotion.id, live(at))
    )
    if company is not None:
        count = count.where(claim.company_id == company)
    return count.correlate(Promotion, Contract).scalar_subquery()


def _has_place(at: datetime) -> ScalarSelect[int]:
    claim = PromotionClaim
    mine = (
        select(func.count())
        .select_from(claim)
        .join(Quote, Quote.id == claim.quote_id)
        .where(claim.promotion_id == Promotion.id, claim.contract_id == Contract.id, live(at))
    )
    return mine.correlate(Promotion, Contract).scalar_subquery()


def _full(promotion: Promotion, in_all: int, in_company: int) -> bool:
    limits = ((promotion.limit_total, in_all), (promotion.limit_company, in_company))
    return any(limit is not None and used >= limit for limit, used in limits)


def _row(promotion: Promotion, used_up: bool) -> rules.PromotionRow:
    return rules.PromotionRow(
        id=promotion.id,
        kind=promotion.kind,
        names=promotion.names,
        basis_points=promotion.basis_points,
        least=promotion.least,
        product_code=promotion.product_code,
        valid_from=promotion.valid_from,
        valid_to=promotion.valid_to,
        used_up=used_up,
        code=promotion.code or "",
        amount_minor=promotion.amount_minor or 0,
        currency=promotion.currency or "",
    )
