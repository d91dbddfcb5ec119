"""Write many new contracts at once, with their companies, terms, lines, contacts and audit notes.

The careful way (`keep.py`) takes milliseconds for each contract, this one some ten microseconds. It writes what
`contracts.actions.create_contract` would, and nothing looks at the rows in between: whoever calls has decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from sqlalchemy.orm import Session

from portal.accounts import actions as accounts
from portal.accounts import rules as account_rules
from portal.accounts.actions import NewCompany, NewMember
from portal.accounts.models import CompanyRole
from portal.audit import actions as audit
from portal.audit.actions import Note
from portal.contracts import rules
from portal.contracts.imports.shapes import LineRow, Wanted
from portal.contracts.imports.world import KnownCompany, KnownPerson, World
from portal.contracts.models import Contract, Segment, Term, TermLine
from portal.kit import bulk, i18n
from portal.kit.db import Json

_CONTRACT = ("id", "number", "company_id", "currency", "zone", "language", "segment", "owner_id", "ends_on", "rev",
             "created_at", "version")  # fmt: skip
_TERM = ("id", "contract_id", "starts_on", "ends_on", "months", "anchor_on", "months_from_anchor", "segment",
         "created_at")  # fmt: skip
_LINE = ("term_id", "position", "product_code", "seats", "unit_minor")

_plan = lru_cache(maxsize=10_000)(rules.plan_between)


def create(db: Session, wanted: Sequence[Wanted], world: World, by: str, at: datetime) -> None:
    """Write these contracts, none of which is there yet; `world` learns of their companies and people.

    Raises IntegrityError when somebody else wrote one of the rows meanwhile.
    """
    if not wanted:
        return
    _companies(db, wanted, world, by, at)
    _contracts(db, wanted, world, by, at)
    _contacts(db, wanted, world, by, at)


def _companies(db: Session, wanted: Sequence[Wanted], world: World, by: str, at: datetime) -> None:
    """The companies that are not there yet; each takes language and zone from its first contract."""
    new: dict[str, NewCompany] = {}
    for each in wanted:
        head = each.head
        if not world.companies[head.company] and head.company not in new:
            language = head.language or i18n.ENGLISH.code
            new[head.company] = NewCompany(head.company, each.country, language, head.time_zone)
    if new:
        ids = accounts.create_companies(db, list(new.values()), by, at)
        for company_id, made in zip(ids, new.values(), strict=True):
            world.companies[made.name].append(KnownCompany(company_id, made.name, made.country, made.language))


def _contracts(db: Session, wanted: Sequence[Wanted], world: World, by: str, at: datetime) -> None:
    contract_ids = bulk.next_ids(db, Contract, len(wanted))
    term_ids = bulk.next_ids(db, Term, len(wanted))
    contracts, terms, lines, notes = [], [], [], []
    for contract_id, term_id, each in zip(contract_ids, term_ids, wanted, strict=True):
        head = each.head
        company_id = world.companies[head.company][0].id
        segment = head.segment or Segment.STANDARD
        owner_id = world.people[head.owner_email].id if head.owner_email else None
        plan = _plan(head.starts_on, head.ends_on)
        contracts.append((contract_id, head.contract_number, company_id, head.currency, head.time_zone,
                          head.language, segment, owner_id, head.ends_on, 1, at, 1))  # fmt: skip
        terms.append((term_id, contract_id, plan.starts_on, plan.ends_on, plan.months, plan.anchor_on,
                      plan.months_from_anchor, segment, at))  # fmt: skip
        lines += [(term_id, place, *line) for place, line in enumerate(_lines(each))]
        facts = {"company_id": company_id, "owner_id": owner_id, "zone": head.time_zone, "segment": segment,
                 "language": head.language, "term": _facts(each)}  # fmt: skip
        notes.append(Note("contract.created", f"contract:{head.contract_number}", facts))
    bulk.insert(db, Contract, _CONTRACT, contracts)
    bulk.insert(db, Term, _TERM, terms)
    bulk.insert(db, TermLine, _LINE, lines)
    audit.note_all(db, by, at, notes)


def _lines(wanted: Wanted) -> list[tuple[str, int, int]]:
    return [(line.product_code, line.seats, line.unit_minor) for line in wanted.lines]


def _facts(wanted: Wanted) -> Json:
    head = wanted.head
    return {
        "currency": head.currency,
        "starts_on": head.starts_on.isoformat(),
        "ends_on": head.ends_on.isoformat(),
        "lines": _lines(wanted),
    }


def _contacts(db: Session, wanted: Sequence[Wanted], world: World, by: str, at: datetime) -> None:
    new = []
    for each in wanted:
        member = new_member(each.head, world)
        if member is not None:
            new.append(member)
            world.remember(each)
    if new:
        people = accounts.add_members(db, new, by, at)
        for email, person_id in people.items():
            world.people.setdefault(email, KnownPerson(person_id, email, None, True))


def new_member(head: LineRow, world: World) -> NewMember | None:
    """The row's contact as a member to be: the first one as owner, so that somebody can decide, later ones as
    viewers. Nobody is invited by an import, and who is a member or has left stays so."""
    email = head.contact_email
    if email is None or (head.company, email) in world.members:
        return None
    company, person = world.companies[head.company][0], world.people.get(email)
    role = CompanyRole.VIEWER if head.company in world.with_owner else CompanyRole.OWNER
    name = account_rules.name_from(email)
    return NewMember(company.id, person.id if person else None, email, name, role, company.language)
