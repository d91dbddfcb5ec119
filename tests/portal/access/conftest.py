"""The world that the calls go through."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.portal.access.world import World, build
from tests.portal.checkout.support import use


@pytest.fixture
def world(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two companies with everything, staff of every role, and a data folder of its own."""
    settings = app.extensions["settings"].model_copy(update={"data_dir": tmp_path})
    monkeypatch.setitem(app.extensions, "settings", settings)
    return build(app, use(app))
