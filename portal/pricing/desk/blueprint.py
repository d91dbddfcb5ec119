"""The blueprint, and what its pages share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from flask import Blueprint, abort, current_app, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.audit import queries as audit
from portal.contracts import book
from portal.contracts import queries as contracts
from portal.contracts.models import Contract
from portal.kit import clock, guard, i18n
from portal.kit.db import reader
from portal.kit.settings import Settings
from portal.pricing import words
from portal.pricing.queries.desk import When

blueprint = Blueprint("pricing_desk", __name__)

PAGE_ROWS = 50
SAVE = "save"
WHEN = {When.NOW: _l("In force"), When.COMING: _l("Coming"), When.PAST: _l("Over")}
DRAFTS = {When.DRAFT: _l("Drafts")}


def mine(number: str) -> Contract:
    """The contract with this number; 404 where there is none, 403 where it is in somebody else's book."""
    contract = contracts.by_number(reader(), number) or abort(404)
    book.require(contract)
    return contract


def zone() -> str:
    """Where staff are."""
    settings: Settings = current_app.extensions["settings"]
    return settings.zone


def today() -> date:
    """The day it is for staff."""
    return clock.day(clock.now(), zone())


def views(
    endpoint: str, current: When | None, kept: dict[str, Any], more: Mapping[When, Any] | None = None
) -> list[dict[str, Any]]:
    """The saved views of a list, each keeping the other filters."""
    others = {name: value for name, value in kept.items() if name != "when"}
    found: list[tuple[When | None, Any]] = [(None, _l("All")), *WHEN.items(), *(more or {}).items()]
    return [
        {"label": label, "url": url_for(endpoint, **others, when=when), "current": when is current}
        for when, label in found
    ]


def story_of(db: Session, subject: str) -> list[dict[str, Any]]:
    """What happened to a version, newest first, for the kit's timeline."""
    notes = audit.about(db, [subject], limit=50)
    names = accounts.names_of(db, {note.actor for note in notes})
    return [
        {
            "title": words.version_title(note.action), "text": words.version_text(note.facts),
            "by": names[note.actor], "when": i18n.instant(note.at, guard.me().zone), "iso": note.at.isoformat(),
        }
        for note in reversed(notes)
    ]  # fmt: skip


def spelled(**filters: Any) -> dict[str, Any]:
    """Filters as an address spells them; those that ask for nothing are left out."""
    return {
        name: value.value if isinstance(value, StrEnum) else str(value) for name, value in filters.items() if value
    }
