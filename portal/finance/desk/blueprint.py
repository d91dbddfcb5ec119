"""Finance's pages hang on this."""

from __future__ import annotations

from flask import Blueprint, current_app

from portal.kit.settings import Settings

blueprint = Blueprint("finance", __name__)


def zone() -> str:
    """The seller's zone: "today" and the days of finance."""
    settings: Settings = current_app.extensions["settings"]
    return settings.zone
