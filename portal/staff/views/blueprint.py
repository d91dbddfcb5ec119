"""The blueprint, and what its pages share."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, current_app, request, url_for

from portal.kit import clock, listing
from portal.kit.guard import Act, me
from portal.kit.i18n import zone_name
from portal.kit.settings import Settings

FIELDS: Final = ("view", "q", "state", "currency", "from", "to")

blueprint = Blueprint("staff", __name__)


def sees_prices() -> bool:
    return me().can(Act.READ_PRICES)


def way_back() -> dict[str, Any]:
    """The list of orders as it was left: its filters travel with the order's address."""
    known = (*FIELDS, listing.NEWER, listing.OLDER)
    return listing.way_back(request.args.get(listing.LIST, ""), url_for("staff.orders"), known)


def seller_zone() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.zone


def times() -> dict[str, str]:
    """Staff read times in the seller's zone, the one that their filters count days in."""
    zone = seller_zone()
    return {"zone": zone, "zone_name": zone_name(zone, clock.now())}
