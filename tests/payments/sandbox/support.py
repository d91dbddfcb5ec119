"""What the sandbox's tests share: a payer at the hosted page, a receiver of webhooks, a check of shapes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ForwardRef, Union, get_args, get_origin

import requests
import stripe
from stripe._stripe_object import StripeObject
from stripe.checkout import Session

from payments.sandbox.app import Sandbox
from payments.sandbox.objects import BY_OBJECT

SECRET = "whsec_test"
SUCCESS = "http://127.0.0.1:9/done?session={CHECKOUT_SESSION_ID}"
CANCEL = "http://127.0.0.1:9/cancelled"


def client_of(base: str) -> stripe.StripeClient:
    return stripe.StripeClient("sk_test_sandbox", base_addresses={"api": base})


def order(**changes: Any) -> Any:
    """Parameters of a session over CNY 1,200.00; typed Any, so that a test may break them."""
    line = {
        "quantity": 2,
        "price_data": {"currency": "cny", "unit_amount": 60_000, "product_data": {"name": "Renewal, 12 months"}},
    }
    plain = {"mode": "payment", "success_url": SUCCESS, "cancel_url": CANCEL, "line_items": [line]}
    return {name: value for name, value in {**plain, **changes}.items() if value is not None}


def priced(currency: str, unit_amount: int, quantity: int = 1) -> list[Any]:
    data = {"currency": currency, "unit_amount": unit_amount, "product_data": {"name": "Renewal"}}
    return [{"quantity": quantity, "price_data": data}]


class Payer:
    """Somebody at the hosted page, following no redirect by himself."""

    def __init__(self, client: stripe.StripeClient, browser: requests.Session) -> None:
        self.client = client
        self._browser = browser

    def session(self, **changes: Any) -> Session:
        return self.client.v1.checkout.sessions.create(order(**changes))

    def post(self, url: str | None, **form: str) -> requests.Response:
        assert url
        return self._browser.post(url, data=form, allow_redirects=False, timeout=5)

    def get(self, url: str | None, **headers: str) -> requests.Response:
        assert url
        return self._browser.get(url, headers=headers, allow_redirects=False, timeout=5)

    def paid(self, **changes: Any) -> Session:
        """A new session, paid by card, as it stands afterwards."""
        session = self.session(**changes)
        assert self.post(session.url, outcome="succeed").status_code == 303
        return self.again(session)

    def again(self, session: Session, *expand: str) -> Session:
        return self.client.v1.checkout.sessions.retrieve(session.id, {"expand": list(expand)})


class Receiver:
    """A webhook's far end. Answers with the statuses in `script`, then with 200."""

    def __init__(self) -> None:
        self.script: list[int] = []
        self._arrived: queue.Queue[tuple[bytes, str]] = queue.Queue()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.script.pop(0) if receiver.script else 200
                if status == 200:
                    receiver._arrived.put((body, self.headers["Stripe-Signature"]))
                self.send_response(status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/stripe/webhook"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self) -> stripe.Event:
        """The next event, its signature verified by the SDK."""
        body, signature = self._arrived.get(timeout=5)
        event: stripe.Event = stripe.Webhook.construct_event(body, signature, SECRET)
        return event

    def types(self, sandbox: Sandbox) -> list[str]:
        """What has arrived once everything due was sent."""
        sandbox.deliver()
        found = []
        while not self._arrived.empty():
            found.append(str(self.take().type))
        return found


def unknown_fields(body: Any, kind: type[StripeObject], path: str = "") -> Iterator[str]:
    """Fields of an answer that the SDK's class does not annotate, at any depth."""
    for name, value in body.items():
        hints = kind.__annotations__
        if name not in hints:
            yield f"{path}{kind.__name__}.{name}"
            continue
        for item in value if isinstance(value, list) else [value]:
            inner = _class_of(item, hints[name])
            if inner:
                yield from unknown_fields(item, inner, f"{path}{name} > ")


def _class_of(value: Any, hint: Any) -> type[StripeObject] | None:
    if not isinstance(value, dict):
        return None
    if str(value.get("object")) in BY_OBJECT:
        return BY_OBJECT[str(value["object"])]
    leaves = [leaf for leaf in _leaves(hint) if isinstance(leaf, type) and issubclass(leaf, StripeObject)]
    return leaves[0] if leaves else None


def _leaves(hint: Any) -> list[Any]:
    if get_origin(hint) in (Union, list):
        return [leaf for part in get_args(hint) for leaf in _leaves(part)]
    return [] if isinstance(hint, ForwardRef) else [hint]
