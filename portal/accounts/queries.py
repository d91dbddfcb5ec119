"""Find companies, people, members and sessions."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, Select, false, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from portal.accounts import rules
from portal.accounts.models import (
    Company,
    CompanyKey,
    CompanyRole,
    Membership,
    MemberState,
    OneTimeLink,
    Person,
    SignInSession,
    StaffCover,
    StaffRole,
)
from portal.kit import addresses, listing, search
from portal.kit.guard import Act

PAGE_SIZE = 50
OWNING_ROLES = (StaffRole.CS, StaffRole.SALES)


def company(db: Session, company_id: int) -> Company | None:
    return db.get(Company, company_id)


def hold_company(db: Session, company_id: int) -> Company:
    """The company as it is now, and nobody else changes it until the caller's transaction ends. Rows that only
    refer to it can still be written meanwhile, so that nobody who holds one of its contracts waits for us."""
    wanted = select(Company).where(Company.id == company_id).with_for_update(key_share=True)
    return db.scalars(wanted.execution_options(populate_existing=True)).one()


def companies_by_id(db: Session, ids: Sequence[int]) -> list[Company]:
    return list(db.scalars(select(Company).where(Company.id.in_(ids)).order_by(Company.name)))


NEWEST_COMPANIES: Final = listing.Sorting(Company.created_at, Company.id)


def companies(
    db: Session, found: search.Found | None, cursor: listing.Cursor | None
) -> listing.Page[Company] | None:
    """A page of the companies that a search found (None: all), newest first; None when the cursor is at the very
    start."""

    def fetch(beyond: listing.Cursor | None, limit: int) -> Sequence[Company]:
        return db.scalars(NEWEST_COMPANIES.beyond(found_companies(found), beyond, limit)).all()

    return listing.page(fetch, lambda row: (row.created_at, row.id), cursor, PAGE_SIZE)


def found_companies(found: search.Found | None) -> Select[Company]:
    """The companies that a search found; None: all."""
    if found is None:
        return select(Company)
    return select(Company).where(or_(false(), *found.conditions({"company": Company.id})))


def every_company(db: Session, found: search.Found | None) -> Generator[Row[*tuple[Any, ...]], None, None]:
    """What an export tells of each of them, newest first, some at a time, in one statement."""
    told = found_companies(found).with_only_columns(
        Company.name, Company.country, Company.language, Company.zone, Company.created_at
    )
    query = NEWEST_COMPANIES.beyond(told, None, None)
    with db.execute(query.execution_options(yield_per=search.BATCH)) as rows:
        yield from rows


def find_companies(db: Session, q: str) -> search.Found | None:
    """What the list's search finds, in one statement; None: nothing is searched for."""
    return search.find(db, {"company": company_ways(q)}) if q else None


def company_ways(text: str) -> list[Select[int]]:
    """Ways to find a company: its name from any word or Chinese character on, or a member's e-mail, whole or (for
    who sees addresses) from its beginning."""
    ways: list[Select[int]] = []
    if key := rules.search_text(text)[: rules.KEY_LENGTH]:
        named = select(CompanyKey.company_id).where(search.begins(CompanyKey.key, key))
        ways.append(named.order_by(search.bytewise(CompanyKey.key), CompanyKey.company_id))
    if text.isascii():
        known = select(Membership.company_id).join(Person, Person.id == Membership.person_id)
        ways.append(known.where(addresses.matching(Person.email, text), Membership.state != MemberState.LEFT))
    return ways


def person(db: Session, person_id: int) -> Person | None:
    return db.get(Person, person_id)


def person_by_email(db: Session, email: str) -> Person | None:
    """The person with this e-mail, however it is spelled."""
    return db.scalar(select(Person).where(Person.email == email.strip().lower()))


def staff_list(db: Session) -> list[Person]:
    """All staff, also those who lost access, by name."""
    return list(db.scalars(select(Person).where(Person.staff_role.is_not(None)).order_by(Person.name, Person.id)))


def staff_member(db: Session, person_id: int) -> Person | None:
    return db.scalar(select(Person).where(Person.id == person_id, Person.staff_role.is_not(None)))


def owners() -> Select[int, str]:
    """Staff who can own a contract: id and name."""
    return select(Person.id, Person.name).where(Person.staff_role.in_(OWNING_ROLES), Person.active)


def owner_choices(db: Session) -> list[tuple[int, str]]:
    """Staff who can own a contract: (id, name), by name."""
    return [(row.id, row.name) for row in db.execute(owners().order_by(Person.name, Person.id))]


def covers(db: Session, owner_id: int, person_id: int, on: date) -> bool:
    """Does the person stand in for the account manager on that day?"""
    return bool(
        db.scalar(
            select(StaffCover.id).where(
                StaffCover.owner_id == owner_id,
                StaffCover.cover_id == person_id,
                StaffCover.ended_at.is_(None),
                StaffCover.from_on <= on,
                StaffCover.to_on >= on,
            )
        )
    )


