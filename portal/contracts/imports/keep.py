"""Carry a decision out on a contract that is there already, with care, in the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts import actions as accounts
from portal.accounts import rules as account_rules
from portal.accounts.models import CompanyRole
from portal.contracts import actions as contracts
from portal.contracts.imports.decide import Step, Verdict
from portal.contracts.imports.shapes import Wanted
from portal.contracts.imports.world import World


def keep(db: Session, wanted: Wanted, verdict: Verdict, world: World, by: str, at: datetime) -> None:
    """Write what `verdict` decided on `wanted`; `world` learns of it."""
    head, contract = wanted.head, world.contracts[wanted.number]
    owner_id = world.people[head.owner_email].id if head.owner_email else contract.owner_id
    contracts.correct_contract(
        db, contract, zone=head.time_zone, language=head.language or contract.language,
        segment=head.segment or contract.segment, owner_id=owner_id, by=by, at=at,
    )  # fmt: skip
    if verdict.step is Step.CORRECT:
        contracts.correct_term(db, contract, currency=head.currency, starts_on=head.starts_on,
                               ends_on=head.ends_on, lines=wanted.lines, by=by, at=at)  # fmt: skip
    if verdict.step is Step.RECORD:
        contracts.record_term(db, contract, starts_on=head.starts_on, ends_on=head.ends_on, lines=wanted.lines,
                              by=by, at=at)  # fmt: skip
    if head.contact_email is not None and (head.company, head.contact_email) not in world.members:
        role = CompanyRole.VIEWER if head.company in world.with_owner else CompanyRole.OWNER
        name = account_rules.name_from(head.contact_email)
        accounts.add_member(db, contract.company, head.contact_email, name, role, by, at)
        world.remember(wanted)
