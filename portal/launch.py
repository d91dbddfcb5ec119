"""`make run`: one command that prepares all and starts the portal and, without Stripe keys, the local sandbox."""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from dotenv import dotenv_values
from flask import Flask
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from portal import demo
from portal.accounts.signin.demo import PASSWORD, PEOPLE
from portal.app import create_app
from portal.cli import LEFT_OUT, prepare_database
from portal.kit.settings import ROOT, Mode, Settings, SettingsError, load

HOST = "127.0.0.1"
PORTAL_PORT, SANDBOX_PORT = 8000, 8420
READY_SECONDS = 60
STOP_SECONDS = 15
PR_SET_PDEATHSIG = 1


class CannotStart(Exception):
    """Something outside keeps the portal from starting; the message says what to do."""


def main() -> int:
    """Prepare, start, wait for Ctrl-C, stop. Returns the exit code."""
    # People's data and generated secrets are nobody else's on this machine.
    os.umask(0o077)
    # SIGTERM (from an init system) stops as cleanly as Ctrl-C does.
    signal.signal(signal.SIGTERM, _interrupt)
    running: list[subprocess.Popen[bytes]] = []
    try:
        settings, port, sandbox_port = _prepare()
        if sandbox_port:
            running.append(_start_sandbox(settings, sandbox_port))
            _wait_for(f"{settings.stripe_api_base}/_sandbox/state", running)
        app = create_app(settings)
        _fill(app, settings)
        running.append(_start_portal(settings, port))
        _wait_for(f"http://{HOST}:{port}/healthz", running)
        _greet(settings, sandbox_port)
        return _watch(running)
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        print(f"The portal cannot start.\nPORTAL_DATABASE_URL: {_database_trouble(error)}", file=sys.stderr)
        return 1
    except (CannotStart, SettingsError) as error:
        print(f"The portal cannot start.\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopping…")
        return 0
    finally:
        _stop(running)


def _database_trouble(error: Exception) -> str:
    """What is wrong with the database, without its address, which may hold a password."""
    if isinstance(error, OperationalError):
        return "the database does not answer; is it running, and are host, port, user and password right?"
    return "this kind of database cannot be used; name SQLite or PostgreSQL."


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _prepare() -> tuple[Settings, int, int | None]:
    """Settings with ports and secrets filled in, the portal's port, and the sandbox's (None: no sandbox)."""
    given = {k: v for k, v in dotenv_values(ROOT / ".env").items() if v} | dict(os.environ)
    if given.get("PORTAL_MODE") == Mode.PRODUCTION:
        return load(), _port("PORTAL_PORT", PORTAL_PORT, given), None
    port = _port("PORTAL_PORT", PORTAL_PORT, given)
    sandbox_port = None
    filled = {"PORTAL_BASE_URL": given.get("PORTAL_BASE_URL") or f"http://{HOST}:{port}"}
    if not given.get("STRIPE_API_KEY"):
        sandbox_port = _port("SANDBOX_PORT", SANDBOX_PORT, given, taken={port})
        filled |= {
            "STRIPE_API_BASE": f"http://{HOST}:{sandbox_port}",
            "STRIPE_BROWSER_BASE": f"http://{HOST}:{sandbox_port}",
        }
    elif not given.get("STRIPE_WEBHOOK_SECRET"):
        raise CannotStart("STRIPE_API_KEY is set; set STRIPE_WEBHOOK_SECRET too, from Stripe's webhook page.")
    folder = Path(given.get("PORTAL_DATA_DIR") or ROOT / "var")
    _keep_secrets(folder, filled, made_up_stripe=sandbox_port is not None)
    return load(), port, sandbox_port


