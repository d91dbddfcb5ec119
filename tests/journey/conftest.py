"""Fixtures of the journeys: the product, running, and a browser to walk through it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journey.live import Live, live_portal
from tests.journey.walker import chromium, walker

__all__ = ["chromium", "live", "walker"]


@pytest.fixture
def live(database_url: str, tmp_path: Path) -> Iterator[Live]:
    with live_portal(database_url, tmp_path) as running:
        yield running
