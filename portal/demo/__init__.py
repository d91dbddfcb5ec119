"""Demo data at life size, made once on an empty database; its dates count from the day of the first start.

catalogue, book   what is sold, and every price
people, named     the people and contracts that the sign-in page promises
names, companies  two hundred more companies and their people
history           six hundred contracts with years of imported terms
plan, orders      forty-odd orders, placed over the past weeks
paying, shopper   … and paid at the provider, as a customer's browser would
stray             money at the provider that belongs to no order
back              accounts, limits, a transfer that is awaited, refunds

All that needs no provider is one transaction. The rest follows in steps that can be taken again, so that a first
start that was interrupted is completed by the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Final

from flask import current_app
from flask_security.utils import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Person, StaffRole
from portal.accounts.signin.demo import PASSWORD
from portal.contracts.models import Contract
from portal.demo import back, book, companies, history, named, orders, paying, people
from portal.demo.paying import LeftOut as LeftOut
from portal.demo.plan import PLAN
from portal.kit import clock, install, outbox
from portal.kit.db import reading, transaction
from portal.kit.install import Installation
from portal.kit.settings import Settings

SEED: Final = 20_261_125


@dataclass(frozen=True)
class Filled:
    """What came of filling the database: `left_out` says why orders that should be paid are not."""

    left_out: LeftOut | None


def is_wanted() -> bool:
    """Would `seed_if_empty` do anything?"""
    with reading() as db:
        return _is_interrupted(db.get(Installation, 1)) or _is_empty(db)


def seed_if_empty() -> Filled | None:
    """Fill an empty database, or complete what was interrupted; None (and nothing done) for any other.

    Opens its own transactions and talks to the provider between them. Raises SettingsError for a database that was
    ever run in production.
    """
    at = clock.now()
    settings: Settings = current_app.extensions["settings"]
    with transaction() as db:
        row = install.enter(db, settings.mode, at)
        if not _is_interrupted(row):
            if not _is_empty(db):
                return None
            write(db, at)
            row.demo_began_at = at
    left_out = paying.pay()
    paying.answer()
    back.write()
    if left_out is None:
        back.move()
    while outbox.run_due():  # the mails about all that, so that nothing is left for later
        pass
    with transaction() as db:
        db.get_one(Installation, 1).demo_done_at = clock.now()
    return Filled(left_out)


def write(db: Session, at: datetime) -> None:
    """Everything that needs no provider."""
    draw = Random(SEED)  # noqa: S311 - the same demo each time, no secret
    hashed = hash_password(PASSWORD)
    book.write(db, at)
    staff = people.staff(db, hashed, at)
    cs, sales = staff[StaffRole.CS].id, staff[StaffRole.SALES].id
    customers = companies.write(db, draw, hashed, at)
    # The named ones come last, so that they stand first where the newest does.
    of = people.companies(db, at)
    people.customers(db, of, hashed, at)
    ordering = history.write(db, draw, customers, (cs, sales), len(PLAN), at)
    named.write(db, of, cs, sales, at)
    orders.write(db, ordering, cs, at)


def _is_interrupted(row: Installation | None) -> bool:
    return row is not None and row.demo_began_at is not None and row.demo_done_at is None


def _is_empty(db: Session) -> bool:
    return all(db.scalar(select(column).limit(1)) is None for column in (Person.id, Contract.id))
