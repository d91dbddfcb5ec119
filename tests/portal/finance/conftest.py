"""Finance's browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import StaffRole
from portal.kit.db import transaction
from tests import factories
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import use


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> FlaskClient:
    """Finance's browser, and a price book."""
    with transaction() as db:
        factories.book(db)
        who = factories.staff(db, StaffRole.FINANCE)
    factories.sign_in(client, who)
    return client


@pytest.fixture
def gateway(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    """A provider in memory, and a data folder of its own for the slips."""
    settings = app.extensions["settings"].model_copy(update={"data_dir": tmp_path})
    monkeypatch.setitem(app.extensions, "settings", settings)
    return use(app)
