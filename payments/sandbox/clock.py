"""The sandbox's time: the real one plus what tests have advanced; it survives a restart."""

from __future__ import annotations

import time

from payments.sandbox.store import Store


class Clock:
    """Never used for a webhook's signature: receivers compare that with their own, real clock."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with store.reading() as rows:
            self._offset: float = rows.setting("clock_offset", 0.0)

    @property
    def offset(self) -> float:
        return self._offset

    def now(self) -> float:
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("time runs forward only")
        with self._store.writing() as rows:
            self._offset += seconds
            rows.set("clock_offset", self._offset)

    def back_to_real(self) -> None:
        """After a reset; the stored offset is already gone then."""
        self._offset = 0.0
