"""What tests of money share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from payments.sandbox.app import Sandbox, create_sandbox
from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.provider import SECRET, talking_to
from tests.portal.checkout.support import use


@pytest.fixture
def gateway(app: Flask) -> FakeGateway:
    """A provider in memory, in place of Stripe."""
    return use(app)


@pytest.fixture
def sandbox(app: Flask, tmp_path: Path) -> Iterator[Sandbox]:
    """Our sandbox in Stripe's place, asked through the real SDK."""
    made = create_sandbox(tmp_path / "stripe.db", secret=SECRET, settle_seconds=5)
    with made.serving() as base, talking_to(app, base):
        yield made
    made.close()
