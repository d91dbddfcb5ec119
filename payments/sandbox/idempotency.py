"""Makes a repeated request harmless: the first answer under a key is given again for 24 hours."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from payments.sandbox.envelope import Answer, ApiError
from payments.sandbox.store import Json, Rows
from payments.sandbox.work import Work

KEPT_SECONDS = 86_400


class InFlight:
    """Keys whose first request still runs. In memory on purpose: a request dies with the process."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def hold(self, key: str | None) -> Iterator[None]:
        if key is None:
            yield
            return
        with self._lock:
            if key in self._keys:
                message = (
                    "There is currently another in-progress request using this Idempotency-Key. Please try "
                    "again later."
                )
                raise ApiError(message, status=409, type_="api_error", code="idempotency_key_in_use")
            self._keys.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard(key)


def fingerprint(method: str, path: str, params: Json) -> str:
    text = json.dumps([method, path, params], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def recall(rows: Rows, key: str, print_: str) -> Answer | None:
    """The earlier answer, if there is one; an ApiError when the key came with another request."""
    sql = "SELECT fingerprint, status, body FROM keys WHERE key = ?"
    row = rows.db.execute(sql, (key,)).fetchone()
    if row is None:
        return None
    if row[0] != print_:
        message = (
            "Keys for idempotent requests can only be used with the same parameters they were first used "
            f"with. Try using a key other than '{key}' if you meant to execute a different request."
        )
        raise ApiError(message, type_="idempotency_error")
    return Answer(row[1], json.loads(row[2]), {"Idempotent-Replayed": "true"})


def keep(work: Work, key: str, print_: str, answer: Answer) -> None:
    work.rows.db.execute(
        "INSERT OR REPLACE INTO keys (key, fingerprint, status, body, created) VALUES (?, ?, ?, ?, ?)",
        (key, print_, answer.status, json.dumps(answer.body), work.now),
    )
    work.rows.task(work.now + KEPT_SECONDS, "forget_key", key)


def forget(rows: Rows, key: str) -> None:
    rows.db.execute("DELETE FROM keys WHERE key = ?", (key,))
