"""Find the contracts on which a version of the price book is tried, and what came of it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.contracts.models import Contract, Segment, Term
from portal.pricing import rules
from portal.pricing.models import PriceEffect, PriceVersion, TrialState, VersionRow


def due_trials(db: Session, at: datetime) -> Sequence[int]:
    """Ids of versions whose trial nobody works on, the oldest first."""
    left = (PriceVersion.trial_state == TrialState.RUNNING) & (PriceVersion.trial_until <= at)
    wanted = select(PriceVersion.id).where(or_(PriceVersion.trial_state == TrialState.WAITING, left))
    return db.scalars(wanted.order_by(PriceVersion.id)).all()


def count_due(db: Session, first: date, last: date) -> int:
    """How many contracts end from `first` to `last` and are not declined."""
    return db.scalar(select(func.count()).select_from(Contract).where(*_due(first, last))) or 0


def due_contracts(
    db: Session, first: date, last: date, after: tuple[date, int] | None, limit: int
) -> Sequence[Contract]:
    """The next contracts of those, by last day and id, with what a price asks of them, in two statements."""
    lines = selectinload(Contract.terms).joinedload(Term.lines)  # a price asks no product for its name
    wanted = select(Contract).where(*_due(first, last)).options(joinedload(Contract.company), lines)
    if after is not None:
        day, contract_id = after
        wanted = wanted.where(or_(Contract.ends_on > day, (Contract.ends_on == day) & (Contract.id > contract_id)))
    return db.scalars(wanted.order_by(Contract.ends_on, Contract.id).limit(limit)).unique().all()


class Coming:
    """The prices of a version, to be asked for those of many contracts."""

    def __init__(self, version: PriceVersion) -> None:
        self._rows: dict[tuple[str, str], list[tuple[Segment | None, int | None, rules.PriceRow]]] = {}
        for row in version.rows:
            same = self._rows.setdefault((row.currency, row.product_code), [])
            same.append((row.segment, row.contract_id, _row(version, row)))

    def of(self, contract: Contract) -> list[rules.PriceRow]:
        """Those that concern a contract."""
        codes = sorted({line.product_code for line in rules.last_lines(contract)})
        return [
            row
            for code in codes
            for segment, contract_id, row in self._rows.get((contract.currency, code), ())
            if segment in (None, contract.segment) and contract_id in (None, contract.id)
        ]


def forget_effects(db: Session, version_id: int, limit: int) -> int:
    """Remove some effects of an earlier trial; says how many."""
    some = select(PriceEffect.id).where(PriceEffect.version_id == version_id).limit(limit)
    return len(db.scalars(delete(PriceEffect).where(PriceEffect.id.in_(some)).returning(PriceEffect.id)).all())


def largest(db: Session, version_id: int, limit: int) -> Sequence[PriceEffect]:
    """The contracts whose price changes most, with their company."""
    wanted = select(PriceEffect).where(PriceEffect.version_id == version_id)
    wanted = wanted.options(joinedload(PriceEffect.contract).joinedload(Contract.company))
    return db.scalars(wanted.order_by(PriceEffect.largest.desc(), PriceEffect.contract_id).limit(limit)).all()


def every_effect(db: Session, version_id: int) -> Generator[PriceEffect, None, None]:
    """All of them, with contract and company, the earliest last day first; read as they are needed."""
    wanted = select(PriceEffect).where(PriceEffect.version_id == version_id)
    wanted = wanted.options(joinedload(PriceEffect.contract).joinedload(Contract.company))
    wanted = wanted.order_by(PriceEffect.on, PriceEffect.contract_id).execution_options(yield_per=500)
    yield from db.scalars(wanted)


def companies_affected(db: Session, version_id: int, after: int, limit: int) -> Sequence[int]:
    """The next companies, by id, that have a contract whose price a version changes."""
    wanted = select(PriceEffect.company_id).distinct()
    wanted = wanted.where(PriceEffect.version_id == version_id, PriceEffect.company_id > after)
    return db.scalars(wanted.order_by(PriceEffect.company_id).limit(limit)).all()


def effects_of(db: Session, version_id: int, company_id: int) -> Sequence[PriceEffect]:
    """What a version does to a company's contracts, the earliest last day first."""
    wanted = select(PriceEffect).where(PriceEffect.version_id == version_id, PriceEffect.company_id == company_id)
    return db.scalars(wanted.order_by(PriceEffect.on, PriceEffect.contract_id)).all()


def _due(first: date, last: date) -> tuple[ColumnElement[bool], ...]:
    return Contract.ends_on.between(first, last), Contract.declined_at.is_(None)


def _row(version: PriceVersion, row: VersionRow) -> rules.PriceRow:
    kind = rules.BaseKind.LIST if row.segment is None else rules.BaseKind.SEGMENT
    if row.contract_id is not None:
        kind = rules.BaseKind.CONTRACT
    return rules.PriceRow(
        row.product_code, row.unit_minor, version.label, version.valid_from, version.valid_to, kind,
        row.floor_minor,
    )  # fmt: skip
