"""What tests of money share."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.fakes.gateway import FakeGateway
from tests.portal.checkout.support import use


@pytest.fixture
def gateway(app: Flask) -> FakeGateway:
    """A provider in memory, in place of Stripe."""
    return use(app)
