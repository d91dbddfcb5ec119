"""A customer with contracts in all standings, and a provider in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Company, CompanyRole, Person
from portal.contracts import queries as contracts
from portal.contracts.models import Contract
from portal.kit.db import reading, transaction
from portal.orders import queries as orders
from portal.orders.models import Order
from tests import factories
from tests.fakes.gateway import FakeGateway
from tests.web import Browser, post_form


@pytest.fixture
def gateway(app: Flask) -> Iterator[FakeGateway]:
    fake = FakeGateway()
    before = app.extensions.get("gateway")
    app.extensions["gateway"] = fake
    yield fake
    app.extensions["gateway"] = before


@dataclass
class Home:
    """One company, its owner's browser, and the short ways through the pages."""

    app: Flask
    company: Company
    owner: Person
    browser: FlaskClient
    gateway: FakeGateway

    def contract(self, **changes: Any) -> Contract:
        with transaction() as db:
            return factories.contract(db, changes.pop("of", self.company), **changes)

    def member(self, role: CompanyRole, **changes: Any) -> FlaskClient:
        """A browser in which somebody with this role is signed in."""
        with transaction() as db:
            person = factories.member(db, changes.pop("of", self.company), role, **changes)
        return self.browse(person)

    def browse(self, person: Person) -> FlaskClient:
        browser = Browser(self.app)
        factories.sign_in(browser, person)
        return browser

    def quote(self, contract: Contract, months: int = 24, **fields: Any) -> str:
        """Hold a price; returns the quote's address."""
        given = {"term_months": months, "seats": "20", "do": "quote"} | fields
        answer = post_form(self.browser, f"/contracts/{contract.number}/renew", **given)
        assert answer.status_code == 303, answer.text
        return answer.location

    def place(self, contract: Contract, months: int = 24) -> Order:
        """Accept a price, up to the provider's page."""
        answer = post_form(self.browser, self.quote(contract, months), invoice_title="Aurora Ltd")
        assert answer.status_code == 303, answer.text
        return self.order(contract)

    def order(self, contract: Contract) -> Order:
        with reading() as db:
            latest = orders.latest_for(db, [contract.id])[contract.id]
            found = orders.by_number(db, latest.number)
            assert found is not None
            return found

    def pay(self, contract: Contract, months: int = 24) -> Order:
        """Renew and pay, and come back from the provider."""
        order = self.place(contract, months)
        self.gateway.pay(self.gateway.newest.id)
        assert self.browser.get(f"/orders/{order.number}/return").status_code == 303
        return self.order(contract)

    def fresh(self, contract: Contract) -> Contract:
        with reading() as db:
            found = contracts.by_number(db, contract.number)
            assert found is not None
            return found


@pytest.fixture
def home(app: Flask, gateway: FakeGateway) -> Home:
    with transaction() as db:
        factories.book(db)
        company = factories.company(db)
        owner = factories.member(db, company, email="owner@aurora.example")
    browser = Browser(app)
    factories.sign_in(browser, owner)
    return Home(app, company, owner, browser, gateway)


GRACE = {"starts_on": date(2025, 11, 14), "ends_on": date(2026, 11, 13)}
TODAY = {"starts_on": date(2025, 11, 23), "ends_on": date(2026, 11, 22)}
OPEN = {"starts_on": date(2026, 2, 6), "ends_on": date(2027, 2, 5)}
RUNNING = {"starts_on": date(2025, 7, 1), "ends_on": date(2028, 6, 30), "months": 36}
LAPSED = {"starts_on": date(2024, 9, 1), "ends_on": date(2025, 8, 31)}
