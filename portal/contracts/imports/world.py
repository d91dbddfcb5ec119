"""What the database already knows about some contracts of a file, fetched in a handful of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Company, CompanyRole, Membership, MemberState, Person, StaffRole
from portal.contracts import queries
from portal.contracts.imports.shapes import Wanted
from portal.contracts.models import Contract
from portal.kit import bulk


class KnownCompany(NamedTuple):
    id: int
    name: str
    country: str
    language: str


class KnownPerson(NamedTuple):
    id: int
    email: str
    staff_role: StaffRole | None
    active: bool


@dataclass
class World:
    """Kept in step by the import while it works. Companies and members are known by the company's name, since a
    trial run meets companies that have no id."""

    contracts: dict[str, Contract] = field(default_factory=dict)
    ordered: set[int] = field(default_factory=set)
    # Those whose next price starts from what they cost now.
    kept: set[int] = field(default_factory=set)
    companies: dict[str, list[KnownCompany]] = field(default_factory=lambda: defaultdict(list))
    products: set[str] = field(default_factory=set)
    people: dict[str, KnownPerson] = field(default_factory=dict)
    # (company's name, e-mail), and names of companies that have an owner.
    members: set[tuple[str, str]] = field(default_factory=set)
    with_owner: set[str] = field(default_factory=set)
    # Contacts that a trial run would have noted.
    promised: set[tuple[str, str]] = field(default_factory=set)

    def remember(self, wanted: Wanted) -> None:
        """The contact of `wanted` was noted."""
        if wanted.head.contact_email is not None:
            self.members.add((wanted.head.company, wanted.head.contact_email))
            self.with_owner.add(wanted.head.company)

    def promise(self, wanted: Wanted) -> None:
        """The contact of `wanted` would be noted, if this were no trial."""
        if wanted.head.contact_email is not None:
            self.promised.add((wanted.head.company, wanted.head.contact_email))


def load(db: Session, wanted: Sequence[Wanted], hold: bool, world: World | None = None) -> World:
    """The world of these contracts, added to `world` where one is given. With `hold` the contracts' rows are kept
    from others until the transaction ends."""
    world = world or World()
    world.products = queries.product_codes(db)
    numbers = [each.number for each in wanted]
    world.contracts = {}
    if db.scalar(select(Contract.id).where(bulk.among(db, Contract.number, numbers)).limit(1)) is not None:
        if hold:
            rows = db.scalars(queries.locked(select(Contract).where(bulk.among(db, Contract.number, numbers))))
            world.contracts = {contract.number: contract for contract in rows}
        else:
            world.contracts = queries.by_numbers(db, numbers)
    world.ordered = queries.with_orders(db, list(world.contracts.values()))
    world.kept = queries.with_kept_prices(db, [contract.id for contract in world.contracts.values()])
    _load_people(db, world, wanted)
    _load_companies(db, world, {each.head.company for each in wanted} - world.companies.keys())
    return world


def _load_people(db: Session, world: World, wanted: Sequence[Wanted]) -> None:
    emails = {email for each in wanted for email in (each.head.contact_email, each.head.owner_email) if email}
    known = select(Person.id, Person.email, Person.staff_role, Person.active)
    for row in db.execute(known.where(bulk.among(db, Person.email, emails - world.people.keys()))):
        world.people[row.email] = KnownPerson(*row)


def _load_companies(db: Session, world: World, names: set[str]) -> None:
    known = select(Company.id, Company.name, Company.country, Company.language)
    for row in db.execute(known.where(bulk.among(db, Company.name, names)).order_by(Company.id)):
        world.companies[row.name].append(KnownCompany(*row))
    if not names & world.companies.keys():
        return
    found = db.execute(
        select(Company.name, Person.email, Membership.role, Membership.state)
        .join(Membership, Membership.company_id == Company.id)
        .join(Person, Person.id == Membership.person_id)
        .where(bulk.among(db, Company.name, names))
    )
    for name, email, role, state in found:
        world.members.add((name, email))
        if role is CompanyRole.OWNER and state is not MemberState.LEFT:
            world.with_owner.add(name)
