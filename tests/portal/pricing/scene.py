"""A company with a contract and a filled price book, for tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Company, Person, StaffRole
from portal.contracts.models import Contract
from portal.kit.db import transaction
from portal.orders import actions as orders
from portal.orders.models import Order
from portal.pricing import actions
from portal.pricing.models import Quote
from tests import factories
from tests.conftest import NOW


@dataclass(frozen=True)
class Scene:
    company: Company
    contract: Contract
    owner: Person
    cs: Person

    @property
    def ref(self) -> str:
        return f"person:{self.owner.id}"


def scene(db: Session, company: dict[str, Any] | None = None, **contract: Any) -> Scene:
    """Aurora, its owner, a contract that ends on 12 December 2026, a CS person, and the book."""
    factories.book(db)
    aurora = factories.company(db, **(company or {}))
    kept = factories.contract(db, aurora, **contract)
    return Scene(aurora, kept, factories.member(db, aurora), factories.staff(db, StaffRole.CS))


def staged(**contract: Any) -> Scene:
    with transaction() as db:
        return scene(db, **contract)


def sealed(of: Scene, months: int = 24, seats: list[int] | None = None) -> Quote:
    with transaction() as db:
        return actions.seal(db, of.contract, months, seats, of.ref, NOW)


def ordered(of: Scene, paid: bool = True) -> Order:
    """An order of the scene's contract, paid unless told otherwise."""
    quote = sealed(of)
    with transaction() as db:
        order = orders.place(db, quote, of.ref, of.owner.email, "PO-7", "2026-03", NOW)
        if paid:
            orders.mark_paid(db, order, "card visa 4242", NOW)
    return order


def sign_in(client: FlaskClient, role: StaffRole) -> None:
    """Somebody of staff with this role sits down at the browser."""
    with transaction() as db:
        who = factories.staff(db, role, email=f"{role}2@portal.example")
    factories.sign_in(client, who)
