"""Decide what a wanted contract means for the world as it is. Pure: changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.contracts import queries
from portal.contracts.actions.ground import prices_of
from portal.contracts.imports.shapes import LineRow, RowProblem, Wanted
from portal.contracts.imports.world import KnownCompany, World
from portal.contracts.models import Contract, Term
from portal.contracts.rules import LineSpec


class Step(StrEnum):
    """What happens to the contract's terms."""

    CREATE = "create"
    KEEP = "keep"
    CORRECT = "correct"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`problems` refuse all the contract's rows; without any, `step` and `changes` say what is to be done."""

    problems: Sequence[RowProblem] = ()
    step: Step = Step.KEEP
    # Something on the contract itself, or a new member.
    changes: bool = False

    @property
    def writes(self) -> bool:
        """Is anything to be changed in a contract that is there already?"""
        return not self.problems and (self.changes or self.step in {Step.CORRECT, Step.RECORD})


Problem = tuple[str, str, dict[str, str | int]]  # field, code, facts


def decide(wanted: Wanted, world: World) -> Verdict:
    """What to do about `wanted`, or why not."""
    found = _people(wanted.head, world) + _products(wanted, world) + _company(wanted, world)
    contract = world.contracts.get(wanted.number)
    step = Step.CREATE
    if contract is not None and not found:
        step, found = _terms(wanted, contract, contract.id in world.ordered)
        if step is Step.CORRECT and contract.id in world.kept and _reprices(wanted, contract):
            found = [("unit_price", "price_kept", {})]
    if found:
        return Verdict(
            [RowProblem(row, field, code, facts) for row in wanted.rows for field, code, facts in found]
        )
    changes = contract is not None and (_differs(wanted.head, contract, world) or _new_member(wanted.head, world))
    return Verdict(step=step, changes=changes)


def _people(head: LineRow, world: World) -> list[Problem]:
    found: list[Problem] = []
    if head.owner_email:
        owner = world.people.get(head.owner_email)
        if owner is None or owner.staff_role is None or not owner.active:
            found.append(("owner_email", "unknown_owner", {"email": head.owner_email}))
    contact = world.people.get(head.contact_email or "")
    if contact is not None and contact.staff_role is not None:
        found.append(("contact_email", "contact_is_staff", {"email": contact.email}))
    return found


def _products(wanted: Wanted, world: World) -> list[Problem]:
    unknown = sorted({line.product_code for line in wanted.lines} - world.products)
    return [("product", "unknown_product", {"product": product}) for product in unknown]


def _company(wanted: Wanted, world: World) -> list[Problem]:
    head, contract = wanted.head, world.contracts.get(wanted.number)
    namesakes = world.companies.get(head.company, [])
    if contract is not None:
        own = contract.company
        if own.name != head.company:
            return [("company", "other_company", {"company": own.name})]
        namesakes = [KnownCompany(own.id, own.name, own.country, own.language)]
    if len(namesakes) > 1:
        return [("company", "company_ambiguous", {"company": head.company})]
    if namesakes and head.country and namesakes[0].country != head.country:
        return [("country", "other_country", {"country": namesakes[0].country})]
    if not namesakes and head.country and head.country != wanted.country:
        return [("country", "other_country", {"country": wanted.country})]
    return []


def _terms(wanted: Wanted, contract: Contract, ordered: bool) -> tuple[Step, list[Problem]]:
    """What the wanted dates and lines mean for the terms there are."""
    head = wanted.head
    same_start = next((term for term in contract.terms if term.starts_on == head.starts_on), None)
    if same_start is not None and _same(wanted, same_start, contract):
        return Step.KEEP, []
    last = queries.last_term(contract)
    if ordered:
        field = _first_difference(wanted, same_start or last, contract)
        return Step.KEEP, [(field, "has_orders", {"ends_on": last.ends_on.isoformat()})]
    if head.currency != contract.currency and (len(contract.terms) > 1 or head.starts_on > last.ends_on):
        return Step.KEEP, [("currency", "currency_has_history", {"currency": contract.currency})]
    if head.starts_on > last.ends_on:
        return Step.RECORD, []
    before = [term for term in contract.terms if term is not last]
    if before and head.starts_on <= before[-1].ends_on:
        return Step.KEEP, [("starts_on", "term_overlaps", {"ends_on": before[-1].ends_on.isoformat()})]
    return Step.CORRECT, []


def _same(wanted: Wanted, term: Term, contract: Contract) -> bool:
    return (
        term.ends_on == wanted.head.ends_on
        and contract.currency == wanted.head.currency
        and _as_set(wanted.lines) == _lines_of(term)
    )


def _as_set(lines: Sequence[LineSpec]) -> set[tuple[str, int, int]]:
    """Lines without their order: a file sorted otherwise says the same."""
    return {(line.product_code, line.seats, line.unit_minor) for line in lines}


def _lines_of(term: Term) -> set[tuple[str, int, int]]:
    return {(line.product_code, line.seats, line.unit_minor) for line in term.lines}


def _reprices(wanted: Wanted, contract: Contract) -> bool:
    return prices_of(wanted.lines) != prices_of(queries.last_term(contract).lines)


def _first_difference(wanted: Wanted, term: Term, contract: Contract) -> str:
    head = wanted.head
    pairs = (
        ("ends_on", term.ends_on, head.ends_on),
        ("starts_on", term.starts_on, head.starts_on),
        ("currency", contract.currency, head.currency),
    )
    return next((field for field, before, after in pairs if before != after), "seats")


def _differs(head: LineRow, contract: Contract, world: World) -> bool:
    owner = world.people[head.owner_email].id if head.owner_email else contract.owner_id
    wanted = (head.time_zone, head.segment or contract.segment, head.language or contract.language, owner)
    return wanted != (contract.zone, contract.segment, contract.language, contract.owner_id)


def _new_member(head: LineRow, world: World) -> bool:
    if head.contact_email is None:
        return False
    member = (head.company, head.contact_email)
    return member not in world.members and member not in world.promised
