"""Demo data: three companies, their people and contracts, and one member of staff for each role."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from typing import Final

from flask_security.utils import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import actions as accounts
from portal.accounts.models import (
    Company,
    CompanyRole,
    Membership,
    MemberState,
    Person,
    StaffRole,
)
from portal.accounts.signin.demo import AURORA, HARBOR, PASSWORD, PEOPLE, SAKURA
from portal.contracts import actions as contracts
from portal.contracts.models import Contract, Product, Segment
from portal.contracts.rules import LineSpec, end_of
from portal.kit import clock
from portal.kit.db import transaction
from portal.pricing import actions as pricing

BY: Final = "demo"
ONE_DAY: Final = timedelta(days=1)


PRODUCTS: Final = {
    # code: (English, Chinese, {currency: list price in minor units per seat and year})
    "insight": ("Insight Analytics, Business", "洞察分析 商业版", {"CNY": 105_000, "USD": 16_800, "JPY": 24_000}),
    "backup": ("Cloud Backup, Team", "云备份 团队版", {"CNY": 38_000, "USD": 6_000, "JPY": 8_800}),
    "fieldkit": ("Mobile Field Kit", "移动外勤套件", {"CNY": 143_100, "USD": 21_200, "JPY": 32_400}),
    "gateway": ("API Gateway, Enterprise", "API 网关 企业版", {"CNY": 240_000, "USD": 36_000, "JPY": 52_800}),
    "fleet": ("Fleet Console", "车队控制台", {"CNY": 88_000, "USD": 12_480, "JPY": 19_800}),
}
TERM_DISCOUNTS: Final = {12: 0, 24: 800, 36: 1400}  # months: basis points
TAXES: Final = (
    # country, kind, basis points, contained in the price
    ("CN", "vat", 600, True),
    ("JP", "consumption_tax", 1000, True),
    ("US", "none", 0, False),
)


def seed_if_empty() -> bool:
    """Fill an empty database; False (and nothing done) when anybody or any contract is in it already."""
    with transaction() as db:
        if (
            db.scalar(select(Person.id).limit(1)) is not None
            or db.scalar(select(Contract.id).limit(1)) is not None
        ):
            return False
        seed(db, clock.now())
    return True


def seed(db: Session, at: datetime) -> None:
    """Write the demo data; its dates count from the day of `at`."""
    _price_book(db, at)
    companies = {
        AURORA: accounts.create_company(
            db, name=AURORA, country="CN", language="zh_Hans_CN", zone="Asia/Shanghai", by=BY, at=at
        ),
        HARBOR: accounts.create_company(
            db, name=HARBOR, country="US", language="en", zone="America/Los_Angeles", by=BY, at=at
        ),
        SAKURA: accounts.create_company(
            db, name=SAKURA, country="JP", language="en", zone="Asia/Tokyo", by=BY, at=at
        ),
    }
    accounts.change_invoice_details(
        db,
        companies[AURORA],
        {
            "title": "极光科技（上海）有限公司",
            "tax_id": "91110000600037341L",
            "address": "上海市浦东新区世纪大道 100 号",
        },
        by=BY,
        at=at,
    )
    people = _people(db, companies, at)
    _aurora(db, companies[AURORA], people["cs@portal.example"], at)
    _harbor(db, companies[HARBOR], people["sales@portal.example"], at)
    _sakura(db, companies[SAKURA], people["cs@portal.example"], at)


def _price_book(db: Session, at: datetime) -> None:
    # One version, in force since the first of this year.
    year = (clock.day(at, "UTC") - ONE_DAY).year  # already in force wherever it still is yesterday
    opened, book = date(year, 1, 1), str(year)
    for code, (english, chinese, prices) in PRODUCTS.items():
        db.add(Product(code=code, names={"en": english, "zh_Hans_CN": chinese}))
        db.flush()
        for currency, minor in prices.items():
            pricing.add_price(
                db,
                product_code=code,
                currency=currency,
                unit_minor=minor,
                valid_from=opened,
                book=book,
                by=BY,
                at=at,
            )
    for months, points in TERM_DISCOUNTS.items():
        pricing.add_term_discount(
            db, months=months, basis_points=points, valid_from=opened, book=book, by=BY, at=at
        )
    for country, kind, points, inclusive in TAXES:
        pricing.add_tax_rate(
            db,
            country=country,
            kind=kind,
            basis_points=points,
            inclusive=inclusive,
            valid_from=opened,
            by=BY,
            at=at,
        )


def _people(db: Session, companies: dict[str, Company], at: datetime) -> dict[str, Person]:
    # One hash for all: they share the password, and hashing is slow on purpose.
    hashed = hash_password(PASSWORD)
    rows = {}
    for demo in PEOPLE:
        row = Person(
            email=demo.email, name=demo.name, password=hashed, active=True, language=demo.language,
            fs_uniquifier=secrets.token_hex(16), created_at=at,
            staff_role=demo.role if isinstance(demo.role, StaffRole) else None,
        )  # fmt: skip
        db.add(row)
        db.flush()
        if isinstance(demo.role, CompanyRole):
            db.add(
                Membership(
                    company_id=companies[demo.company].id, person_id=row.id, role=demo.role,
                    state=MemberState.ACTIVE, joined_at=at,
                )
            )  # fmt: skip
        rows[demo.email] = row
    db.flush()
    return rows


def _contract(
    db: Session, company: Company, owner: Person, number: str, ends_on: date, line: LineSpec, at: datetime,
    *, months: int = 12, history: int = 2, segment: Segment = Segment.STANDARD,
) -> Contract:  # fmt: skip
    """A contract whose running term ends on `ends_on`, with `history` imported terms before it."""
    start = _start_for(ends_on, months * (history + 1))
    currency = {"CN": "CNY", "US": "USD", "JP": "JPY"}[company.country]
    contract = contracts.create_contract(
        db, number=number, company=company, currency=currency, zone=company.zone, language=None, segment=segment,
        owner_id=owner.id, starts_on=start, ends_on=end_of(start, months), lines=[line], by=BY, at=at,
    )  # fmt: skip
    for n in range(1, history + 1):
        contracts.record_term(
            db, contract, starts_on=end_of(start, months * n) + ONE_DAY, ends_on=end_of(start, months * (n + 1)),
            lines=[line], by=BY, at=at,
        )  # fmt: skip
    return contract


def _start_for(ends_on: date, months: int) -> date:
    """The first day of `months` that end on `ends_on`."""
    after = ends_on + ONE_DAY
    years, month = divmod(after.year * 12 + after.month - 1 - months, 12)
    day = after.day
    while True:
        try:
            return date(years, month + 1, day)
        except ValueError:
            day -= 1


def _aurora(db: Session, company: Company, owner: Person, at: datetime) -> None:
    today = clock.day(at, company.zone)

    def on(days: int) -> date:
        return today + timedelta(days=days)

    _contract(db, company, owner, "CT-2023-00417", on(20), LineSpec("insight", 20, 100_000), at)
    _contract(db, company, owner, "CT-2024-00952", on(75), LineSpec("fieldkit", 15, 135_000), at, history=1)
    _contract(db, company, owner, "CT-2022-00188", on(-9), LineSpec("backup", 40, 36_000), at, history=3)
    _contract(
        db, company, owner, "CT-2025-01310", on(585), LineSpec("gateway", 1, 230_000), at, months=36, history=0,
        segment=Segment.STRATEGIC,
    )  # fmt: skip


def _harbor(db: Session, company: Company, owner: Person, at: datetime) -> None:
    today = clock.day(at, company.zone)
    _contract(db, company, owner, "CT-2024-01107", today, LineSpec("fleet", 100, 11_800), at)
    _contract(db, company, owner, "CT-2021-00063", today - timedelta(days=75), LineSpec("backup", 25, 5_400), at)
    renewed = _contract(
        db, company, owner, "CT-2022-00731", today + timedelta(days=15), LineSpec("insight", 12, 15_600), at
    )
    following = renewed.ends_on + ONE_DAY
    contracts.record_term(
        db, renewed, starts_on=following, ends_on=end_of(following, 12), lines=[LineSpec("insight", 12, 16_800)],
        by=BY, at=at,
    )  # fmt: skip


def _sakura(db: Session, company: Company, owner: Person, at: datetime) -> None:
    today = clock.day(at, company.zone)
    year = today.year
    while not _is_leap(year) or date(year, 2, 29) < today:
        year += 1
    ends_on = date(year, 2, 29)
    _contract(db, company, owner, "CT-2024-00318", today + timedelta(days=40), LineSpec("insight", 30, 22_800), at)
    _contract(
        db, company, owner, "CT-2025-00229", ends_on, LineSpec("gateway", 8, 50_000), at, months=36, history=0
    )


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
