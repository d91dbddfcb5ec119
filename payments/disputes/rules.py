"""Decide what a provider's word for a dispute means. Pure."""

from __future__ import annotations

from typing import Final

from payments.disputes.models import DisputeState
from payments.gateway.base import DisputeFacts

_DECIDED: Final = {
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
    "warning_closed": DisputeState.CLOSED,
    "prevented": DisputeState.CLOSED,
}
INQUIRIES: Final = "warning_"
TAKEN: Final = "dispute"
RETURNED: Final = "dispute_reversal"


def state_of(facts: DisputeFacts) -> DisputeState:
    """Where the dispute stands. An inquiry moved no money yet."""
    if facts.status in _DECIDED:
        return _DECIDED[facts.status]
    return DisputeState.INQUIRY if facts.status.startswith(INQUIRIES) else DisputeState.OPEN
