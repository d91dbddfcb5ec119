"""Fixtures of the contract tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import Company, StaffRole
from portal.contracts.events import ContractChanged
from portal.kit.db import reading, transaction
from portal.kit.events import Told, switchboard
from portal.kit.outbox import OutboxRow
from tests import factories


@pytest.fixture
def told(app: Flask) -> Iterator[Callable[[], list[tuple[str, str]]]]:
    """The facts that contracts told: (subject, occurrence)."""

    def ignore(_told: Told) -> None:
        return None

    switchboard.react(ContractChanged, "test.contract_changed", ignore)

    def seen() -> list[tuple[str, str]]:
        with reading() as db:
            rows = db.scalars(select(OutboxRow).where(OutboxRow.job == "test.contract_changed"))
            return [(row.subject, row.occurrence) for row in rows]

    yield seen
    switchboard._reactions.pop(ContractChanged.__name__)
    switchboard._handlers.pop("test.contract_changed")


@pytest.fixture
def aurora(app: Flask) -> Company:
    with transaction() as db:
        factories.products(db)
        return factories.company(db)


@pytest.fixture
def prepared(app: Flask) -> Flask:
    """Products, and Chen Hao of staff."""
    with transaction() as db:
        factories.products(db)
        factories.staff(db, StaffRole.CS, "cs@portal.example")
    return app
