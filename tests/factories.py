"""Rows for tests, with everything that a test does not care about filled in. Callers hold the transaction."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.actions import write_search_keys
from portal.accounts.models import (
    Company,
    CompanyRole,
    Membership,
    MemberState,
    Person,
    StaffRole,
)
from portal.contracts.models import Contract, Product, Segment, Term, TermLine
from portal.pricing import actions as pricing
from portal.pricing.actions import OfferTerms
from portal.pricing.models import Price, Promotion, TaxRate, TermDiscount
from tests.conftest import NOW

_serial = itertools.count(1)

PRODUCTS = {
    "insight": {"en": "Insight Analytics, Business", "zh_Hans_CN": "洞察分析 商业版"},
    "backup": {"en": "Cloud Backup, Team", "zh_Hans_CN": "云备份 团队版"},
}
UNIT = {"CNY": 100_000, "USD": 14_000, "JPY": 20_000, "KWD": 43_000}


def company(db: Session, name: str = "Aurora 极光科技", **changes: Any) -> Company:
    given = {"country": "CN", "language": "en", "zone": "Asia/Shanghai", "invoice_details": {}, "created_at": NOW}
    row = Company(name=name, **(given | changes))
    db.add(row)
    db.flush()
    write_search_keys(db, {row.id: name})
    return row


def person(db: Session, email: str | None = None, **changes: Any) -> Person:
    number = next(_serial)
    given = {"name": "Lin Yue", "fs_uniquifier": f"u{number}", "language": "en", "created_at": NOW, "active": True}
    row = Person(email=email or f"person{number}@aurora.example", **(given | changes))
    db.add(row)
    db.flush()
    return row


def staff(db: Session, role: StaffRole, email: str | None = None, **changes: Any) -> Person:
    return person(db, email or f"{role}@portal.example", staff_role=role, name=f"Staff {role}", **changes)


def member(db: Session, of: Company, role: CompanyRole = CompanyRole.OWNER, **changes: Any) -> Person:
    row = person(db, **changes)
    db.add(Membership(company_id=of.id, person_id=row.id, role=role, state=MemberState.ACTIVE, joined_at=NOW))
    db.flush()
    return row


def products(db: Session) -> None:
    for code, names in PRODUCTS.items():
        if db.get(Product, code) is None:
            db.add(Product(code=code, names=names))
    db.flush()


def book(db: Session, valid_from: date = date(2026, 1, 1)) -> None:
    """Products, list prices in four currencies, −8 % for 24 months and −14 % for 36, and the countries' taxes."""
    products(db)
    for code in PRODUCTS:
        for currency, minor in UNIT.items():
            db.add(
                Price(
                    product_code=code,
                    currency=currency,
                    unit_minor=minor,
                    valid_from=valid_from,
                    book="2026-07",
                    created_at=NOW,
                )
            )
    for months, points in ((12, 0), (24, 800), (36, 1400)):
        db.add(TermDiscount(months=months, basis_points=points, valid_from=valid_from, book="2026-07"))
    for country, kind, points, inclusive in (
        ("CN", "vat", 600, True),
        ("JP", "consumption_tax", 1000, True),
        ("US", "none", 0, False),
        ("KW", "none", 0, False),
        ("DE", "vat", 1900, False),
    ):
        db.add(
            TaxRate(country=country, kind=kind, basis_points=points, inclusive=inclusive, valid_from=valid_from)
        )
    db.flush()


def promotion(db: Session, **terms: Any) -> Promotion:
    """An offer that one person drafted and another has published before its first day."""
    given = OfferTerms(**terms)
    made = pricing.draft_promotion(db, given, "person:1", NOW)
    pricing.publish_promotion(db, made, made.version, given.valid_from, "person:2", NOW)
    return made


def contract(
    db: Session,
    of: Company,
    ends_on: date = date(2026, 12, 12),
    months: int = 12,
    starts_on: date = date(2025, 12, 13),
    lines: Sequence[tuple[str, int, int]] = (("insight", 20, 100_000),),
    **changes: Any,
) -> Contract:
    """A contract with one imported term; `lines` are (product code, seats, unit minor per seat and year)."""
    products(db)
    number = changes.pop("number", f"CT-2023-{next(_serial):05}")
    given = {"currency": "CNY", "zone": "Asia/Shanghai", "segment": Segment.STANDARD, "created_at": NOW, "rev": 1}
    row = Contract(number=number, company_id=of.id, ends_on=ends_on, **(given | changes))
    db.add(row)
    db.flush()
    term(db, row, starts_on, ends_on, months, lines)
    return row


def term(
    db: Session, of: Contract, starts_on: date, ends_on: date, months: int, lines: Sequence[tuple[str, int, int]]
) -> Term:
    row = Term(
        contract_id=of.id, starts_on=starts_on, ends_on=ends_on, months=months, anchor_on=starts_on,
        months_from_anchor=months, segment=of.segment, created_at=NOW,
        lines=[
            TermLine(position=position, product_code=code, seats=seats, unit_minor=unit)
            for position, (code, seats, unit) in enumerate(lines)
        ],
    )  # fmt: skip
    db.add(row)
    db.flush()
    return row


def sign_in(client: FlaskClient, who: Person, at: datetime = NOW) -> None:
    """Sign `who` in on `client` without the form."""
    from portal.accounts import signin  # noqa: PLC0415 - the app must exist first

    with client.session_transaction() as cookie:
        signin.open_session(cookie, who.id, who.fs_uniquifier, at, timedelta(hours=12))
