"""How long a payment waits that nobody tells us of: `python -m tests.bench.lost_webhook [--db sqlite|postgres]`.

The whole product runs in one process, with the rhythm it has in life. Each customer pays at the sandbox and never
comes back, and no webhook arrives; the seconds until the order is paid are what the sweep and the list of events
need.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import click
from sqlalchemy import select

from portal.kit.db import reading
from portal.orders.models import Order, OrderState
from tests.bench.import_and_pay import at_provider, contracts
from tests.bench.rig import backends, empty_database
from tests.journey.live import Live, live_portal

PAYMENTS: Final = 12
# Between two payments, so that they meet the schedules at different moments.
PAUSE_SECONDS: Final = 7.3
PATIENCE_SECONDS: Final = 180


def measure(backend: str) -> list[float]:
    """Seconds from the payment to the paid order, shortest first."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        live = stack.enter_context(live_portal(stack.enter_context(empty_database(backend)), folder))
        assert live.sandbox is not None
        live.sandbox.modes(drop=True)
        paid_at: dict[str, float] = {}
        waited: dict[str, float] = {}
        for number in contracts(live, PAYMENTS):
            _pay_and_leave(live, number)
            paid_at[live.orders()[-1].number] = time.monotonic()
            _note(live, paid_at, waited, time.monotonic() + PAUSE_SECONDS)
        _note(live, paid_at, waited, time.monotonic() + PATIENCE_SECONDS)
        assert len(waited) == PAYMENTS, f"{PAYMENTS - len(waited)} payments were never settled"
        assert live.breaks() == []
        return sorted(waited.values())


def _pay_and_leave(live: Live, number: str) -> None:
    customer = at_provider(live, number)
    form = customer.form("pay").values | {"outcome": "succeed"}
    customer.http.post(customer.url, data=form, allow_redirects=False, timeout=20)


def _note(live: Live, paid_at: dict[str, float], waited: dict[str, float], until: float) -> None:
    """Look every tenth of a second which orders are paid, until all are or the time is over."""
    while time.monotonic() < until and len(waited) < PAYMENTS:
        with live.app.app_context(), reading() as db:
            done = db.scalars(select(Order.number).where(Order.state == OrderState.PAID)).all()
        for number in done:
            waited.setdefault(number, time.monotonic() - paid_at[number])
        time.sleep(0.1)


def main() -> None:
    click.echo(f"| | payments | median s | most s |\n|{'---|' * 4}")
    for backend in backends():
        seconds = measure(backend)
        click.echo(f"| {backend} | {len(seconds)} | {seconds[len(seconds) // 2]:.1f} | {seconds[-1]:.1f} |")


if __name__ == "__main__":
    main()
