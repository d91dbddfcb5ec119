"""A page's menu: what wiring hands to the templates, and how an item finds out whether it may be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import current_app, url_for

from portal.kit import guard
from portal.kit.guard import Act, Actor


@dataclass(frozen=True)
class NavItem:
    """One line of a menu, in words. `group` is the heading it stands under, empty for none; `waiting`: how many
    things behind it wait for the reader."""

    label: str
    url: str
    current: bool
    group: str = ""
    waiting: int = 0


@dataclass(frozen=True)
class Place:
    """Where a line leads: its endpoint, and the endpoints or whole blueprints ("staff.") that belong to it."""

    label: str
    endpoint: str
    beneath: tuple[str, ...] = ()
    group: str = ""

    def holds(self, endpoint: str | None) -> bool:
        """Is the page at `endpoint` this line's page, or one beneath it?"""
        return endpoint is not None and (endpoint == self.endpoint or endpoint.startswith(self.beneath))


def menu(
    places: Iterable[Place], actor: Actor, endpoint: str | None, waiting: Mapping[str, int] | None = None
) -> list[NavItem]:
    """The lines for which the portal has a page and `actor` the permission. The first that holds `endpoint` is
    marked as the current one. `waiting`: how many things wait, by their page's endpoint."""
    shown = [place for place in places if _open_to(place, actor)]
    here = next((place for place in shown if place.endpoint == endpoint), None) or next(
        (place for place in shown if place.holds(endpoint)), None
    )
    counts = waiting or {}
    return [
        NavItem(place.label, url_for(place.endpoint), place is here, place.group, counts.get(place.endpoint, 0))
        for place in shown
    ]


def _open_to(place: Place, actor: Actor) -> bool:
    if place.endpoint not in current_app.view_functions:
        return False
    act = guard.needed(current_app, place.endpoint)
    return actor.can(act) if isinstance(act, Act) else act is not None
