"""A portal with limits, for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.app import create_app
from portal.kit import web
from portal.kit.db import database
from tests.conftest import make_settings
from tests.web import Browser


@pytest.fixture
def demo(app: Flask, database_url: str) -> Iterator[Flask]:
    """The portal in demo mode: with limits, and with people to try."""
    given = create_app(make_settings(PORTAL_MODE="demo", PORTAL_DATABASE_URL=database_url))
    given.test_client_class = Browser
    yield given
    web.limiter.reset()
    web.limiter.enabled = False  # it is one object for all apps of a process
    with given.app_context():
        database.engine.dispose()
