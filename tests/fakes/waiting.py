"""Wait for something that happens in another thread, without a fixed sleep."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(look: Callable[[], T | None], seconds: float = 20) -> T:
    """The first result of `look` that is not None; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found is not None:
            return found
        assert time.monotonic() < deadline, f"{look.__qualname__} gave nothing for {seconds} s"
        time.sleep(0.05)