def covers_of(db: Session, person_id: int | None, on: date) -> list[StaffCover]:
    """Who stands in for this person, and for whom they do, now or later, the soonest first; None: for anybody."""
    found = (
        select(StaffCover)
        .options(joinedload(StaffCover.owner), joinedload(StaffCover.cover))
        .where(StaffCover.ended_at.is_(None), StaffCover.to_on >= on)
        .order_by(StaffCover.from_on, StaffCover.id)
    )
    if person_id is not None:
        found = found.where(or_(StaffCover.owner_id == person_id, StaffCover.cover_id == person_id))
    return list(db.scalars(found))


def recipients(db: Session, company_id: int, act: Act) -> list[Person]:
    """Active members of the company who may do `act`, in the order they joined: those who get its mails."""
    roles = [role for role in CompanyRole if act in rules.acts_of(role)]
    wanted = (
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.company_id == company_id,
            Membership.state == MemberState.ACTIVE,
            Membership.role.in_(roles),
            Person.active,
        )
        .order_by(Membership.id)
    )
    return list(db.scalars(wanted))


def names_of(db: Session, refs: Iterable[str]) -> dict[str, str]:
    """Names for the audit trail's references: "person:5" → "Chen Hao". Others ("system") stay as they are."""
    wanted = set(refs)
    ids = {ref: int(ref.removeprefix("person:")) for ref in wanted if _is_person(ref)}
    found: dict[int, str] = {}
    if ids:
        rows = db.execute(select(Person.id, Person.name).where(Person.id.in_(ids.values())))
        found = {row.id: row.name for row in rows}
    return {ref: found.get(ids[ref], ref) if ref in ids else ref for ref in wanted}


def name_of(db: Session, ref: str) -> str:
    return names_of(db, [ref])[ref]


def _is_person(ref: str) -> bool:
    number = ref.removeprefix("person:")
    return ref.startswith("person:") and number.isascii() and number.isdigit() and len(number) <= 18


def members(db: Session, company_id: int) -> list[Membership]:
    """Members of a company who have not left, with their people, owners first."""
    wanted = (
        select(Membership)
        .join(Membership.person)
        .options(contains_eager(Membership.person))
        .where(Membership.company_id == company_id, Membership.state != MemberState.LEFT)
        .order_by(Membership.role != CompanyRole.OWNER, Person.name, Membership.id)
    )
    return list(db.scalars(wanted))


def membership(db: Session, membership_id: int) -> Membership | None:
    """A membership that has not ended, with person and company."""
    return db.scalar(
        select(Membership)
        .options(joinedload(Membership.person), joinedload(Membership.company))
        .where(Membership.id == membership_id, Membership.state != MemberState.LEFT)
    )


def places(db: Session, person_id: int) -> list[Membership]:
    """The companies that a person is in, with their roles there, by name."""
    return list(
        db.scalars(
            select(Membership)
            .join(Membership.company)
            .options(contains_eager(Membership.company))
            .where(Membership.person_id == person_id, Membership.state == MemberState.ACTIVE)
            .order_by(Company.name, Membership.id)
        )
    )


def owned_alone(db: Session, person_id: int) -> list[Company]:
    """The companies that nobody could decide for without this person."""
    return [
        place.company
        for place in places(db, person_id)
        if rules.loses_last_owner(active_owners(db, place.company_id), place.role, None)
    ]


def membership_of(db: Session, company_id: int, person_id: int) -> Membership | None:
    """A person's place in a company, while they are in it."""
    return db.scalar(
        select(Membership).where(
            Membership.company_id == company_id,
            Membership.person_id == person_id,
            Membership.state == MemberState.ACTIVE,
        )
    )


def active_owners(db: Session, company_id: int) -> int:
    """How many people can decide for the company's team today."""
    return (
        db.scalar(
            select(func.count())
            .select_from(Membership)
            .join(Person, Person.id == Membership.person_id)
            .where(
                Membership.company_id == company_id,
                Membership.role == CompanyRole.OWNER,
                Membership.state == MemberState.ACTIVE,
                Person.active,
            )
        )
        or 0
    )


def invitations(db: Session, person_id: int) -> list[Membership]:
    """Invitations that the person has not answered, with their companies."""
    return list(
        db.scalars(
            select(Membership)
            .options(joinedload(Membership.company))
            .where(
                Membership.person_id == person_id,
                Membership.state == MemberState.PENDING,
                Membership.invited_at.is_not(None),
            )
            .order_by(Membership.id)
        )
    )


def sessions(db: Session, who: Person, at: datetime) -> list[SignInSession]:
    """The browsers in which a person is signed in, the last used first."""
    wanted = (
        select(SignInSession)
        .where(
            SignInSession.person_id == who.id, SignInSession.ended_at.is_(None), SignInSession.expires_at > at
        )
        .order_by(SignInSession.seen_at.desc(), SignInSession.id.desc())
    )  # fmt: skip
    is_staff = who.staff_role is not None
    return [row for row in db.scalars(wanted) if rules.session_holds(row.seen_at, row.expires_at, is_staff, at)]


def open_link(db: Session, token: str, at: datetime) -> OneTimeLink | None:
    """The mailed link that `token` stands for, while it works."""
    return db.scalar(
        select(OneTimeLink).where(
            OneTimeLink.token_hash == rules.hash_of(token),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > at,
        )
    )
