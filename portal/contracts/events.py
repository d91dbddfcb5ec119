"""What the contracts room tells."""

from __future__ import annotations

from dataclasses import dataclass

from portal.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class ContractChanged(Event):
    """Something changed that a price depends on. Subject "contract:<number>", occurrence the new `rev`."""

    contract_id: int
    rev: int
