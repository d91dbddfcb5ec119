"""A sandbox for each test on a free port, the real SDK pointed at it, and a receiver for its webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import stripe

from payments.sandbox.app import Sandbox, create_sandbox
from tests.payments.sandbox.support import Payer, Receiver, client_of

stripe.enable_telemetry = False


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    sandbox = create_sandbox(tmp_path / "stripe.db", settle_seconds=5, seller="Example Ltd")
    yield sandbox
    sandbox.close()


@pytest.fixture
def base(sandbox: Sandbox) -> Iterator[str]:
    with sandbox.serving() as base:
        yield base


@pytest.fixture
def client(base: str) -> stripe.StripeClient:
    return client_of(base)


@pytest.fixture
def payer(client: stripe.StripeClient) -> Iterator[Payer]:
    with requests.Session() as browser:
        yield Payer(client, browser)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver
