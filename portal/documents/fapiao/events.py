"""What requests for a fapiao tell."""

from __future__ import annotations

from dataclasses import dataclass

from portal.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class FapiaoSettled(Event):
    """It was issued, a red-letter one too, or it failed: whoever asked wants to know. Subject "fapiao:<id>",
    occurrence tells one news from the next."""

    request_id: int
    state: str  # FapiaoState, as it was then: later news have a letter of their own
