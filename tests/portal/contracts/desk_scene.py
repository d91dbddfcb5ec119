"""What the desk tests stand on."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from flask.testing import FlaskClient

from portal.accounts.models import Company, Person, StaffRole
from portal.contracts import queries
from portal.contracts.models import Contract
from portal.kit.db import reading, transaction
from tests import factories

TODAY = date(2026, 11, 22)


def signed_in(client: FlaskClient, role: StaffRole = StaffRole.DATA) -> Person:
    with transaction() as db:
        person = factories.staff(db, role)
    factories.sign_in(client, person)
    return person


def made(of: Company, **changes: Any) -> Contract:
    with transaction() as db:
        return factories.contract(db, of, **changes)


def ending(of: Company, number: str, days: int, **changes: Any) -> Contract:
    end = TODAY + timedelta(days=days)
    return made(of, number=number, starts_on=end - timedelta(days=364), ends_on=end, **changes)


def get(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.get_data(as_text=True)


def numbers(page: str) -> list[str]:
    return re.findall(r'data-row="contract:([^"]+)"', page)


def again(number: str) -> Contract:
    with reading() as db:
        found = queries.by_number(db, number)
    assert found is not None
    return found
