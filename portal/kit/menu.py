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

    def closeness(self, endpoint: str | None) -> int:
        """How much of `endpoint` this line names, as its own page or one beneath it; 0 for none of it."""
        names = (self.endpoint, *self.beneath) if endpoint == self.endpoint else self.beneath
        return max((len(name) for name in names if endpoint and endpoint.startswith(name)), default=0)


def menu(
    places: Iterable[Place], actor: Actor, endpoint: str | None, waiting: Mapping[str, int] | None = None
) -> list[NavItem]:
    """The lines for which the portal has a page and `actor` the permission. The one that names most of
    `endpoint` is marked as the current one. `waiting`: how many things wait, by their page's endpoint."""
    shown = [place for place in places if _open_to(place, actor)]
    close = max(shown, key=lambda place: place.closeness(endpoint), default=None)
    here = close if close is not None and close.closeness(endpoint) else None
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
