"""Special prices: proposed by one, above a limit granted by another."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import actions as audit
from portal.contracts import actions as contract_actions
from portal.contracts.models import Contract
from portal.pricing import rules
from portal.pricing.actions.agreed import reprice
from portal.pricing.actions.periods import check_another, check_open, check_range
from portal.pricing.errors import AboveLimit, AlreadyProposed, PeriodReversed
from portal.pricing.models import SpecialPrice, SpecialState


def propose_special(
    db: Session, contract: Contract, *, basis_points: int, reason: str, valid_to: date, limit: int, on: date,
    by: str, at: datetime,
) -> SpecialPrice:  # fmt: skip
    """Propose `basis_points` off everything for quotes made before `valid_to`; `on` is today. It holds at once up
    to `limit`, what whoever proposes may give alone, and waits for another's yes above it. Hold the contract by
    contracts.lock. Raises AmountOutOfRange, PeriodReversed, AlreadyProposed, ContractHasOpenOrder."""
    check_range(basis_points, 1, rules.MOST_POINTS)
    if valid_to <= on:
        raise PeriodReversed(valid_from=on.isoformat(), valid_to=valid_to.isoformat())
    waiting = select(SpecialPrice.id).where(
        SpecialPrice.contract_id == contract.id, SpecialPrice.state == SpecialState.PROPOSED
    )
    if db.scalar(waiting):
        raise AlreadyProposed(number=contract.number)
    row = SpecialPrice(
        contract_id=contract.id, basis_points=basis_points, reason=reason, valid_to=valid_to,
        state=SpecialState.PROPOSED, proposed_by=by, proposed_at=at,
    )  # fmt: skip
    db.add(row)
    db.flush()
    audit.note(db, by, "special.proposed", contract_actions.subject_of(contract), at, special=row.id,
               basis_points=basis_points, valid_to=valid_to.isoformat(), reason=reason)  # fmt: skip
    if basis_points <= limit:
        _grant(db, row, contract, by, at)
    return row


def grant_special(
    db: Session, special: SpecialPrice, contract: Contract, *, version: int, limit: int, on: date, by: str,
    at: datetime,
) -> None:  # fmt: skip
    """Say yes to what another proposed, up to `limit`; `version` is the one that was read. Hold the contract by
    contracts.lock. Raises ChangedMeanwhile, NotADraft, OwnDraft, AboveLimit, PeriodReversed when its time is over,
    ContractHasOpenOrder."""
    check_open(special.state is SpecialState.PROPOSED, special.version, version)
    check_another([special.proposed_by], by)
    if special.basis_points > limit:
        raise AboveLimit(basis_points=special.basis_points, limit=limit)
    if special.valid_to <= on:
        raise PeriodReversed(valid_from=on.isoformat(), valid_to=special.valid_to.isoformat())
    _grant(db, special, contract, by, at)


def refuse_special(
    db: Session, special: SpecialPrice, contract: Contract, version: int, by: str, at: datetime
) -> None:
    """Say no to a proposal; whoever made it takes it back instead. Raises ChangedMeanwhile, NotADraft,
    OwnDraft."""
    check_open(special.state is SpecialState.PROPOSED, special.version, version)
    check_another([special.proposed_by], by)
    _decide(db, special, contract, SpecialState.REFUSED, by, at)


def withdraw_special(
    db: Session, special: SpecialPrice, contract: Contract, version: int, by: str, at: datetime
) -> None:
    """Take a proposal back, or a special price that was granted: held quotes that were made with it no longer
    hold. Hold the contract by contracts.lock. Raises ChangedMeanwhile, NotADraft, ContractHasOpenOrder."""
    granted = special.state is SpecialState.GRANTED
    check_open(granted or special.state is SpecialState.PROPOSED, special.version, version)
    if granted:
        reprice(db, contract, at)
    _decide(db, special, contract, SpecialState.WITHDRAWN, by, at)


def _grant(db: Session, special: SpecialPrice, contract: Contract, by: str, at: datetime) -> None:
    """One special price holds at a time: the one before is over."""
    reprice(db, contract, at)
    others = select(SpecialPrice).where(
        SpecialPrice.contract_id == contract.id, SpecialPrice.state == SpecialState.GRANTED
    )
    for other in db.scalars(others).all():
        _decide(db, other, contract, SpecialState.WITHDRAWN, by, at)
    _decide(db, special, contract, SpecialState.GRANTED, by, at)


def _decide(
    db: Session, special: SpecialPrice, contract: Contract, state: SpecialState, by: str, at: datetime
) -> None:
    special.state, special.decided_by, special.decided_at = state, by, at
    db.flush()
    audit.note(db, by, f"special.{state}", contract_actions.subject_of(contract), at, special=special.id,
               basis_points=special.basis_points)  # fmt: skip
