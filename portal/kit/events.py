"""Facts that rooms tell, and who reacts to them. The connections are made in `portal/wiring.py` alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

Handler = Callable[["Told"], None]


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact. `subject` names what it is about ("order:RNW-2026-000124"); `occurrence` tells two facts of the
    same kind about the same subject apart. Fields hold JSON values only."""

    subject: str
    occurrence: str = "1"


@dataclass(frozen=True)
class Told:
    """A fact as a reaction receives it, read back from the outbox."""

    subject: str
    occurrence: str
    facts: dict[str, Any]


class Switchboard:
    """Which reactions hang on which event. Filled once, by wiring."""

    def __init__(self) -> None:
        self._reactions: dict[str, list[str]] = {}
        self._handlers: dict[str, Handler] = {}

    def react(self, event: type[Event], name: str, handler: Handler) -> None:
        """`handler` runs once for each `event`, under the stable `name` (kept in the outbox)."""
        self.job(name, handler)
        self._reactions.setdefault(event.__name__, []).append(name)

    def job(self, name: str, handler: Handler) -> None:
        """`handler` can be asked for by `name` with `outbox.later`."""
        if name in self._handlers:
            raise ValueError(f"two handlers are called {name}")
        self._handlers[name] = handler

    def reactions(self, event: Event) -> list[str]:
        return self._reactions.get(type(event).__name__, [])

    def handler(self, name: str) -> Handler | None:
        return self._handlers.get(name)

    def clear(self) -> None:
        self._reactions.clear()
        self._handlers.clear()


switchboard = Switchboard()


def facts_of(event: Event) -> dict[str, Any]:
    """The event's own fields, for the outbox."""
    facts = asdict(event)
    del facts["subject"], facts["occurrence"]
    return facts
