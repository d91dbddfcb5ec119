"""Whose contract it is at the desk: customer success and sales act in their own book, in the team's queue, and for
whom they stand in; all may read. The desks above use it too."""

from __future__ import annotations

from flask import abort, current_app

from portal.accounts.queries import OWNING_ROLES, covers
from portal.contracts.models import Contract
from portal.kit import clock, guard
from portal.kit.db import reader
from portal.kit.settings import Settings


def is_mine(contract: Contract) -> bool:
    """May the person at the keyboard act on it today? Other roles are bound by their permissions alone."""
    me = guard.me()
    if me.staff_role not in OWNING_ROLES or contract.owner_id in (None, me.id):
        return True
    settings: Settings = current_app.extensions["settings"]
    return covers(reader(), contract.owner_id, me.id, clock.day(clock.now(), settings.zone))


def require(contract: Contract) -> None:
    """Answer 403 to somebody whose book does not hold the contract; its pages show who looks after it."""
    if not is_mine(contract):
        abort(403)
