"""Decide how long events wait. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

# Who claims an event has this long; longer than any call to the provider may take with its retries.
LEASE: Final = timedelta(minutes=2)
# As many as can be handled within the lease, even when each call to the provider takes its longest.
AT_ONCE: Final = 4
# Waits after the first, second… failed handling; the last one repeats for ever.
WAITS: Final = tuple(timedelta(seconds=s) for s in (2, 10, 30, 60, 300, 900, 3600))
# A failure this persistent, or a parked event this old, is shown to finance.
ALARM_TRIES: Final = 5
ALARM_AFTER: Final = timedelta(seconds=60)
# Stripe lists events for 30 days; after that nothing more will be learnt about a parked one.
REST_AFTER: Final = timedelta(days=30)


def retry_wait(tries: int) -> timedelta:
    """How long to wait after `tries` failed handlings."""
    return WAITS[min(max(tries, 1), len(WAITS)) - 1]


def parked_wait(received_at: datetime, at: datetime) -> timedelta:
    """How long until a parked event is looked at again: half a minute for a day, then an hour."""
    return timedelta(seconds=30) if at - received_at < timedelta(days=1) else timedelta(hours=1)


# Events are listed again from this much before the last listing: those of one second have no order, and a provider
# may show one a little late.
OVERLAP: Final = timedelta(minutes=10)


def list_from(listed_until: datetime | None, at: datetime) -> tuple[datetime, bool]:
    """From when events must be listed, and whether some may have passed unseen: the provider forgets them after
    thirty days. A clock that once ran ahead leaves no gap."""
    oldest = at - REST_AFTER
    if listed_until is None:
        return oldest, False
    return max(oldest, min(listed_until, at) - OVERLAP), listed_until < oldest
