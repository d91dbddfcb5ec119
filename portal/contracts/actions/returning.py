"""What becomes of a sold term when its money goes back, or comes again (domain guide, section 1, Refund)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from portal.audit import actions as audit
from portal.contracts import errors, queries, rules
from portal.contracts.actions.ground import add_term, facts_of, price_changed, subject_of
from portal.contracts.models import Contract, Term, TermEvent, TermEventKind
from portal.contracts.rules import LineSpec


def reverse(db: Session, contract: Contract, order_number: str, reason: str, by: str, at: datetime) -> bool:
    """End the life of the term that an order bought, at once; False when it is ended. `reason` is a code.

    Hold the contract by `queries.lock`. Raises TermInUse when a later term stands on it.
    """
    term = _sold(db, order_number)
    if not term.live:
        return False
    if any(later.starts_on > term.starts_on for later in contract.terms):
        raise errors.TermInUse(number=contract.number, order=order_number)
    _mark(db, contract, term, TermEventKind.REVERSED, reason, by, at)
    audit.note(db, by, "contract.term_reversed", subject_of(contract), at, order=order_number, reason=reason,
               before=facts_of(contract, term))  # fmt: skip
    return True


def restore(db: Session, contract: Contract, order_number: str, reason: str, by: str, at: datetime) -> bool:
    """Give a reversed term its life back; False when it lives. Hold the contract by `queries.lock`.

    Raises TermTaken when another term has taken its place since.
    """
    term = _sold(db, order_number)
    if term.live:
        return False
    if queries.last_term(contract).ends_on >= term.starts_on:
        raise errors.TermTaken(number=contract.number, order=order_number)
    _mark(db, contract, term, TermEventKind.RESTORED, reason, by, at)
    audit.note(db, by, "contract.term_restored", subject_of(contract), at, order=order_number, reason=reason,
               after=facts_of(contract, term))  # fmt: skip
    return True


def end_early(
    db: Session, contract: Contract, order_number: str, on: date, reason: str, by: str, at: datetime
) -> None:
    """Let the term that an order bought end on `on`: it is reversed, and one that ends then stands in its place.
    Hold the contract by `queries.lock`. Raises TermInUse, EndsOutside."""
    term = _sold(db, order_number)
    if not term.starts_on <= on < term.ends_on:
        raise errors.EndsOutside(starts_on=term.starts_on, ends_on=term.ends_on)
    if reverse(db, contract, order_number, reason, by, at):
        lines = [LineSpec(line.product_code, line.seats, line.unit_minor) for line in term.lines]
        add_term(db, contract, rules.plan_between(term.starts_on, on), lines, None, at)


def _sold(db: Session, order_number: str) -> Term:
    term = queries.term_of_order(db, order_number)
    if term is None:
        raise LookupError(order_number)
    return term


def _mark(
    db: Session, contract: Contract, term: Term, kind: TermEventKind, reason: str, by: str, at: datetime
) -> None:
    db.add(TermEvent(term_id=term.id, kind=kind, reason=reason, by=by, at=at))
    term.live = kind is TermEventKind.RESTORED
    terms = [each for each in contract.terms if each.id != term.id] + ([term] if term.live else [])
    set_committed_value(contract, "terms", terms)
    contract.ends_on = queries.last_term(contract).ends_on
    price_changed(db, contract, at)
    db.flush()
