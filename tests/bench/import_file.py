"""Import files of any size for measurements, and what must be there before one is imported."""

from __future__ import annotations

import csv
from pathlib import Path

from portal.accounts.models import StaffRole
from portal.contracts.imports.shapes import COLUMNS
from portal.kit.db import transaction
from tests import factories

ZONES = ("Asia/Shanghai", "Asia/Tokyo", "Europe/Berlin", "America/Los_Angeles")
CURRENCIES = ("CNY", "USD", "JPY")
CONTRACTS_OF_A_COMPANY = 5


def prepare() -> None:
    with transaction() as db:
        factories.book(db)
        for number in range(20):
            factories.staff(db, StaffRole.CS, f"cs{number}@portal.example")


def write(path: Path, contracts: int, *, bad_every: int = 0, changed_every: int = 0) -> None:
    """One row for each contract, five contracts for each company; every so many rows bad, or with other seats."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(contracts):
            writer.writerow(_row(number, bad_every, changed_every))


def _row(number: int, bad_every: int, changed_every: int) -> list[str]:
    company = number // CONTRACTS_OF_A_COMPANY
    seats = str(number % 90 + 1)
    if bad_every and number % bad_every == 0:
        seats = "none"
    elif changed_every and number % changed_every == 0:
        seats = str(number % 90 + 100)
    given = {
        "contract_number": f"CT-{number:07}", "company": f"公司 Company {company:06}",
        "contact_email": f"owner{company}@company{company % 997}.example",
        "product": ("insight", "backup")[number % 2],
        "seats": seats, "unit_price": f"{number % 900 + 100}",
        "currency": CURRENCIES[company % 3],
        "time_zone": ZONES[company % 4],
        "starts_on": f"2026-{number % 12 + 1:02}-01",
        "ends_on": f"2027-{number % 12 + 1:02}-28",
        "owner_email": f"cs{number % 20}@portal.example",
        "segment": ("standard", "small", "strategic")[number % 3],
        "language": ("en", "zh_Hans_CN")[company % 2], "country": "",
    }  # fmt: skip
    return [given[name] for name in COLUMNS]
