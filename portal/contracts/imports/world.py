"""What the database already knows about the contracts of a file, fetched in a handful of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Company, CompanyRole, Membership, MemberState, Person
from portal.contracts import queries
from portal.contracts.imports.model import Wanted
from portal.contracts.models import Contract


@dataclass
class World:
    """Kept in step by the import while it works. Companies and members are known by the company's name, since a
    trial run meets companies that have no id."""

    contracts: dict[str, Contract] = field(default_factory=dict)
    ordered: set[int] = field(default_factory=set)
    companies: dict[str, list[Company]] = field(default_factory=lambda: defaultdict(list))
    products: set[str] = field(default_factory=set)
    people: dict[str, Person] = field(default_factory=dict)
    # (company's name, e-mail), and names of companies that have an owner.
    members: set[tuple[str, str]] = field(default_factory=set)
    with_owner: set[str] = field(default_factory=set)


def load(db: Session, wanted: Sequence[Wanted], hold: bool) -> World:
    """The world of these contracts. With `hold` their rows are kept from others until the transaction ends."""
    world = World(products=queries.product_codes(db))
    numbers = [each.number for each in wanted]
    if hold:
        rows = db.scalars(queries.locked(select(Contract).where(Contract.number.in_(numbers))))
        world.contracts = {contract.number: contract for contract in rows}
    else:
        world.contracts = queries.by_numbers(db, numbers)
    world.ordered = queries.with_orders(db, list(world.contracts.values()))
    emails = {email for each in wanted for email in (each.head.contact_email, each.head.owner_email) if email}
    world.people = {person.email: person for person in db.scalars(select(Person).where(Person.email.in_(emails)))}
    names = {each.head.company for each in wanted}
    for company in db.scalars(select(Company).where(Company.name.in_(names)).order_by(Company.id)):
        world.companies[company.name].append(company)
    _load_members(db, world, names)
    return world


def _load_members(db: Session, world: World, names: set[str]) -> None:
    found = db.execute(
        select(Company.name, Person.email, Membership.role, Membership.state)
        .join(Membership, Membership.company_id == Company.id)
        .join(Person, Person.id == Membership.person_id)
        .where(Company.name.in_(names))
    )
    for name, email, role, state in found:
        world.members.add((name, email))
        if role is CompanyRole.OWNER and state is not MemberState.LEFT:
            world.with_owner.add(name)
