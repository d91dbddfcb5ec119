"""Find the contracts that a new price or offer may concern."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from portal.accounts.models import Company
from portal.contracts import rules as contracts
from portal.contracts.models import Contract, Segment, Term, TermLine
from portal.pricing import rules
from portal.pricing.models import Price

MOST_LINES = 5_000


def due_lines(
    db: Session, today: date, *, product_code: str | None = None, currency: str | None = None,
    segment: Segment | None = None, contract_id: int | None = None, lapsed: bool = False,
) -> tuple[list[rules.DueLine], bool]:  # fmt: skip
    """Lines of the latest terms that end within a year from `today`, the soonest first, and whether there are more
    than are given (MOST_LINES); with `lapsed` of those that ended within LOOKING_BACK and are past their grace.
    One statement."""
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
        .join(Term, (Term.contract_id == Contract.id) & (Term.ends_on == Contract.ends_on))
        .join(TermLine, TermLine.term_id == Term.id)
        .where(Contract.ends_on.between(first, last), Contract.declined_at.is_(None))
        .order_by(Contract.ends_on, Contract.id, TermLine.position)
        .limit(MOST_LINES + 1)
    )  # fmt: skip
    narrow = (
        (TermLine.product_code, product_code), (Contract.currency, currency), (Contract.segment, segment),
        (Contract.id, contract_id),
    )  # fmt: skip
    for column, value in narrow:
        if value is not None:
            wanted = wanted.where(column == value)
    found = [rules.DueLine(*tuple(row)) for row in db.execute(wanted)]
    return found[:MOST_LINES], len(found) > MOST_LINES


def rows_of(
    db: Session, product_code: str, currency: str, today: date
) -> dict[int | Segment | None, Sequence[rules.PriceRow]]:
    """The book's prices of a product in a currency that have not ended, by contract id, by segment, and (None) the
    list's."""
    found: dict[int | Segment | None, list[rules.PriceRow]] = defaultdict(list)
    wanted = select(Price).where(Price.product_code == product_code, Price.currency == currency)
    for row in db.scalars(wanted):
        if row.valid_to is None or row.valid_to > today:
            made = rules.PriceRow(
                row.product_code, row.unit_minor, row.book, row.valid_from, row.valid_to, row.kind
            )
            found[row.contract_id or row.segment].append(made)
    return dict(found)
