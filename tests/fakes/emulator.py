"""A second Stripe in miniature, made without a look at our sandbox: plain http.server, other ids, no controls.

It proves that the portal depends on nothing but Stripe's API. Sessions are "ses-<uuid>", charges "c.<n>", there is
no /_sandbox; the hosted page is a bare form, its webhooks are classic events signed by hand.

    with Emulator().serving() as base: …
    emulator.hook = (url, secret)            # where webhooks go; None: nowhere
    emulator.faults.append((500, b"{}"))     # the next API answers; body None: done, but the line closes
    emulator.asked                           # (method, path, parameters, Idempotency-Key) of each API request
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Object = dict[str, Any]


class Emulator:
    """See the module's docstring."""

    def __init__(self) -> None:
        self.sessions: dict[str, Object] = {}
        self.charges: dict[str, Object] = {}
        self.customers: dict[str, Object] = {}
        self.faults: list[tuple[int, bytes | None]] = []
        self.headers: dict[str, str] = {}
        self.asked: list[tuple[str, str, Object, str | None]] = []
        self.hook: tuple[str, str] | None = None
        self.base = ""
        self._answers: dict[str, tuple[Object, int, Object]] = {}
        self._numbers = itertools.count(1000)
        self._lock = threading.RLock()

    @contextmanager
    def serving(self) -> Iterator[str]:
        server = _Server(self)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        self.base = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self.base
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def answer(self, method: str, path: str, params: Object, key: str | None) -> tuple[int, Object]:
        """One API request."""
        with self._lock:
            self.asked.append((method, path, params, key))
            if key and key in self._answers:
                known, status, body = self._answers[key]
                if known != params:
                    return 400, _error("Keys must be used with the same parameters.", type="idempotency_error")
                return status, body
            status, body = self._route(method, path, params)
            if key and status == 200:
                self._answers[key] = (params, status, body)
            return status, body

    def _route(self, method: str, path: str, params: Object) -> tuple[int, Object]:
        parts = path.strip("/").split("/")[1:]
        match (method, *parts):
            case ("POST", "customers"):
                return 200, self._keep(self.customers, {"object": "customer", **params}, "kunde")
            case ("POST", "checkout", "sessions"):
                return self._open(params)
            case ("GET", "checkout", "sessions"):
                return 200, self._list(params)
            case ("GET", "checkout", "sessions", ref):
                return self._found(self.sessions, ref)
            case ("POST", "checkout", "sessions", ref, "expire"):
                return self._expire(ref)
            case ("GET", "charges", ref):
                return self._found(self.charges, ref)
        return 404, _error(f"Unrecognized request URL {path}", code="url_invalid")

    def _keep(self, shelf: dict[str, Object], body: Object, prefix: str) -> Object:
        body["id"] = f"{prefix}-{uuid.uuid4()}"
        shelf[body["id"]] = body
        return body

    def _found(self, shelf: dict[str, Object], ref: str) -> tuple[int, Object]:
        if ref not in shelf:
            return 404, _error(f"No such object: {ref}", code="resource_missing", param="id")
        return 200, shelf[ref]

    def _open(self, params: Object) -> tuple[int, Object]:
        if params["customer"] not in self.customers:
            return 400, _error("No such customer", code="resource_missing", param="customer")
        items = [params["line_items"][str(n)] for n in range(len(params["line_items"]))]
        total = sum(int(item["price_data"]["unit_amount"]) * int(item["quantity"]) for item in items)
        made = self._keep(
            self.sessions,
            {
                "object": "checkout.session", "status": "open", "payment_status": "unpaid", "livemode": False,
                "amount_total": total, "currency": items[0]["price_data"]["currency"],
                "client_reference_id": params["client_reference_id"], "metadata": params["metadata"],
                "customer": params["customer"], "payment_intent": None, "expires_at": int(params["expires_at"]),
                "success_url": params["success_url"], "created": int(time.time()),
            },
            "ses",
        )  # fmt: skip
        made["url"] = f"{self.base}/kasse/{made['id']}"
        return 200, dict(made)

    def _list(self, params: Object) -> Object:
        rows = [row for row in reversed(self.sessions.values()) if self._wanted(row, params)]
        after = params.get("starting_after")
        if after:
            rows = rows[[row["id"] for row in rows].index(after) + 1 :]
        page = rows[:2]  # small pages: the caller must turn them
        more = len(rows) > len(page)
        return {"object": "list", "url": "/v1/checkout/sessions", "data": page, "has_more": more}

    def _wanted(self, row: Object, params: Object) -> bool:
        if "customer" in params and row["customer"] != params["customer"]:
            return False
        intent = row["payment_intent"] or {}
        if "payment_intent" in params and intent.get("id") != params["payment_intent"]:
            return False
        return bool(row["created"] >= int(params.get("created", {}).get("gte", 0)))

    def _expire(self, ref: str) -> tuple[int, Object]:
        session = self.sessions[ref]
        if session["status"] != "open":
            return 400, _error("Only open sessions can be expired.", code="session_not_open")
        session |= {"status": "expired", "url": None}
        self.tell("checkout.session.expired", session)
        return 200, session

    # --- the customer's side -----------------------------------------------------------------------------

    def press(self, ref: str, card: str) -> str | None:
        """The form on the hosted page was sent; where the browser goes, or None to stay."""
        with self._lock:
            session = self.sessions[ref]
            if session["status"] != "open":
                return None
            intent = session["payment_intent"] or {"object": "payment_intent", "id": f"zahlung-{uuid.uuid4()}"}
            session["payment_intent"] = intent
            if card.endswith("0002"):
                intent |= {"status": "requires_payment_method", "amount_received": 0, "latest_charge": None}
                intent["last_payment_error"] = {"code": "card_declined", "decline_code": "lost_card"}
                self.tell("payment_intent.payment_failed", intent)
                return None
            self._collect(session, intent, card)
            self.tell("checkout.session.completed", session)
            return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", ref)

    def _collect(self, session: Object, intent: Object, card: str) -> None:
        amount, number = session["amount_total"], next(self._numbers)
        txn = {
            "object": "balance_transaction", "id": f"t.{number}", "source": f"c.{number}", "type": "charge",
            "reporting_category": "charge", "amount": amount, "fee": 31, "net": amount - 31,
            "currency": session["currency"], "created": int(time.time()), "available_on": int(time.time()),
        }  # fmt: skip
        charge = {
            "object": "charge", "id": f"c.{number}", "status": "succeeded", "paid": True,
            "balance_transaction": txn, "payment_method_details": {
                "type": "card", "card": {"brand": "mastercard", "last4": card[-4:]},
            },
        }  # fmt: skip
        self.charges[f"c.{number}"] = charge
        intent |= {"status": "succeeded", "amount_received": amount, "currency": session["currency"],
                   "latest_charge": charge, "last_payment_error": None}  # fmt: skip
        session |= {"status": "complete", "payment_status": "paid", "url": None}

    def tell(self, type_: str, subject: Object) -> None:
        """Send a signed event, if somebody wants it."""
        if self.hook is None:
            return
        url, secret = self.hook
        event = {
            "id": f"ev.{next(self._numbers)}", "object": "event", "type": type_, "livemode": False,
            "created": int(time.time()), "data": {"object": {"id": subject["id"]}},
        }  # fmt: skip
        body = json.dumps(event).encode()
        stamp = int(time.time())
        digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        request = urllib.request.Request(
            url, body, {"Stripe-Signature": f"t={stamp},v1={digest}", "Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=5):
            pass


def _error(message: str, **facts: str) -> Object:
    return {"error": {"type": "invalid_request_error", "message": message} | facts}


def nested(pairs: list[tuple[str, str]]) -> Object:
    """`a[b][0]=c` as dictionaries; lists stay dictionaries by number."""
    found: Object = {}
    for name, value in pairs:
        keys = name.replace("]", "").split("[")
        place = found
        for key in keys[:-1]:
            place = place.setdefault(key, {})
        place[keys[-1]] = value
    return found


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path.startswith("/v1/"):
            self._api("GET", parts.path, parse_qsl(parts.query, keep_blank_values=True))
            return
        session = self.server.emulator.sessions.get(parts.path.rpartition("/")[2])
        state = session["status"] if session else "unknown"
        page = f'<p>{state}</p><form method="post"><input name="karte"><button>Zahlen</button></form>'
        self._send(200 if session else 404, page.encode(), "text/html")

    def do_POST(self) -> None:
        sent = parse_qsl(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())
        if self.path.startswith("/v1/"):
            self._api("POST", self.path, sent)
            return
        goal = self.server.emulator.press(self.path.rpartition("/")[2], dict(sent).get("karte", ""))
        self.send_response(303)
        self.send_header("Location", goal or self.path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _api(self, method: str, path: str, sent: list[tuple[str, str]]) -> None:
        emulator, key = self.server.emulator, self.headers.get("Idempotency-Key")
        status, body = emulator.faults.pop(0) if emulator.faults else (0, None)
        if status and body is not None:
            self._send(status, body, "application/json")
            return
        cut = bool(status)
        status, answer = emulator.answer(method, path, nested(sent), key)
        if cut:
            self.connection.close()  # done, but the caller will not hear of it
            return
        self._send(status, json.dumps(answer).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in self.server.emulator.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""
