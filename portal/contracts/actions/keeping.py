"""Change contracts: create, correct, extend, decline. In the caller's transaction, each with its audit note."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from portal.accounts.models import Company
from portal.audit import actions as audit
from portal.contracts import errors, queries, rules
from portal.contracts.actions.ground import add_term, facts_of, price_changed, prices_of, subject_of
from portal.contracts.models import Contract, Segment, Term
from portal.contracts.rules import LineSpec, TermPlan
from portal.kit import clock


def create_contract(
    db: Session, *, number: str, company: Company, currency: str, zone: str, language: str | None,
    segment: Segment, owner_id: int | None, starts_on: date, ends_on: date, lines: Sequence[LineSpec], by: str,
    at: datetime,
) -> Contract:  # fmt: skip
    """A new contract whose first term was agreed elsewhere. Prices in minor units of `currency` per seat and year.

    Raises NumberUnusable, NumberTaken, DatesReversed, NoLines, UnknownProduct.
    """
    if not rules.is_number(number):
        raise errors.NumberUnusable(number=number)
    if db.scalar(select(exists().where(Contract.number == number))):
        raise errors.NumberTaken(number=number)
    plan = _plan(starts_on, ends_on)
    contract = Contract(
        number=number, company_id=company.id, currency=currency, zone=zone, language=language, segment=segment,
        owner_id=owner_id, ends_on=ends_on, rev=1, created_at=at,
    )  # fmt: skip
    db.add(contract)
    db.flush()
    set_committed_value(contract, "terms", [])
    term = add_term(db, contract, plan, lines, None, at)
    audit.note(db, by, "contract.created", subject_of(contract), at, company_id=company.id, owner_id=owner_id,
               zone=zone, segment=segment, language=language, term=facts_of(contract, term))  # fmt: skip
    return contract


def correct_contract(
    db: Session, contract: Contract, *, zone: str, language: str | None, segment: Segment, owner_id: int | None,
    by: str, at: datetime, version: int | None = None,
) -> bool:  # fmt: skip
    """Put right what stands on the contract itself; says whether anything changed.

    Hold the contract by `queries.lock`. `version` is the one that the form was opened with: raises
    ContractChangedMeanwhile if somebody saved since.
    """
    if version is not None and version != contract.version:
        raise errors.ContractChangedMeanwhile(number=contract.number)
    wanted: dict[str, str | int | None] = {
        "zone": zone, "language": language, "segment": segment, "owner_id": owner_id,
    }  # fmt: skip
    before = {name: getattr(contract, name) for name in wanted if getattr(contract, name) != wanted[name]}
    if not before:
        return False
    for name in before:
        setattr(contract, name, wanted[name])
    after = {name: wanted[name] for name in before}
    audit.note(db, by, "contract.corrected", subject_of(contract), at, before=before, after=after)
    if "zone" in before:
        price_changed(db, contract, at)
    db.flush()
    return True


def correct_term(
    db: Session, contract: Contract, *, currency: str, starts_on: date, ends_on: date, lines: Sequence[LineSpec],
    by: str, at: datetime, version: int | None = None,
) -> bool:  # fmt: skip
    """Put right the dates, lines and currency of the latest term; says whether anything changed.

    Terms are never edited: the row is replaced, and the audit note keeps what it was. Hold the contract by
    `queries.lock`. Raises ContractChangedMeanwhile, ContractHasOrders, PriceKept, CurrencyHasHistory,
    DatesReversed, TermOverlaps, NoLines, UnknownProduct.
    """
    if version is not None and version != contract.version:
        raise errors.ContractChangedMeanwhile(number=contract.number)
    old = queries.last_term(contract)
    before = facts_of(contract, old)
    asked = {"currency": currency, "starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat(),
             "lines": [[line.product_code, line.seats, line.unit_minor] for line in lines]}  # fmt: skip
    if before == asked:
        return False
    _must_be_free(db, contract)
    if prices_of(lines) != prices_of(old.lines) and queries.with_kept_prices(db, [contract.id]):
        raise errors.PriceKept(number=contract.number)
    earlier = [term for term in contract.terms if term is not old]
    if earlier and currency != contract.currency:
        raise errors.CurrencyHasHistory(currency=contract.currency)
    plan = _plan_after(earlier[-1] if earlier else None, starts_on, ends_on)
    for line in old.lines:
        db.delete(line)
    db.flush()
    db.delete(old)
    db.flush()
    set_committed_value(contract, "terms", earlier)
    contract.currency = currency
    term = add_term(db, contract, plan, lines, None, at)
    after = facts_of(contract, term)
    audit.note(db, by, "contract.term_corrected", subject_of(contract), at, before=before, after=after)
    price_changed(db, contract, at)
    db.flush()
    return True


def record_term(
    db: Session, contract: Contract, *, starts_on: date, ends_on: date, lines: Sequence[LineSpec], by: str,
    at: datetime,
) -> Term:  # fmt: skip
    """Add a later term that was agreed elsewhere. Raises as `correct_term` does."""
    _must_be_free(db, contract)
    plan = _plan_after(queries.last_term(contract), starts_on, ends_on)
    term = add_term(db, contract, plan, lines, None, at)
    _not_declined(contract)
    audit.note(db, by, "contract.term_recorded", subject_of(contract), at, after=facts_of(contract, term))
    price_changed(db, contract, at)
    db.flush()
    return term


def extend(
    db: Session, contract: Contract, plan: TermPlan, lines: Sequence[LineSpec], order_number: str, by: str,
    at: datetime,
) -> Term:  # fmt: skip
    """Add the term that a paid order bought. The same order again gives the same term.

    Hold the contract by `queries.lock`. Raises TermDoesNotJoin when the contract's last term is no longer the one
    that the order was priced on: then people decide, the money is safe in the order.
    """
    done = next((term for term in contract.terms if term.order_number == order_number), None)
    if done is not None:
        return done
    expected = queries.last_term(contract).ends_on + timedelta(days=1)
    if plan.starts_on < expected or (plan.starts_on != expected and not plan.on_payment):
        raise errors.TermDoesNotJoin(starts_on=plan.starts_on.isoformat(), expected=expected.isoformat())
    term = add_term(db, contract, plan, lines, order_number, at)
    _not_declined(contract)
    audit.note(db, by, "contract.extended", subject_of(contract), at, order=order_number,
               after=facts_of(contract, term))  # fmt: skip
    price_changed(db, contract, at)
    db.flush()
    return term


def decline(db: Session, contract: Contract, reason: str | None, by: str, at: datetime) -> None:
    """The customer will not renew. Raises CannotDecline when renewed, declined already or past grace."""
    on = clock.day(at, contract.zone)
    declined = contract.declined_at is not None
    if not rules.can_decline(contract.terms, on, declined):
        now = rules.standing(contract.terms, on, declined)
        raise errors.CannotDecline(number=contract.number, standing=now.value)
    contract.declined_at = at
    contract.decline_reason = reason or None
    audit.note(db, by, "contract.declined", subject_of(contract), at, reason=contract.decline_reason)
    db.flush()


def undo_decline(db: Session, contract: Contract, by: str, at: datetime) -> None:
    """Take the decline back. Raises CannotUndoDecline when there is none or the end date has passed."""
    on = clock.day(at, contract.zone)
    if not rules.can_undo_decline(contract.terms, on, contract.declined_at is not None):
        ends_on = rules.running(contract.terms, on).ends_on
        raise errors.CannotUndoDecline(number=contract.number, ends_on=ends_on)
    audit.note(db, by, "contract.decline_undone", subject_of(contract), at, reason=contract.decline_reason)
    _not_declined(contract)
    db.flush()


def _must_be_free(db: Session, contract: Contract) -> None:
    if queries.with_orders(db, [contract]):
        raise errors.ContractHasOrders(number=contract.number)


def _not_declined(contract: Contract) -> None:
    contract.declined_at = None
    contract.decline_reason = None


def _plan(starts_on: date, ends_on: date) -> TermPlan:
    if ends_on < starts_on:
        raise errors.DatesReversed(starts_on=starts_on, ends_on=ends_on)
    return rules.plan_between(starts_on, ends_on)


def _plan_after(last: Term | None, starts_on: date, ends_on: date) -> TermPlan:
    """The typed term as a plan; one that joins the last term by whole months keeps its anchor, so that a contract
    from 29 February finds back to that day."""
    plan = _plan(starts_on, ends_on)
    if last is None:
        return plan
    if starts_on <= last.ends_on:
        raise errors.TermOverlaps(starts_on=starts_on, ends_on=last.ends_on)
    joined = rules.next_term(last, plan.months, last.ends_on)
    return joined if (joined.starts_on, joined.ends_on) == (starts_on, ends_on) else plan
