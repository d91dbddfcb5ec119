"""Sends events to their targets: signed, in order, again after a failure; and badly, when a test asks for it.

Modes (set through control): `drop` n or true loses deliveries for good, `delay` holds new ones back,
`duplicate` n sends each n more times, `reorder` sends a batch newest first, `stop` holds all until `resume`.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import ipaddress
import json
import socket
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from payments.sandbox.clock import Clock
from payments.sandbox.events import DEFAULT_TARGET, with_pending
from payments.sandbox.store import Json, Rows, Store

BACKOFF = (1, 5, 30, 120, 600)
THEN_EVERY = 3_600
GIVE_UP_AFTER = 3 * 86_400
ANSWER_WITHIN = 10
BATCH = 50


def loopback_url(url: str) -> bool:
    """True for http on this very machine: a sandbox must never knock at a stranger's door."""
    try:
        parts = urlsplit(url)
        port_fits = parts.port is None or 0 < parts.port < 65_536
    except ValueError:
        return False
    return parts.scheme == "http" and port_fits and _loopback_host(parts.hostname or "")


def _loopback_host(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def signature(secret: str, body: bytes, at: int) -> str:
    """The Stripe-Signature header."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


@dataclass(frozen=True)
class Parcel:
    """One delivery that is due."""

    id: int
    event: str
    target: str
    first: float
    attempts: int


class Postman:
    """Delivers what is due. One at a time, so that order is kept unless a mode breaks it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._one_round = threading.Lock()
        self._line: http.client.HTTPConnection | None = None
        self._stopping = False

    def start(self) -> None:
        self._stopping = False

    def stop(self) -> None:
        """Send no more, and hang up on a receiver that does not answer; its delivery stays pending."""
        self._stopping = True
        line = self._line
        if line and line.sock:
            with contextlib.suppress(OSError):
                line.sock.shutdown(socket.SHUT_RDWR)

    def deliver_due(self) -> int:
        """Send everything due now; returns the number of attempts."""
        sent = 0
        with self._one_round:
            while parcels := self._due():
                for parcel in parcels:
                    if self._stopping:
                        return sent
                    self._deliver(parcel)
                sent += len(parcels)
        return sent

    def _due(self) -> list[Parcel]:
        sql = (
            "SELECT id, event, target, first, attempts FROM deliveries "
            "WHERE state = 'pending' AND due <= ? ORDER BY id LIMIT ?"
        )
        with self._store.reading() as rows:
            modes = rows.setting("webhook_modes", {})
            if modes.get("stop"):
                return []
            found = [Parcel(*row) for row in rows.db.execute(sql, (self._clock.now(), BATCH))]
        return found[::-1] if modes.get("reorder") else found

    def _deliver(self, parcel: Parcel) -> None:
        with self._store.reading() as rows:
            modes = rows.setting("webhook_modes", {})
            event = rows.find("event", parcel.event)
            address = _address(rows, parcel.target)
            body = _body(rows, event) if event else b""
        if modes.get("drop"):
            self._drop(parcel, modes)
            return
        if modes.get("stop"):
            return
        if not event or not address:
            self._close(parcel, "gone")
            return
        url, secret = address
        delivered = self._send(url, secret, body)
        for _ in range(int(modes.get("duplicate", 0))):
            self._send(url, secret, body)
        if delivered:
            self._close(parcel, "delivered")
        else:
            self._try_later(parcel)

    def _send(self, url: str, secret: str, body: bytes) -> bool:
        """POST once; True for a 2xx. Redirects and proxies are not followed."""
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (local sandbox)",
            # The real time: receivers hold it against their own clock.
            "Stripe-Signature": signature(secret, body, int(time.time())),
        }
        line = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=ANSWER_WITHIN)
        self._line = line
        try:
            line.request("POST", path, body, headers)
            answer = line.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()
        return 200 <= answer.status < 300

    def _close(self, parcel: Parcel, state: str) -> None:
        with self._store.writing() as rows:
            sql = "UPDATE deliveries SET state = ?, attempts = attempts + 1 WHERE id = ?"
            rows.db.execute(sql, (state, parcel.id))

    def _drop(self, parcel: Parcel, modes: Json) -> None:
        with self._store.writing() as rows:
            rows.db.execute("UPDATE deliveries SET state = 'dropped' WHERE id = ?", (parcel.id,))
            if modes["drop"] is not True:
                rows.set("webhook_modes", modes | {"drop": modes["drop"] - 1})

    def _try_later(self, parcel: Parcel) -> None:
        wait = BACKOFF[parcel.attempts] if parcel.attempts < len(BACKOFF) else THEN_EVERY
        due = self._clock.now() + wait
        state = "pending" if due - parcel.first <= GIVE_UP_AFTER else "failed"
        with self._store.writing() as rows:
            sql = "UPDATE deliveries SET state = ?, due = ?, attempts = attempts + 1 WHERE id = ?"
            rows.db.execute(sql, (state, due, parcel.id))


def _address(rows: Rows, target: str) -> tuple[str, str] | None:
    if target == DEFAULT_TARGET:
        found = rows.setting("webhook_target")
        return (found["url"], found["secret"]) if found else None
    endpoint = rows.find("webhook_endpoint", target)
    secret = rows.find("secret", f"secret:{target}")
    return (endpoint["url"], secret["secret"]) if endpoint and secret else None


def _body(rows: Rows, event: Json) -> bytes:
    return json.dumps(with_pending(rows, event), indent=2, ensure_ascii=False).encode()