def _keep_secrets(folder: Path, filled: Mapping[str, str], made_up_stripe: bool) -> None:
    """Write secrets.env, which every `flask` command reads: generated once, addresses as of this start."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "secrets.env"
    old = {k: v for k, v in dotenv_values(path).items() if v}
    kept = {"PORTAL_SECRET_KEY": old.get("PORTAL_SECRET_KEY") or secrets.token_urlsafe(48)}
    if made_up_stripe:
        kept["STRIPE_API_KEY"] = old.get("STRIPE_API_KEY") or f"sk_test_{secrets.token_hex(16)}"
        kept["STRIPE_WEBHOOK_SECRET"] = old.get("STRIPE_WEBHOOK_SECRET") or f"whsec_{secrets.token_hex(16)}"
    lines = [f"{name}={value}\n" for name, value in (kept | dict(filled)).items()]
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(lines)


def _port(name: str, default: int, given: Mapping[str, str], taken: set[int] | None = None) -> int:
    """The wanted port; a taken default moves to the next with a message, a taken wish is an error."""
    if given.get(name):
        try:
            port = int(given[name])
        except ValueError:
            raise CannotStart(f"{name} must be a number, not {given[name]!r}.") from None
        if not 1 <= port <= 65535 or not _is_free(port):
            raise CannotStart(f"{name}={port} cannot be used: something listens there already. Choose another.")
        return port
    for port in range(default, default + 100):
        if port not in (taken or set()) and _is_free(port):
            if port != default:
                print(f"Port {default} is taken; using {port}.")
            return port
    raise CannotStart(f"No free port from {default} to {default + 99}. Set {name}.")


def _is_free(port: int) -> bool:
    # Granian shares a taken port without a word (SO_REUSEPORT), so ask by connecting first.
    with socket.socket() as probe:
        probe.settimeout(0.5)
        if probe.connect_ex((HOST, port)) == 0:
            return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _start_sandbox(settings: Settings, port: int) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "payments.sandbox", "--port", str(port),
        "--state", str(settings.data_dir / "sandbox.db"),
        "--webhook", f"{settings.base_url}/stripe/webhook",
        "--webhook-secret", settings.stripe_webhook_secret.get_secret_value(), "--seller", settings.seller,
    ]  # fmt: skip
    return _child(command, stdout=subprocess.DEVNULL)


def _start_portal(settings: Settings, port: int) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port),
        "--workers", "1", "--blocking-threads", "8", "--respawn-failed-workers",
        "--no-access-log", "--log-level", "error", "wsgi:app",
    ]  # fmt: skip
    return _child(command, env=os.environ | {"PORTAL_WORKER_INSIDE": "1"})


def _child(command: list[str], **more: Any) -> subprocess.Popen[bytes]:
    """Own session: Ctrl-C reaches this process alone, which then stops the others in order."""
    return subprocess.Popen(  # noqa: S603
        command,
        cwd=ROOT,
        start_new_session=True,
        preexec_fn=_end_with(os.getpid()),  # noqa: PLW1509 - this process has one thread
        **more,
    )


def _end_with(parent: int) -> Callable[[], None] | None:
    """What a child does first so that it ends with `parent`, even if that is killed outright and can stop nobody.
    Linux only; elsewhere such a child lives on."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl  # looked up before the fork

    def begin() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it was gone already
            os.kill(os.getpid(), signal.SIGTERM)

    return begin


def _fill(app: Flask, settings: Settings) -> None:
    with app.app_context():
        prepare_database(settings)
        if settings.mode is Mode.DEMO:
            if demo.is_wanted():
                print("Filling in demo companies, contracts and orders (once)…", flush=True)
            filled = demo.seed_if_empty()
            if filled and filled.left_out:
                print(LEFT_OUT[filled.left_out])


def _wait_for(url: str, running: list[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if any(process.poll() is not None for process in running):
            raise CannotStart("A part of it ended while starting; its message stands above.")
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  # nosec B310
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise CannotStart(f"{url} did not answer within {READY_SECONDS} seconds.")


def _greet(settings: Settings, sandbox_port: int | None) -> None:
    print(f"\nPortal ready at {settings.base_url}")
    if sandbox_port:
        print(f"Stripe sandbox at {settings.stripe_api_base} (practice: no real money moves)")
    elif settings.stripe_api_base:
        print(f"Payments go to {settings.stripe_api_base}")
    if settings.mode is Mode.DEMO:
        print(f"\nDemo people; the password of all is {PASSWORD}")
        for person in PEOPLE:
            print(f"  {person.email:24} {person.name}, {person.what}")
    print("\nCtrl-C stops it.", flush=True)


def _watch(running: list[subprocess.Popen[bytes]]) -> int:
    while all(process.poll() is None for process in running):
        time.sleep(0.5)
    print("A part of the portal ended; stopping the rest.", file=sys.stderr)
    return 1


def _stop(running: list[subprocess.Popen[bytes]]) -> None:
    """Portal first, so that nobody pays at a sandbox that is gone; then the sandbox."""
    for process in reversed(running):
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


if __name__ == "__main__":
    sys.exit(main())
