"""What every change of a contract stands on: its name, a new term, the news that its price changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from portal.contracts import errors, queries
from portal.contracts.events import ContractChanged
from portal.contracts.models import Contract, Term, TermLine
from portal.contracts.rules import LineSpec, TermPlan
from portal.kit import outbox
from portal.kit.db import Json


def subject_of(contract: Contract) -> str:
    """How audit, outbox and mails name the contract."""
    return f"contract:{contract.number}"


def add_term(
    db: Session, contract: Contract, plan: TermPlan, lines: Sequence[LineSpec], order_number: str | None,
    at: datetime,
) -> Term:  # fmt: skip
    """Put a term behind the contract's others. Raises NoLines, UnknownProduct."""
    if not lines:
        raise errors.NoLines
    unknown = {line.product_code for line in lines} - queries.product_codes(db)
    if unknown:
        raise errors.UnknownProduct(product=min(unknown))
    term = Term(
        contract_id=contract.id, starts_on=plan.starts_on, ends_on=plan.ends_on, months=plan.months,
        anchor_on=plan.anchor_on, months_from_anchor=plan.months_from_anchor, segment=contract.segment,
        order_number=order_number, created_at=at,
        lines=[
            TermLine(
                position=place, product_code=line.product_code, seats=line.seats, unit_minor=line.unit_minor,
                undiscounted_minor=line.undiscounted_minor,
            )
            for place, line in enumerate(lines)
        ],
    )  # fmt: skip
    db.add(term)
    contract.ends_on = plan.ends_on
    db.flush()
    set_committed_value(contract, "terms", [*contract.terms, term])
    return term


def price_changed(db: Session, contract: Contract, at: datetime) -> None:
    """Something changed that a price depends on: quotes that were made before are outdated."""
    contract.rev += 1
    told = ContractChanged(
        subject=subject_of(contract), occurrence=str(contract.rev), contract_id=contract.id, rev=contract.rev
    )
    outbox.tell(db, told, at)


def prices_of(lines: Iterable[LineSpec | TermLine]) -> set[tuple[str, int]]:
    """What each product costs per seat and year, however many seats there are."""
    return {(line.product_code, line.unit_minor) for line in lines}


def facts_of(contract: Contract, term: Term) -> Json:
    """A term as the audit keeps it."""
    return {
        "currency": contract.currency,
        "starts_on": term.starts_on.isoformat(),
        "ends_on": term.ends_on.isoformat(),
        "lines": [[line.product_code, line.seats, line.unit_minor] for line in term.lines],
    }
