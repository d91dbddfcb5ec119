"""Finance's browser."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import StaffRole
from portal.kit.db import transaction
from tests import factories


@pytest.fixture
def desk(app: Flask, client: FlaskClient) -> FlaskClient:
    """Finance's browser, and a price book."""
    with transaction() as db:
        factories.book(db)
        who = factories.staff(db, StaffRole.FINANCE)
    factories.sign_in(client, who)
    return client
