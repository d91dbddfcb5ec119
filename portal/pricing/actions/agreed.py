"""Write down what was agreed with one contract or one company: how its next price is found, and that it pays no
tax; and the price indexes that such agreements name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Company
from portal.audit import actions as audit
from portal.contracts import actions as contract_actions
from portal.contracts import queries as contracts
from portal.contracts.models import Contract
from portal.kit.db import Json
from portal.pricing import rules
from portal.pricing.actions.periods import begin, check_free, check_range, check_seen, period, take_book
from portal.pricing.errors import ContractHasOpenOrder, IndexKnown, NoRate, NotToBeEnded, ProductNotInContract
from portal.pricing.models import PriceIndex, RenewalAgreement, TaxExemption


def reprice(db: Session, contract: Contract, at: datetime) -> None:
    """The contract's price is another one from now on: quotes that were made before no longer hold. Hold the
    contract by contracts.lock. Raises ContractHasOpenOrder: the customer is about to pay the old one."""
    ask: contracts.OpenOrders | None = current_app.extensions.get(contracts.OPEN_ORDERS)
    if ask and ask(db, [contract.id]):
        raise ContractHasOpenOrder(number=contract.number)
    contract_actions.price_changed(db, contract, at)


def agree_renewal(db: Session, contract: Contract, row: rules.RenewalRow, by: str, at: datetime) -> bool:
    """From now on the contract's next price (or one product's) is found so; an earlier agreement about the same is
    replaced. Says whether that changes anything: held quotes go on if not. Hold the contract by contracts.lock.
    Raises NoRate, AmountOutOfRange, ProductNotInContract, ContractHasOpenOrder, all before anything is changed."""
    _check(contract, row)
    before = _agreed(db, contract, row.product_code)
    if before is not None and before.row == row:
        return False
    reprice(db, contract, at)
    if before is not None:
        db.delete(before)
        db.flush()
    facts: Json = {
        "product_code": row.product_code, "method": row.method, "rate": row.rate, "series": row.series,
        "points": row.points, "month": row.month, "pick": row.pick, "cap": row.cap,
    }  # fmt: skip
    db.add(RenewalAgreement(contract_id=contract.id, created_at=at, **facts))
    db.flush()
    audit.note(db, by, "renewal.agreed", contract_actions.subject_of(contract), at, **facts)
    return True


def drop_renewal(db: Session, contract: Contract, product_code: str | None, by: str, at: datetime) -> bool:
    """Take an agreement about the next price back; says whether there was one. Raises ContractHasOpenOrder."""
    before = _agreed(db, contract, product_code)
    if before is None:
        return False
    reprice(db, contract, at)
    subject, method = contract_actions.subject_of(contract), before.method
    db.delete(before)
    db.flush()
    audit.note(db, by, "renewal.dropped", subject, at, product_code=product_code, method=method)
    return True


def set_index(
    db: Session, series: str, month: date, basis_points: int, by: str, at: datetime, seen: int | None = None
) -> PriceIndex:
    """Enter an index's change against the same month a year before, or correct it; `month` is any day of it,
    `seen` what whoever corrects it has read. Prices that were sealed stay. Raises AmountOutOfRange, IndexKnown."""
    check_range(basis_points, -rules.WHOLE, rules.WHOLE)
    take_book(db)
    first = month.replace(day=1)
    row = db.scalar(select(PriceIndex).where(PriceIndex.series == series, PriceIndex.month == first))
    before = row.basis_points if row else None
    if before not in (None, basis_points, seen):
        raise IndexKnown(series=series, month=first.isoformat(), basis_points=before)
    if row is None:
        row = PriceIndex(series=series, month=first, basis_points=basis_points, added_by=by, created_at=at)
        db.add(row)
    row.basis_points, row.added_by, row.created_at = basis_points, by, at
    db.flush()
    audit.note(db, by, "index.set", f"index:{series}", at, month=first.isoformat(), basis_points=basis_points,
               before=before)  # fmt: skip
    return row


def exempt_from_tax(
    db: Session, company: Company, exemption: rules.Exemption, valid_from: date, valid_to: date | None, by: str,
    at: datetime,
) -> TaxExemption:  # fmt: skip
    """The company pays no tax, valid_from ≤ day < valid_to (None: open). Held quotes that were made with tax no
    longer hold; open orders keep their price. Raises PeriodReversed, PeriodOverlap."""
    begin(db, valid_from, valid_to)
    check_free(_exemptions(db, company.id), valid_from, valid_to)
    row = TaxExemption(
        company_id=company.id, reason=exemption.reason, certificate=exemption.certificate, valid_from=valid_from,
        valid_to=valid_to, created_at=at,
    )  # fmt: skip
    db.add(row)
    db.flush()
    audit.note(db, by, "tax.exempted", f"company:{company.id}", at, reason=exemption.reason,
               certificate=exemption.certificate, **period(valid_from, valid_to))  # fmt: skip
    _reprice_all(db, company.id, at)
    return row


def end_exemption(
    db: Session, row: TaxExemption, valid_to: date, seen: date | None, on: date, by: str, at: datetime
) -> None:
    """Let an exemption end: `valid_to` is the first day with tax again, today (`on`) at the earliest and after its
    first day; `seen` is the end that was read. Raises EndedMeanwhile, NotToBeEnded."""
    check_seen(row.valid_to, seen)
    earliest = max(on, row.valid_from)
    if valid_to <= earliest or (row.valid_to is not None and valid_to >= row.valid_to):
        ends = row.valid_to.isoformat() if row.valid_to else None
        raise NotToBeEnded(earliest=earliest.isoformat(), valid_to=ends)
    row.valid_to = valid_to
    db.flush()
    audit.note(db, by, "tax.exemption_ended", f"company:{row.company_id}", at,
               **period(row.valid_from, valid_to))  # fmt: skip
    _reprice_all(db, row.company_id, at)


def withdraw_exemption(db: Session, row: TaxExemption, on: date, by: str, at: datetime) -> None:
    """Take back an exemption that has not begun anywhere (`on` is today). Raises NotToBeEnded."""
    if rules.has_begun(row.valid_from, on):
        ends = row.valid_to.isoformat() if row.valid_to else None
        raise NotToBeEnded(earliest=on.isoformat(), valid_to=ends)
    company_id = row.company_id
    facts = period(row.valid_from, row.valid_to)
    db.delete(row)
    db.flush()
    audit.note(db, by, "tax.exemption_withdrawn", f"company:{company_id}", at, **facts)


def _reprice_all(db: Session, company_id: int, at: datetime) -> None:
    wanted = contracts.locked(select(Contract).where(Contract.company_id == company_id))
    for contract in db.scalars(wanted).all():
        contract_actions.price_changed(db, contract, at)


def _exemptions(db: Session, company_id: int) -> Sequence[TaxExemption]:
    return db.scalars(select(TaxExemption).where(TaxExemption.company_id == company_id)).all()


def _agreed(db: Session, contract: Contract, product_code: str | None) -> RenewalAgreement | None:
    rows = db.scalars(select(RenewalAgreement).where(RenewalAgreement.contract_id == contract.id))
    return next((row for row in rows if row.product_code == product_code), None)


def _check(contract: Contract, row: rules.RenewalRow) -> None:
    if row.product_code is not None and row.product_code not in {
        line.product_code for line in rules.last_lines(contract)
    }:
        raise ProductNotInContract(number=contract.number, product_code=row.product_code)
    if row.method is rules.Method.UPLIFT and row.rate is None and row.series is None:
        raise NoRate
    for rate in (row.rate, row.cap):
        check_range(rate or 0, 0, rules.MOST_UPLIFT)
    check_range(row.points, -rules.MOST_UPLIFT, rules.MOST_UPLIFT)
    check_range(row.month or 1, 1, 12)
