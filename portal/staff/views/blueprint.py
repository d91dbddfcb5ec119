"""The blueprint, and what its pages share."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, current_app, request, url_for

from portal.kit import clock, listing
from portal.kit.guard import Act, me
from portal.kit.i18n import zone_name
from portal.kit.settings import Settings

FIELDS: Final = ("view", "q", "state", "currency", "from", "to")
LIST: Final = "list"  # carries the list's own filters to an order and back

blueprint = Blueprint("staff", __name__)


def sees_prices() -> bool:
    return me().can(Act.READ_PRICES)


def way_back() -> dict[str, Any]:
    """The list as it was left: its filters travel with the order's address."""
    known = (*FIELDS, listing.NEWER, listing.OLDER)
    kept = [(name, value) for name, value in parse_qsl(request.args.get(LIST, "")) if name in known]
    query = urlencode(kept)
    return {"back": query or None, "list_url": url_for("staff.orders") + (f"?{query}" if query else "")}


def seller_zone() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.zone


def times() -> dict[str, str]:
    """Staff read times in the seller's zone, the one that their filters count days in."""
    zone = seller_zone()
    return {"zone": zone, "zone_name": zone_name(zone, clock.now())}
