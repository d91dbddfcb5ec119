"""Makes the API misbehave when a test asks for it: 429, 500, a hang, an answer cut off after the deed."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from payments.sandbox.envelope import ApiError
from payments.sandbox.store import Json

HANG_SECONDS = 30.0
KINDS = (429, 500, 502, 503, "timeout", "cut")


@dataclass
class Fault:
    """What goes wrong with the next `count` requests whose path starts with `path_prefix`."""

    kind: int | str
    path_prefix: str = "/v1/"
    method: str | None = None
    count: int = 1
    seconds: float = HANG_SECONDS


class Faults:
    """The list of faults that wait for their request. In memory: a restart heals."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()
        self._healed = threading.Event()

    def plan(self, wishes: list[Json]) -> None:
        """Replace the plan; requests that hang go on. Raises ValueError for a wish that cannot be read."""
        planned = [_read(wish) for wish in wishes]
        with self._lock:
            self._waiting = planned
            self._healed.set()
            self._healed = threading.Event()

    def hang(self, fault: Fault) -> None:
        self._healed.wait(fault.seconds)

    def take(self, method: str, path: str) -> Fault | None:
        with self._lock:
            for fault in self._waiting:
                if path.startswith(fault.path_prefix) and fault.method in (None, method):
                    fault.count -= 1
                    if fault.count <= 0:
                        self._waiting.remove(fault)
                    return fault
        return None

    def __len__(self) -> int:
        return len(self._waiting)


def _read(wish: Json) -> Fault:
    given: dict[str, Any] = dict(wish)
    kind = given.pop("status", None)
    if kind not in KINDS:
        raise ValueError(f"status must be one of {', '.join(map(str, KINDS))}")
    try:
        return Fault(kind, **given)
    except TypeError as error:
        raise ValueError(str(error)) from None


def as_error(fault: Fault) -> ApiError | None:
    """The refusal of a fault that answers with a status; None for the others."""
    if fault.kind == 429:
        return ApiError("Request rate limit exceeded.", status=429, code="rate_limit")
    if isinstance(fault.kind, int):
        message = "An unknown error occurred (asked for through /_sandbox/faults)."
        return ApiError(message, status=fault.kind, type_="api_error", kept=True)
    return None
