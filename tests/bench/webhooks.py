"""R9: the provider's door under load: `python -m tests.bench.webhooks [--db sqlite|postgres]`.

Intake: signed webhooks over 16 connections to a real server (granian as in production: two processes of four
threads), percentiles of the answer. Burst: 500 payments at once, two events each, and the time until one worker
has settled them all (the provider answers from memory, so it is our own work that is measured).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import product
from typing import Final

from sqlalchemy import func, select

from payments.inbox.models import EventState, ProviderEvent
from portal.checkout import flows
from portal.kit.db import reading
from portal.orders.models import Order, OrderState
from tests.bench.rig import backends, empty_database
from tests.conftest import make_settings
from tests.portal.checkout.support import open_page, renewal, use

SECRET: Final = "whsec_bench"
CONNECTIONS: Final = 16
EACH: Final = 250
PAYMENTS: Final = 500
BURST_TYPES: Final = ("checkout.session.completed", "checkout.session.async_payment_succeeded")

Told = tuple[int, str, str]  # the event's number, its type, the object's id


@contextmanager
def server(url: str) -> Iterator[int]:
    """The portal under granian on a free port of this machine, without a background of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = {
        "PORTAL_SECRET_KEY": "b" * 40, "PORTAL_MODE": "test", "PORTAL_DATABASE_URL": url,
        "PORTAL_BASE_URL": f"http://127.0.0.1:{port}", "PORTAL_SELLER_NAME": "Bench",
        "PORTAL_SELLER_ZONE": "Asia/Shanghai", "PORTAL_BOOKS_CURRENCY": "CNY", "STRIPE_API_KEY": "sk_test_bench",
        "STRIPE_WEBHOOK_SECRET": SECRET, "PORTAL_TRUSTED_HOSTS": "127.0.0.1",
    }  # fmt: skip
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
               "--workers", "2", "--blocking-threads", "4", "--log-level", "error", "wsgi:app"]  # fmt: skip
    running = subprocess.Popen(command, env={**os.environ, **told}, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port
    finally:
        running.terminate()
        running.wait(10)


def _wait_for(port: int) -> None:
    for _try in range(200):
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/healthz")
            if connection.getresponse().status < 500:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def strangers(first: int, count: int) -> list[Told]:
    """Events that are kept and mean nothing to us."""
    return [(number, "customer.created", f"cus_{number}") for number in range(first, first + count)]


def post(port: int, events: Sequence[Told]) -> list[float]:
    """Post them over one connection; seconds of each answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    taken = []
    for number, type_, object_id in events:
        body, headers = signed(number, type_, object_id)
        began = time.perf_counter()
        connection.request("POST", "/stripe/webhook", body, headers)
        answer = connection.getresponse()
        answer.read()
        taken.append(time.perf_counter() - began)
        if answer.status != 200:
            raise RuntimeError(f"the door answered {answer.status}")
    return taken


def signed(number: int, type_: str, object_id: str) -> tuple[bytes, dict[str, str]]:
    now = int(time.time())
    event = {
        "id": f"evt_bench_{number}", "object": "event", "type": type_, "livemode": False, "created": now,
        "data": {"object": {"id": object_id, "object": type_.rpartition(".")[0]}},
    }  # fmt: skip
    body = json.dumps(event).encode()
    digest = hmac.new(SECRET.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    return body, {"Stripe-Signature": f"t={now},v1={digest}", "Content-Type": "application/json"}


def intake(backend: str) -> None:
    with empty_database(backend) as url, server(url) as port, ThreadPoolExecutor(CONNECTIONS) as pool:
        post(port, strangers(10**6, 50))  # warm
        began = time.perf_counter()
        runs = pool.map(lambda each: post(port, strangers(each * EACH, EACH)), range(CONNECTIONS))
        taken = sorted(second * 1_000 for run in runs for second in run)
        seconds = time.perf_counter() - began
        cuts = statistics.quantiles(taken, n=100)
        print(  # noqa: T201
            f"| {backend} | {len(taken):,} | {len(taken) / seconds:,.0f} | {cuts[49]:.0f} | {cuts[94]:.0f} |"
            f" {cuts[98]:.0f} | {taken[-1]:.0f} |"
        )
        burst(url, port, backend, pool)


def burst(url: str, port: int, backend: str, pool: ThreadPoolExecutor) -> None:
    """Payments that are told at once are all settled; by one worker, as in the smallest installation."""
    from portal.app import create_app  # noqa: PLC0415 - after the server has its own

    app = create_app(make_settings(PORTAL_DATABASE_URL=url, STRIPE_WEBHOOK_SECRET=SECRET))
    with app.app_context():
        while flows.handle_events():  # the intake's
            pass
        gateway = use(app)
        pages = [open_page(renewal()) for _ in range(PAYMENTS)]
        for page in pages:
            gateway.pay(page)
        told = [(10**7 + i, type_, page) for i, (type_, page) in enumerate(product(BURST_TYPES, pages))]
        began = time.perf_counter()
        list(pool.map(lambda first: post(port, told[first : first + 100]), range(0, len(told), 100)))
        posted = time.perf_counter() - began
        while flows.handle_events():
            pass
        seconds = time.perf_counter() - began
        with reading() as db:
            left = db.scalar(select(func.count()).where(ProviderEvent.state == EventState.NEW)) or 0
            paid = db.scalar(select(func.count()).where(Order.state == OrderState.PAID)) or 0
    print(  # noqa: T201
        f"  {backend}: {len(told):,} events of {PAYMENTS} payments at once, taken in {posted:.1f} s; {paid} orders"
        f" paid {seconds:.1f} s after the first, {left} events left"
    )


def main() -> None:
    print("| database | webhooks | a second | 50 %, ms | 95 %, ms | 99 %, ms | most, ms |")  # noqa: T201
    print("|---|---|---|---|---|---|---|")  # noqa: T201
    for backend in backends():
        intake(backend)


if __name__ == "__main__":
    main()
