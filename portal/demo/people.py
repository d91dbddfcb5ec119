"""The named people of the demo: one for each role, and the companies of the customers among them."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from portal.accounts import actions as accounts
from portal.accounts.models import Company, CompanyRole, Membership, MemberState, Person, StaffRole
from portal.accounts.signin.demo import AURORA, HARBOR, PEOPLE, SAKURA, DemoPerson
from portal.demo.book import BY

PLACES: Final = {
    AURORA: ("CN", "zh_Hans_CN", "Asia/Shanghai"),
    HARBOR: ("US", "en", "America/Los_Angeles"),
    SAKURA: ("JP", "en", "Asia/Tokyo"),
}
AURORA_INVOICE: Final = {
    "title": "极光科技（上海）有限公司",
    "tax_id": "91110000600037341L",
    "address": "上海市浦东新区世纪大道 100 号",
}


def companies(db: Session, at: datetime) -> dict[str, Company]:
    """The companies of the named customers, by name."""
    made = {
        name: accounts.create_company(db, name=name, country=country, language=language, zone=zone, by=BY, at=at)
        for name, (country, language, zone) in PLACES.items()
    }
    accounts.change_invoice_details(db, made[AURORA], AURORA_INVOICE, by=BY, at=at)
    return made


def staff(db: Session, hashed: str, at: datetime) -> dict[StaffRole, Person]:
    """One member of staff for each role."""
    rows = {demo.role: _row(demo, hashed, at) for demo in PEOPLE if isinstance(demo.role, StaffRole)}
    db.add_all(rows.values())
    db.flush()
    return rows


def customers(db: Session, of: dict[str, Company], hashed: str, at: datetime) -> None:
    """The named customers, each a member of their company."""
    for demo in PEOPLE:
        if isinstance(demo.role, CompanyRole):
            row = _row(demo, hashed, at)
            db.add(row)
            db.flush()
            db.add(joined(of[demo.company], row, demo.role, at))
    db.flush()


def _row(demo: DemoPerson, hashed: str, at: datetime) -> Person:
    role = demo.role if isinstance(demo.role, StaffRole) else None
    return person(demo.email, demo.name, demo.language, hashed, at, role)


def person(
    email: str, name: str, language: str, hashed: str, at: datetime, role: StaffRole | None = None
) -> Person:
    """Somebody who can sign in. All share one hash: they share the password, and hashing is slow on purpose."""
    return Person(
        email=email, name=name, password=hashed, active=True, language=language,
        fs_uniquifier=secrets.token_hex(16), created_at=at, staff_role=role,
    )  # fmt: skip


def joined(company: Company, who: Person, role: CompanyRole, at: datetime) -> Membership:
    """Their place in the company."""
    return Membership(company_id=company.id, person_id=who.id, role=role, state=MemberState.ACTIVE, joined_at=at)
