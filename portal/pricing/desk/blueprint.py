"""The blueprint, and what its pages share."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from flask import Blueprint, current_app, url_for
from flask_babel import lazy_gettext as _l

from portal.kit import clock
from portal.kit.settings import Settings
from portal.pricing.queries.desk import When

blueprint = Blueprint("pricing_desk", __name__)

PAGE_ROWS = 50
SAVE = "save"
WHEN = {When.NOW: _l("In force"), When.COMING: _l("Coming"), When.PAST: _l("Over")}


def today() -> date:
    """The day it is for staff."""
    settings: Settings = current_app.extensions["settings"]
    return clock.day(clock.now(), settings.zone)


def views(endpoint: str, current: When | None, kept: dict[str, Any]) -> list[dict[str, Any]]:
    """The saved views of a list, each keeping the other filters."""
    others = {name: value for name, value in kept.items() if name != "when"}
    found: list[tuple[When | None, Any]] = [(None, _l("All")), *WHEN.items()]
    return [
        {"label": label, "url": url_for(endpoint, **others, when=when), "current": when is current}
        for when, label in found
    ]


def spelled(**filters: Any) -> dict[str, Any]:
    """Filters as an address spells them; those that ask for nothing are left out."""
    return {
        name: value.value if isinstance(value, StrEnum) else str(value) for name, value in filters.items() if value
    }
