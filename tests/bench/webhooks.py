"""The provider's door under load: `python -m tests.bench.webhooks [--db sqlite|postgres]`.

Intake: signed webhooks over 16 connections to a real server (granian as in production: two processes of four
threads), percentiles of the answer. Burst: 1,000 events are posted at once, and the time until all are handled.
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
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Final

from sqlalchemy import func, select

from payments.inbox.models import EventState, ProviderEvent
from portal.checkout import flows
from portal.kit.db import reading
from tests.bench.rig import backends, empty_database
from tests.conftest import make_settings
from tests.portal.checkout.support import use

SECRET: Final = "whsec_bench"
CONNECTIONS: Final = 16
EACH: Final = 250
BURST: Final = 1_000


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


def post(port: int, first: int, count: int) -> list[float]:
    """Post so many webhooks over one connection; seconds of each answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    taken = []
    for number in range(first, first + count):
        body, headers = signed(number)
        began = time.perf_counter()
        connection.request("POST", "/stripe/webhook", body, headers)
        answer = connection.getresponse()
        answer.read()
        taken.append(time.perf_counter() - began)
        if answer.status != 200:
            raise RuntimeError(f"the door answered {answer.status}")
    return taken


def signed(number: int) -> tuple[bytes, dict[str, str]]:
    now = int(time.time())
    event = {
        "id": f"evt_bench_{number}", "object": "event", "type": "customer.created", "livemode": False,
        "created": now, "data": {"object": {"id": f"cus_{number}", "object": "customer"}},
    }  # fmt: skip
    body = json.dumps(event).encode()
    digest = hmac.new(SECRET.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    return body, {"Stripe-Signature": f"t={now},v1={digest}", "Content-Type": "application/json"}


def intake(backend: str) -> None:
    with empty_database(backend) as url, server(url) as port, ThreadPoolExecutor(CONNECTIONS) as pool:
        post(port, 10**6, 50)  # warm
        began = time.perf_counter()
        runs = pool.map(lambda each: post(port, each * EACH, EACH), range(CONNECTIONS))
        taken = sorted(second * 1_000 for run in runs for second in run)
        seconds = time.perf_counter() - began
        cuts = statistics.quantiles(taken, n=100)
        print(  # noqa: T201
            f"| {backend} | {len(taken):,} | {len(taken) / seconds:,.0f} | {cuts[49]:.0f} | {cuts[94]:.0f} |"
            f" {cuts[98]:.0f} | {taken[-1]:.0f} |"
        )
        burst(url, port, backend, pool)


def burst(url: str, port: int, backend: str, pool: ThreadPoolExecutor) -> None:
    """Events that come at once are all handled; by one worker, as in the smallest installation."""
    from portal.app import create_app  # noqa: PLC0415 - after the server has its own

    began = time.perf_counter()
    list(pool.map(lambda each: post(port, 10**7 + each * 100, 100), range(BURST // 100)))
    posted = time.perf_counter() - began
    app = create_app(make_settings(PORTAL_DATABASE_URL=url, STRIPE_WEBHOOK_SECRET=SECRET))
    with app.app_context():
        use(app)
        while flows.handle_events():
            pass
        with reading() as db:
            left = db.scalar(select(func.count()).where(ProviderEvent.state == EventState.NEW)) or 0
            kept = db.scalar(select(func.count()).select_from(ProviderEvent)) or 0
    seconds = time.perf_counter() - began
    print(  # noqa: T201
        f"  {backend}: {BURST:,} at once taken in {posted:.1f} s; {kept:,} kept in all, handled {seconds:.1f} s"
        f" after the first, {left} left"
    )


def main() -> None:
    print("| database | webhooks | a second | 50 %, ms | 95 %, ms | 99 %, ms | most, ms |")  # noqa: T201
    print("|---|---|---|---|---|---|---|")  # noqa: T201
    for backend in backends():
        intake(backend)


if __name__ == "__main__":
    main()
