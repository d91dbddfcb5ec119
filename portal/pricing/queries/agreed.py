"""Find what was agreed with one customer."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.contracts.models import Contract
from portal.kit import listing
from portal.pricing import rules
from portal.pricing.models import PriceIndex, RenewalAgreement, SpecialPrice, SpecialState, TaxExemption

MONTHS_SHOWN = 120


def renewals_of(db: Session, contract_id: int) -> Sequence[RenewalAgreement]:
    """How a contract's next price is found: the whole contract's agreement first."""
    wanted = select(RenewalAgreement).where(RenewalAgreement.contract_id == contract_id)
    return sorted(db.scalars(wanted), key=lambda row: row.product_code or "")


def specials_of(db: Session, contract_id: int) -> Sequence[SpecialPrice]:
    """A contract's special prices, newest first."""
    wanted = select(SpecialPrice).where(SpecialPrice.contract_id == contract_id)
    return db.scalars(wanted.order_by(SpecialPrice.id.desc()).limit(10)).all()


def specials(
    db: Session, state: SpecialState, cursor: listing.Cursor | None, limit: int
) -> Sequence[SpecialPrice]:
    """Special prices beyond the cursor with contract and company, newest first."""
    wanted = select(SpecialPrice).where(SpecialPrice.state == state)
    wanted = wanted.options(joinedload(SpecialPrice.contract).joinedload(Contract.company))
    return db.scalars(listing.beyond(wanted, SpecialPrice.proposed_at, SpecialPrice.id, cursor, limit)).all()


def indexes(db: Session) -> Sequence[PriceIndex]:
    """The newest months of all price indexes."""
    wanted = select(PriceIndex).order_by(PriceIndex.month.desc(), PriceIndex.series)
    return db.scalars(wanted.limit(MONTHS_SHOWN)).all()


def keeping(db: Session, contract_ids: Sequence[int]) -> set[int]:
    """Ids of those contracts of which any next price starts from what it costs now."""
    wanted = select(RenewalAgreement.contract_id).where(
        RenewalAgreement.contract_id.in_(contract_ids), RenewalAgreement.method != rules.Method.LIST
    )
    return set(db.scalars(wanted))


def series(db: Session) -> Sequence[str]:
    """The names of all price indexes."""
    return db.scalars(select(PriceIndex.series).distinct().order_by(PriceIndex.series)).all()


def exemptions_of(db: Session, company_id: int) -> Sequence[TaxExemption]:
    """From when until when a company pays no tax, the latest first."""
    wanted = select(TaxExemption).where(TaxExemption.company_id == company_id)
    return db.scalars(wanted.order_by(TaxExemption.valid_from.desc())).all()
