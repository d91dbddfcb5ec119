"""Find the contracts that a new offer may concern."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from portal.accounts.models import Company
from portal.contracts import rules as contracts
from portal.contracts.models import Contract, ContractTag, Segment, Term, TermLine
from portal.pricing import rules

AT_ONCE = 1_000


def due_lines(
    db: Session, today: date, *, product_code: str | None = None,
    segment: Segment | None = None, tag_id: int | None = None, lapsed: bool = False,
) -> Iterator[rules.DueLine]:  # fmt: skip
    """Lines of the latest terms that end within a year from `today`, the soonest first, read as they are needed;
    with `lapsed` of those that ended within LOOKING_BACK and are past their grace. One statement."""
    first, last = today, today + rules.HORIZON
    if lapsed:
        first, last = today - rules.LOOKING_BACK, today - timedelta(days=contracts.GRACE_DAYS + 1)
    any_term = aliased(Term)
    began = (
        select(func.min(any_term.starts_on))
        .where(any_term.contract_id == Contract.id, any_term.live)
        .correlate(Contract)
        .scalar_subquery()
    )
    wanted = (
        select(
            Contract.id, Contract.number, Company.name, Contract.segment, Contract.ends_on, Contract.currency,
            TermLine.product_code, TermLine.seats, TermLine.unit_minor, began,
        )
        .join(Company, Company.id == Contract.company_id)
        .join(Term, (Term.contract_id == Contract.id) & (Term.ends_on == Contract.ends_on) & Term.live)
        .join(TermLine, TermLine.term_id == Term.id)
        .where(Contract.ends_on.between(first, last), Contract.declined_at.is_(None))
        .order_by(Contract.ends_on, Contract.id, TermLine.position)
    )  # fmt: skip
    if product_code is not None:
        wanted = wanted.where(TermLine.product_code == product_code)
    if segment is not None:
        wanted = wanted.where(Contract.segment == segment)
    if tag_id is not None:
        tagged = select(ContractTag.contract_id).where(ContractTag.tag_id == tag_id)
        wanted = wanted.where(Contract.id.in_(tagged))
    for row in db.execute(wanted.execution_options(yield_per=AT_ONCE)):
        yield rules.DueLine(*tuple(row))
