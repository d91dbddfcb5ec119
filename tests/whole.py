"""The whole portal on an empty database of its own, for the long proofs that are no tests of pytest."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import time_machine
from flask import Flask

from portal.app import create_app
from portal.kit.db import database
from tests import servers
from tests.bench.rig import empty_database
from tests.conftest import NOW, POSTGRES, make_settings
from tests.web import Browser


@contextmanager
def portal(backend: str, **settings: str) -> Iterator[Flask]:
    """The portal on `backend`, at the tests' time, with a data folder of its own; inside its context."""
    with ExitStack() as stack:
        if backend == POSTGRES:
            stack.enter_context(servers.postgres())
        url = stack.enter_context(empty_database(backend))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(time_machine.travel(NOW, tick=True))
        app = create_app(make_settings(PORTAL_DATABASE_URL=url, PORTAL_DATA_DIR=folder, **settings))
        app.test_client_class = Browser
        with app.app_context():
            yield app
            database.engine.dispose()
