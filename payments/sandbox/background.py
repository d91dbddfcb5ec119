"""Runs what happens by itself: one thread for the clock's tasks, one for deliveries."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)

TICK_SECONDS = 0.25


class Loop:
    """Calls `step` every now and then, and at once after `wake()`."""

    def __init__(self, name: str, step: Callable[[], object]) -> None:
        self._step = step
        self._name = name
        self._awake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"sandbox-{self._name}", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        self._awake.set()

    def stop(self) -> None:
        self._stopping = True
        self.wake()
        if self._thread:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while not self._stopping:
            self._awake.clear()
            try:
                self._step()
            except Exception:
                # One bad task must not silence all later ones; the next tick tries again.
                log.exception("the sandbox's %s loop failed", self._name)
            self._awake.wait(TICK_SECONDS)
