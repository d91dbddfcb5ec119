"""The contracts of the named companies: one of each standing that somebody may want to try."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from portal.accounts.models import Company
from portal.accounts.signin.demo import AURORA, HARBOR, SAKURA
from portal.contracts import actions as contracts
from portal.contracts.models import Contract, Segment
from portal.contracts.rules import LineSpec, end_of
from portal.demo.book import BY
from portal.demo.history import CURRENCIES, ONE_DAY
from portal.kit import clock


def write(db: Session, of: dict[str, Company], cs: int, sales: int, at: datetime) -> None:
    """Aurora's, Harbor's and Sakura's contracts. `cs` and `sales` answer for them (people's ids)."""
    _aurora(db, of[AURORA], cs, at)
    _harbor(db, of[HARBOR], sales, at)
    _sakura(db, of[SAKURA], cs, at)


def _contract(
    db: Session, company: Company, owner_id: int, number: str, ends_on: date, line: LineSpec, at: datetime,
    *, months: int = 12, history: int = 2, segment: Segment = Segment.STANDARD,
) -> Contract:  # fmt: skip
    """A contract whose running term ends on `ends_on`, with `history` imported terms before it."""
    start = _start_for(ends_on, months * (history + 1))
    contract = contracts.create_contract(
        db, number=number, company=company, currency=CURRENCIES[company.country], zone=company.zone, language=None,
        segment=segment, owner_id=owner_id, starts_on=start, ends_on=end_of(start, months), lines=[line], by=BY,
        at=at,
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


def _aurora(db: Session, company: Company, owner_id: int, at: datetime) -> None:
    today = clock.day(at, company.zone)

    def on(days: int) -> date:
        return today + timedelta(days=days)

    _contract(db, company, owner_id, "CT-2023-00417", on(20), LineSpec("insight", 20, 100_000), at)
    _contract(db, company, owner_id, "CT-2024-00952", on(75), LineSpec("fieldkit", 15, 135_000), at, history=1)
    _contract(db, company, owner_id, "CT-2022-00188", on(-9), LineSpec("backup", 40, 36_000), at, history=3)
    _contract(
        db, company, owner_id, "CT-2025-01310", on(585), LineSpec("gateway", 1, 230_000), at, months=36, history=0,
        segment=Segment.STRATEGIC,
    )  # fmt: skip


def _harbor(db: Session, company: Company, owner_id: int, at: datetime) -> None:
    today = clock.day(at, company.zone)
    _contract(db, company, owner_id, "CT-2024-01107", today, LineSpec("fleet", 100, 11_800), at)
    lapsed = today - timedelta(days=75)
    _contract(db, company, owner_id, "CT-2021-00063", lapsed, LineSpec("backup", 25, 5_400), at)
    soon = today + timedelta(days=15)
    renewed = _contract(db, company, owner_id, "CT-2022-00731", soon, LineSpec("insight", 12, 15_600), at)
    following = renewed.ends_on + ONE_DAY
    contracts.record_term(
        db, renewed, starts_on=following, ends_on=end_of(following, 12), lines=[LineSpec("insight", 12, 16_800)],
        by=BY, at=at,
    )  # fmt: skip


def _sakura(db: Session, company: Company, owner_id: int, at: datetime) -> None:
    today = clock.day(at, company.zone)
    soon = today + timedelta(days=40)
    _contract(db, company, owner_id, "CT-2024-00318", soon, LineSpec("insight", 30, 22_800), at)
    leap = LineSpec("gateway", 8, 50_000)
    _contract(db, company, owner_id, "CT-2025-00229", _next_leap_day(today), leap, at, months=36, history=0)


def _next_leap_day(today: date) -> date:
    year = today.year
    while not _is_leap(year) or date(year, 2, 29) < today:
        year += 1
    return date(year, 2, 29)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
