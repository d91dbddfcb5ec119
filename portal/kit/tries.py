"""Limits on guessing: only wrong tries count, in the store that all processes share."""

from __future__ import annotations

from dataclasses import dataclass

from limits import parse

from portal.kit.web import limiter


@dataclass(frozen=True)
class Tries:
    """So many wrong tries for one key: Tries("second-step", "5 per 5 minutes")."""

    name: str
    limit: str

    def used_up(self, key: str) -> bool:
        """May nothing more be tried for now? Ask before looking at what was typed."""
        return limiter.enabled and not limiter.limiter.test(parse(self.limit), self.name, key)

    def failed(self, key: str) -> None:
        """Count a wrong try."""
        if limiter.enabled:
            limiter.limiter.hit(parse(self.limit), self.name, key)
