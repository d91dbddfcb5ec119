"""Carry a decision out: write the contract, its company and its contact, in the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts import actions as accounts
from portal.accounts.models import Company, CompanyRole
from portal.contracts import actions as contracts
from portal.contracts.imports.decide import Step, Verdict
from portal.contracts.imports.model import LineRow, Wanted
from portal.contracts.imports.world import World
from portal.contracts.models import Segment
from portal.kit import i18n


def keep(db: Session, wanted: Wanted, verdict: Verdict, world: World, by: str, at: datetime) -> None:
    """Write what `verdict` decided on `wanted`; `world` learns of it."""
    head = wanted.head
    if verdict.step is Step.CREATE:
        company = _company(db, wanted, world, by, at)
        world.contracts[wanted.number] = contracts.create_contract(
            db, number=wanted.number, company=company, currency=head.currency, zone=head.time_zone,
            language=head.language, segment=head.segment or Segment.STANDARD, owner_id=_owner(head, world),
            starts_on=head.starts_on, ends_on=head.ends_on, lines=wanted.lines, by=by, at=at,
        )  # fmt: skip
    else:
        company = _change(db, wanted, verdict, world, by, at)
    _contact(db, company, head, world, by, at)


def _change(db: Session, wanted: Wanted, verdict: Verdict, world: World, by: str, at: datetime) -> Company:
    head, contract = wanted.head, world.contracts[wanted.number]
    contracts.correct_contract(
        db, contract, zone=head.time_zone, language=head.language or contract.language,
        segment=head.segment or contract.segment, owner_id=_owner(head, world) or contract.owner_id, by=by, at=at,
    )  # fmt: skip
    if verdict.step is Step.CORRECT:
        contracts.correct_term(db, contract, currency=head.currency, starts_on=head.starts_on,
                               ends_on=head.ends_on, lines=wanted.lines, by=by, at=at)  # fmt: skip
    if verdict.step is Step.RECORD:
        contracts.record_term(db, contract, starts_on=head.starts_on, ends_on=head.ends_on, lines=wanted.lines,
                              by=by, at=at)  # fmt: skip
    return contract.company


def _company(db: Session, wanted: Wanted, world: World, by: str, at: datetime) -> Company:
    """The company of that name, or a new one, which takes its language and zone from this contract."""
    head = wanted.head
    if not world.companies[head.company]:
        made = accounts.create_company(
            db, name=head.company, country=wanted.country, language=head.language or i18n.ENGLISH.code,
            zone=head.time_zone, by=by, at=at,
        )  # fmt: skip
        world.companies[head.company].append(made)
    return world.companies[head.company][0]


def _owner(head: LineRow, world: World) -> int | None:
    return world.people[head.owner_email].id if head.owner_email else None


def _contact(db: Session, company: Company, head: LineRow, world: World, by: str, at: datetime) -> None:
    """Note the contact as a member to be: the first one as owner, so that somebody can decide, later ones as
    viewers. Nobody is invited by an import, and who is a member or has left stays so."""
    if head.contact_email is None or (company.name, head.contact_email) in world.members:
        return
    role = CompanyRole.VIEWER if company.name in world.with_owner else CompanyRole.OWNER
    name = head.contact_email.partition("@")[0]
    accounts.add_member(db, company, head.contact_email, name, role, by, at)
    remember_contact(head, world)


def remember_contact(head: LineRow, world: World) -> None:
    """What the world knows after the contact was noted; a trial run calls this alone."""
    if head.contact_email is not None:
        world.members.add((head.company, head.contact_email))
        world.with_owner.add(head.company)
