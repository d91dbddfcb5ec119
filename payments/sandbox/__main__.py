"""`python -m payments.sandbox --port 8420 --state var/sandbox`: runs until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from types import FrameType

from payments.sandbox.app import Sandbox, create_sandbox


def main(argv: list[str] | None = None) -> int:
    given = _arguments(argv)
    try:
        sandbox = create_sandbox(
            given.state,
            webhook=given.webhook,
            secret=given.webhook_secret,
            settle_seconds=given.settle_seconds,
            seller=given.seller,
            browser_base=given.browser_base,
        )
    except (OSError, ValueError) as error:
        return _complain(str(error))
    try:
        return _run(sandbox, given.port, given.host)
    except OSError as error:
        return _complain(f"cannot listen on {given.host}:{given.port}: {error.strerror}")
    except ValueError as error:
        return _complain(str(error))
    finally:
        sandbox.close()


def _run(sandbox: Sandbox, port: int, host: str) -> int:
    stop = threading.Event()

    def asked_to_stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, asked_to_stop)
    with sandbox.serving(port, host) as base:
        sys.stdout.write(f"Stripe sandbox ready at {base}\n")
        sys.stdout.flush()
        stop.wait()
    return 0


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m payments.sandbox", description="A local Stripe, for tests.")
    parser.add_argument("--port", type=int, default=8420, help="0 takes a free one (default 8420)")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address, nothing else")
    parser.add_argument("--state", default="var/sandbox", help="a folder, or a .db file")
    parser.add_argument("--webhook", help="where events are sent: http on a loopback address")
    parser.add_argument("--webhook-secret", default="whsec_sandbox", help="signs the events")
    parser.add_argument("--settle-seconds", type=float, default=5.0, help="how long a delayed payment takes")
    parser.add_argument("--browser-base", default="", help="where browsers reach it, if not where the portal does")
    parser.add_argument("--seller", default="", help="the seller's name on the hosted page")
    return parser.parse_args(argv)


def _complain(message: str) -> int:
    sys.stderr.write(f"sandbox: {message}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
